import { z } from 'zod'
import { recordAccess } from '../../audit/index.ts'
import { runbooks as shapes } from '../../contracts/index.ts'
import type { Database } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import { type Route, route } from '../../kernel/index.ts'
import type { Acting } from '../acting.ts'
import type { AutomationDefinition } from '../automation/definition.ts'
import { drillGated } from '../authority.ts'
import { refuse } from '../errors.ts'
import type { Scope } from '../scope.ts'
import { addAction, closeAction, listActions } from '../stopping/actions.ts'
import { endDrill, listDrills, startDrill } from './drills.ts'
import { keepRunbook, latestRunbook } from './runbooks.ts'

const one = z.object({ id: z.string().max(80) })
const nobodys = { nothing: 'about programs and their rules, and nobody’s data' } as const

/** Runbooks, drills, and what is done after an incident. `roles`: those that may be named. */
export function runbookRoutes({
  database,
  record,
  acting,
  roles,
}: {
  database: Database
  record: FhirRecord
  acting: Acting
  roles: readonly string[]
}): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/automations/:id/runbook',
      summary: 'What to do when an automation fails, and the drills that were held',
      access: { permission: 'release.read' },
      style: 'api',
      audits: nobodys,
      params: one,
      reply: shapes.runbookPage,
      handle: async (context, { params }) => ({
        body: await database.reading(context.tenant, async (tx) => {
          const [head] = await tx.query<{ definition: AutomationDefinition }>({
            text: `select v.definition from automation a join automation_version v on v.tenant_id = a.tenant_id and v.automation = a.id and v.version = a.active_version
                   where a.tenant_id = $1 and a.id = $2`,
            values: [tx.tenant, params.id],
          })
          if (!head) throw refuse('automation-not-found', { faults: [{ path: 'id', message: params.id }] })
          return {
            automation: params.id,
            title: head.definition.title,
            runbook: await latestRunbook(tx, params.id),
            drills: await listDrills(tx, params.id),
            gates: drillGated,
          }
        }),
      }),
    }),
    route({
      method: 'POST',
      path: '/api/automations/:id/runbook',
      summary: 'Write what to do when an automation fails',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['runbook-written'],
      params: one,
      body: shapes.newRunbook,
      reply: shapes.runbookKept,
      handle: (context, { params, body }) =>
        acting(context, { code: 'runbook-written', automation: params.id, action: 'C' }, async (tx) => {
          const { version, changed } = await keepRunbook(tx, context, { automation: params.id, ...body, roles })
          return { status: changed ? 201 : 200, body: { version, changed } }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/automations/:id/drills',
      summary: 'Switch the fallback on in a part of the organisation for a while, and count what reaches people',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['drill-started'],
      params: one,
      body: shapes.newDrill,
      reply: shapes.drillStarted,
      handle: (context, { params, body }) =>
        acting(context, { code: 'drill-started', automation: params.id, action: 'C' }, async (tx) => {
          const scope: Scope = JSON.parse(JSON.stringify(body.scope))
          const { id, until } = await startDrill(tx, context, { automation: params.id, ...body, scope })
          return { status: 201, body: { id, until: new Date(until).toISOString() } }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/automations/drills/:id/end',
      summary: 'End a drill before its time',
      access: { permission: 'release.stop' },
      style: 'api',
      audits: ['drill-ended'],
      params: one,
      handle: (context, { params }) =>
        database.transaction(context.tenant, async (tx) => {
          const { automation, ended } = await endDrill(tx, context, record, params.id)
          if (!ended) throw refuse('drill-ended')
          const about = [
            { kind: 'automation', id: automation },
            { kind: 'drill', id: params.id },
          ]
          await recordAccess(tx, context, [{ action: 'U', code: 'drill-ended', entities: [], about }])
          return { status: 204 }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/incidents/:id/actions',
      summary: 'What is done after an incident so that it does not happen again',
      access: { permission: 'release.read' },
      style: 'api',
      audits: nobodys,
      params: one,
      reply: shapes.actionList,
      handle: async (context, { params }) => ({
        body: await database.reading(context.tenant, (tx) => listActions(tx, params.id)),
      }),
    }),
    route({
      method: 'POST',
      path: '/api/incidents/:id/actions',
      summary: 'Add what is to be done after an incident, with how surely it works',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['incident-action'],
      params: one,
      body: shapes.newAction,
      reply: shapes.actionMade,
      handle: (context, { params, body }) =>
        database.transaction(context.tenant, async (tx) => {
          if (!roles.includes(body.owner))
            throw refuse('role-unknown', { faults: [{ path: 'owner', message: `there is no role ${body.owner}` }] })
          const { id } = await addAction(tx, context, params.id, body)
          const about = [{ kind: 'incident', id: params.id }]
          await recordAccess(tx, context, [{ action: 'C', code: 'incident-action', entities: [], about }])
          return { status: 201, body: { id } }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/incidents/actions/:id/close',
      summary: 'Close an action with the new test or metric that watches from now on',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['incident-action'],
      params: one,
      body: shapes.actionClosing,
      handle: (context, { params, body }) =>
        database.transaction(context.tenant, async (tx) => {
          const { incident } = await closeAction(tx, context, params.id, body)
          const about = [{ kind: 'incident', id: incident }]
          await recordAccess(tx, context, [{ action: 'U', code: 'incident-action', entities: [], about }])
          return { status: 204 }
        }),
    }),
  ]
}
