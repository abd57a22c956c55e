import { z } from 'zod'
import { recordAccess } from '../audit/index.ts'
import { release as shapes } from '../contracts/index.ts'
import type { Database, Tx } from '../db/index.ts'
import type { FhirRecord } from '../fhir/index.ts'
import { type CallContext, type Route, route } from '../kernel/index.ts'
import { createActing } from './acting.ts'
import { levels } from './authority.ts'
import { reverseDecision } from './decisions/reverse.ts'
import { refuse } from './errors.ts'
import { judgementRoutes } from './comparison/routes.ts'
import { flagRoutes } from './flags/routes.ts'
import { listAutomations, readAutomationPage } from './queries/automations.ts'
import { decisionShows, listDecisions, readDecisionPage } from './queries/decisions.ts'
import { replayVersion } from './queries/replay-version.ts'
import { listRollouts } from './queries/rollouts.ts'
import type { Release } from './release.ts'
import type { Scope } from './scope.ts'
import { safetyRoutes } from './safety/routes.ts'
import { runbookRoutes } from './runbooks/routes.ts'
import { watchRoutes } from './watching/routes.ts'
import { closeIncident, listIncidents, readIncident } from './stopping/incidents.ts'

export interface ReleaseRoutesDependencies {
  database: Database
  release: Release
  /** IANA zone of the clinic's day. */
  zone: string
  record: FhirRecord
  /** Roles that may answer for something. */
  roles: readonly string[]
  /** Names of those of the patients whom the caller may see. */
  patients(tx: Tx, context: CallContext, references: readonly string[]): Promise<ReadonlyMap<string, string>>
}

const one = z.object({ id: z.string().max(80) })
const nobodys = { nothing: 'about programs and their rules, and nobody’s data' } as const

/** A scope as the API has it, without what is not said. */
const scopeOf = (scope: z.infer<typeof shapes.scope>): Scope => JSON.parse(JSON.stringify(scope))

export function releaseRoutes(dependencies: ReleaseRoutesDependencies): Route[] {
  const { database, release } = dependencies
  const inTx = <T>(context: CallContext, work: (tx: Tx) => Promise<T>) => database.transaction(context.tenant, work)
  const sees = (tx: Tx, context: CallContext) => (patients: readonly string[]) =>
    dependencies.patients(tx, context, patients)
  const acting = createActing(database)
  return [
    ...judgementRoutes(dependencies),
    ...flagRoutes({ database, roles: dependencies.roles }),
    ...watchRoutes({ database, acting }),
    ...safetyRoutes({ database, hazards: release.hazards }),
    ...runbookRoutes({ database, record: dependencies.record, acting, roles: dependencies.roles }),
    route({
      method: 'GET',
      path: '/api/automations',
      summary: 'Every automation: what it may do where, and how its decisions of 30 days ended',
      access: { permission: 'release.read' },
      style: 'api',
      audits: nobodys,
      reply: shapes.automationList,
      handle: async (context) => ({ body: await inTx(context, (tx) => listAutomations(tx, context.clock.now())) }),
    }),
    route({
      method: 'POST',
      path: '/api/automations/check',
      summary: 'What the checker says of an automation; nothing is stored',
      access: { permission: 'release.read' },
      style: 'api',
      audits: { nothing: 'looks at a text that came with the call' },
      body: shapes.automationSource,
      reply: shapes.automationChecked,
      handle: async (_context, { body }) => ({ body: { findings: release.automations.check(body.source) } }),
    }),
    route({
      method: 'POST',
      path: '/api/automations',
      summary: 'Publish a version of an automation; it has no authority yet',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['automation-published'],
      body: shapes.newAutomation,
      reply: shapes.automationPublished,
      handle: (context, { body }) =>
        inTx(context, async (tx) => {
          const published = await release.automations.publish(tx, context, body.source, body.note)
          await recordAccess(tx, context, [
            {
              action: published.changed ? 'C' : 'R',
              code: 'automation-published',
              entities: [],
              about: [{ kind: 'automation', id: `${published.automation}/${published.version}` }],
            },
          ])
          return { status: published.changed ? 201 : 200, body: published }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/automations/:id',
      summary: 'An automation with its versions, evidence, requests and history',
      access: { permission: 'release.read' },
      style: 'api',
      audits: nobodys,
      params: one,
      reply: shapes.automation,
      handle: async (context, { params }) => ({
        body: await inTx(context, (tx) => readAutomationPage(tx, params.id, context.clock.now())),
      }),
    }),
    route({
      method: 'POST',
      path: '/api/automations/:id/evidence',
      summary: 'Make evidence for the next level out of the settled cases of a level',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['automation-evidence'],
      params: one,
      body: shapes.newEvidence,
      reply: shapes.evidenceMade,
      handle: (context, { params, body }) =>
        acting(context, { code: 'automation-evidence', automation: params.id, action: 'C' }, async (tx) => ({
          status: 201,
          body: await release.ladder.makeEvidence(tx, context, {
            automation: params.id,
            ...body,
            scope: scopeOf(body.scope),
          }),
        })),
    }),
    route({
      method: 'POST',
      path: '/api/automations/:id/rises',
      summary: 'Ask for one level more; two people sign',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['automation-rise-asked'],
      params: one,
      body: shapes.newRise,
      reply: shapes.riseMade,
      handle: (context, { params, body }) =>
        acting(context, { code: 'automation-rise-asked', automation: params.id, action: 'C' }, async (tx) => {
          const { to, scope, ...rest } = body
          const asked = { automation: params.id, ...rest, scope: scopeOf(scope), level: to }
          return { status: 201, body: { id: await release.ladder.askRise(tx, context, asked) } }
        }),
    }),
    ...(['clinical', 'technical'] as const).map((side) =>
      route({
        method: 'POST',
        path: `/api/automations/rises/:id/sign-${side}`,
        summary: `Sign a rise, ${side === 'clinical' ? 'clinically' : 'technically'}; with the second signature it happens`,
        access: { permission: `release.sign-${side}` },
        style: 'api',
        audits: ['automation-rise-signed'],
        params: one,
        reply: shapes.signed,
        handle: (context, { params }) =>
          acting(context, { code: 'automation-rise-signed', automation: params.id }, async (tx) => {
            const { automation, risen } = await release.ladder.signRise(tx, context, params.id, side)
            return { body: { automation, risen } }
          }),
      }),
    ),
    route({
      method: 'DELETE',
      path: '/api/automations/rises/:id',
      summary: 'Take a request for a rise back',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['automation-rise-dropped'],
      params: one,
      handle: (context, { params }) =>
        acting(context, { code: 'automation-rise-dropped', automation: params.id }, async (tx) => {
          await release.ladder.dropRise(tx, context, params.id)
          return { status: 204 }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/automations/:id/promote',
      summary: 'Let the version that only looked on answer from now on, under its own authority',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['automation-promoted'],
      params: one,
      reply: shapes.promoted,
      handle: (context, { params }) =>
        acting(context, { code: 'automation-promoted', automation: params.id }, async (tx) => ({
          body: { version: await release.promote(tx, context, params.id) },
        })),
    }),
    route({
      method: 'POST',
      path: '/api/automations/:id/train',
      summary:
        'Fit the next version to the clinic’s own cases and judge it on the last of them; it looks on until it is promoted',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['automation-trained'],
      params: one,
      body: shapes.newTraining,
      reply: shapes.trained,
      handle: (context, { params, body }) =>
        acting(context, { code: 'automation-trained', automation: params.id, action: 'C' }, async (tx) => ({
          status: 201,
          body: await release.train(tx, context, { automation: params.id, ...body }),
        })),
    }),
    route({
      method: 'POST',
      path: '/api/automations/:id/stop',
      summary: 'Lower what an automation may do, at once: what it has queued or proposed goes to people',
      access: { permission: 'release.stop' },
      style: 'api',
      audits: ['automation-stopped'],
      params: one,
      body: shapes.stop,
      reply: shapes.stopped,
      handle: (context, { params, body }) =>
        inTx(context, async (tx) => {
          const knownGoodAt = body.knownGoodAt === undefined ? undefined : Date.parse(body.knownGoodAt)
          if (body.to === levels.at(-1)) throw refuse('not-a-fall', { faults: [{ path: 'to', message: body.to }] })
          const { to, reason } = body
          return {
            status: 201,
            body: await release.stop(tx, context, {
              automation: params.id,
              scope: scopeOf(body.scope),
              to,
              cause: 'person',
              reason,
              knownGoodAt,
            }),
          }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/decisions',
      summary: 'What automations were asked, newest first',
      access: { permission: 'release.read' },
      style: 'api',
      audits: ['decision-list'],
      query: z.object({
        automation: z.string().max(80).optional(),
        show: z.enum(Object.keys(decisionShows) as [keyof typeof decisionShows]).default('all'),
        after: z
          .string()
          .regex(/^\d{4}-\d\d-\d\dT[\d:.]+Z \S{1,80}$/)
          .optional(),
      }),
      reply: shapes.decisionList,
      handle: (context, { query }) =>
        inTx(context, async (tx) => {
          const { automation, show, after } = query
          const body = await listDecisions(tx, { automation, show, after }, sees(tx, context))
          await recordAccess(tx, context, [
            {
              action: 'R',
              code: 'decision-list',
              entities: [],
              patients: [...new Set(body.items.map(({ patient }) => patient))],
            },
          ])
          return { body }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/decisions/:id',
      summary: 'One decision: what it went by, what came of it',
      access: { permission: 'release.read' },
      style: 'api',
      audits: ['decision-read'],
      params: one,
      reply: shapes.decision,
      handle: (context, { params }) =>
        inTx(context, async (tx) => {
          const body = await readDecisionPage(tx, params.id, sees(tx, context))
          await recordAccess(tx, context, [
            {
              action: 'R',
              code: 'decision-read',
              entities: [],
              patients: [body.patient],
              about: [{ kind: 'decision', id: params.id }],
            },
          ])
          return { body }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/decisions/:id/reverse',
      summary: 'Say afterwards that an answer was wrong, whoever gave it',
      access: { permission: 'work.act' },
      style: 'api',
      audits: ['decision-reversed'],
      params: one,
      body: shapes.reversal,
      reply: shapes.decision,
      handle: (context, { params, body }) =>
        inTx(context, async (tx) => {
          await readDecisionPage(tx, params.id, sees(tx, context))
          const { patient } = await reverseDecision(tx, context, params.id, body)
          await recordAccess(tx, context, [
            {
              action: 'U',
              code: 'decision-reversed',
              entities: [],
              patients: [patient],
              about: [{ kind: 'decision', id: params.id }],
            },
          ])
          return { body: await readDecisionPage(tx, params.id, sees(tx, context)) }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/automations/:id/replay',
      summary: 'What a version would have answered in the last days, beside what was said then',
      access: { permission: 'release.read' },
      style: 'api',
      audits: ['automation-replayed'],
      params: one,
      body: shapes.newReplay,
      reply: shapes.replayed,
      handle: (context, { params, body }) =>
        acting(context, { code: 'automation-replayed', automation: params.id, action: 'R' }, async (tx) => {
          const until = context.clock.now()
          const since = until - body.days * 86_400_000
          const asked = { automation: params.id, version: body.version, since, until }
          return { body: await replayVersion(tx, release.automations, asked) }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/automations/:id/never-event',
      summary: 'Something happened that must never happen: stop the automation where it did, without statistics',
      access: { permission: 'release.stop' },
      style: 'api',
      audits: ['automation-stopped'],
      params: one,
      body: shapes.neverEvent,
      reply: shapes.stopped,
      handle: (context, { params, body }) =>
        inTx(context, async (tx) => ({
          status: 201,
          body: await release.neverEvent(tx, context, { automation: params.id, ...body }),
        })),
    }),
    route({
      method: 'GET',
      path: '/api/rollouts',
      summary: 'Releases of an automation to a part of the patients: what ends them, and the evidence so far',
      access: { permission: 'release.read' },
      style: 'api',
      audits: nobodys,
      query: z.object({ automation: z.string().max(80) }),
      reply: shapes.rolloutList,
      handle: async (context, { query }) => ({
        body: await inTx(context, (tx) => listRollouts(tx, query.automation, context.clock.now())),
      }),
    }),
    route({
      method: 'POST',
      path: '/api/rollouts',
      summary: 'Begin a release; what ends it is frozen with it',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['rollout-started'],
      body: shapes.newRollout,
      reply: shapes.rolloutMade,
      handle: (context, { body }) =>
        acting(context, { code: 'rollout-started', automation: body.automation, action: 'C' }, async (tx) => {
          const { cohort, ...rest } = body
          const slices = cohort.slices.map(scopeOf)
          const id = await release.rollouts.start(tx, context, {
            ...rest,
            cohort: { ...cohort, slices, zone: dependencies.zone },
          })
          return { status: 201, body: { id } }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/rollouts/:id/tell',
      summary: 'Tell what happened to units of a release, or that nothing did',
      access: { permission: 'release.stop' },
      style: 'api',
      audits: ['rollout-told'],
      params: one,
      body: shapes.rolloutTold,
      handle: (context, { params, body }) =>
        inTx(context, async (tx) => {
          await release.rollouts.tell(tx, context, { rollout: params.id, ...body })
          await recordAccess(tx, context, [
            {
              action: 'C',
              code: 'rollout-told',
              entities: [],
              patients: body.units.filter((unit) => unit.startsWith('Patient/')),
              about: [{ kind: 'rollout', id: params.id }],
            },
          ])
          return { status: 204 }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/rollouts/:id/promote',
      summary: 'End a release well: refused, naming what is missing, until everything is shown',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['rollout-promoted'],
      params: one,
      handle: (context, { params }) =>
        acting(context, { code: 'rollout-promoted', automation: params.id }, async (tx) => ({
          body: await release.rollouts.promote(tx, context, params.id),
        })),
    }),
    route({
      method: 'POST',
      path: '/api/rollouts/:id/end',
      summary: 'End a release without a result: everybody gets the version that answers',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['rollout-ended'],
      params: one,
      handle: (context, { params }) =>
        acting(context, { code: 'rollout-ended', automation: params.id }, async (tx) => {
          await release.rollouts.end(tx, context, params.id)
          return { status: 204 }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/incidents',
      summary: 'What was stopped and why, open ones first',
      access: { permission: 'release.read' },
      style: 'api',
      audits: nobodys,
      reply: shapes.incidentList,
      handle: async (context) => ({ body: await inTx(context, listIncidents) }),
    }),
    route({
      method: 'GET',
      path: '/api/incidents/:id',
      summary: 'An incident with its look-back and timeline',
      access: { permission: 'release.read' },
      style: 'api',
      audits: ['incident-read'],
      params: one,
      reply: shapes.incident,
      handle: (context, { params }) =>
        inTx(context, async (tx) => {
          const body = await readIncident(tx, params.id, (patients) => dependencies.patients(tx, context, patients))
          await recordAccess(tx, context, [
            {
              action: 'R',
              code: 'incident-read',
              entities: [],
              patients: body.patients.map(({ patient }) => patient),
              about: [{ kind: 'incident', id: params.id }],
            },
          ])
          return { body }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/incidents/:id/close',
      summary: 'Close an incident, when every patient was looked back on',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['incident-closed'],
      params: one,
      body: shapes.closing,
      reply: shapes.incident,
      handle: (context, { params, body }) =>
        inTx(context, async (tx) => {
          await closeIncident(tx, context, params.id, body)
          const incident = await readIncident(tx, params.id, (patients) => dependencies.patients(tx, context, patients))
          await recordAccess(tx, context, [
            {
              action: 'U',
              code: 'incident-closed',
              entities: [],
              patients: incident.patients.map(({ patient }) => patient),
              about: [{ kind: 'incident', id: params.id }],
            },
          ])
          return { body: incident }
        }),
    }),
  ]
}
