import { z } from 'zod'
import { recordAccess } from '../audit/index.ts'
import { access } from '../contracts/index.ts'
import type { Database, Tx } from '../db/index.ts'
import { type CallContext, type Route, route } from '../kernel/index.ts'
import { allGlass, type BreakGlassDependencies, endGlass, glassReasons, myGlass, openGlass } from './break-glass.ts'
import { consentsOf } from './consent-words.ts'
import { may } from './permissions.ts'
import type { Policies } from './policies.ts'
import { type WhyDependencies, whyAccess } from './why.ts'

export interface AccessRoutesDependencies extends BreakGlassDependencies, WhyDependencies {
  database: Database
  policies: Policies
  /** Has the labels set anew, in the background, after this transaction. */
  relabel(tx: Tx, context: CallContext, version: number): Promise<void>
}

const id = z.string().max(64)

export function accessRoutes(dependencies: AccessRoutesDependencies): Route[] {
  const { database, policies, guard } = dependencies
  const inTx = <T>(context: CallContext, work: (tx: Tx) => Promise<T>) => database.transaction(context.tenant, work)
  return [
    route({
      method: 'GET',
      path: '/api/access/policies',
      summary: 'Versions of the policy, the one in force first',
      access: { permission: 'access.read' },
      style: 'api',
      audits: { nothing: 'rules about roles, and nobody’s data' },
      reply: access.policies,
      handle: async (context) => ({ body: { items: await inTx(context, (tx) => policies.list(tx)) } }),
    }),
    route({
      method: 'GET',
      path: '/api/access/policies/:version',
      summary: 'A version of the policy, with what the checker says of it today',
      access: { permission: 'access.read' },
      style: 'api',
      audits: { nothing: 'rules about roles, and nobody’s data' },
      params: z.object({ version: z.coerce.number().int().positive().max(1_000_000) }),
      reply: access.policyVersion,
      handle: async (context, { params }) => {
        const source = await inTx(context, (tx) => policies.source(tx, params.version))
        return { body: { version: params.version, source, findings: policies.check(source) } }
      },
    }),
    route({
      method: 'POST',
      path: '/api/access/policies/check',
      summary: 'What the checker says of a policy; nothing is stored',
      access: { permission: 'access.read' },
      style: 'api',
      audits: { nothing: 'looks at a text that came with the call' },
      body: access.policySource,
      reply: access.policyChecked,
      handle: async (_context, { body }) => ({ body: { findings: policies.check(body.source) } }),
    }),
    route({
      method: 'POST',
      path: '/api/access/policies',
      summary: 'Put a policy into force',
      access: { permission: 'access.manage' },
      style: 'api',
      audits: ['policy-published'],
      body: access.newPolicy,
      reply: access.policyPublished,
      handle: (context, { body }) =>
        inTx(context, async (tx) => {
          const { version, changed, relabel } = await policies.publish(tx, context, body.source, body.note)
          if (changed && relabel) await dependencies.relabel(tx, context, version)
          await recordAccess(tx, context, [
            {
              action: changed ? 'C' : 'R',
              code: 'policy-published',
              entities: [],
              about: [{ kind: 'policy', id: String(version) }],
            },
          ])
          return { status: changed ? 201 : 200, body: { version, changed, relabelling: changed && relabel } }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/access/why',
      summary: 'Why somebody can or cannot see a resource',
      access: 'signed-in',
      style: 'api',
      audits: ['why-access'],
      query: access.whyQuery,
      reply: access.whyAccess,
      handle: (context, { query }) =>
        inTx(context, async (tx) => {
          const reviewing = may(context.actor, 'access.review')
          const body = await whyAccess(tx, context, dependencies, { ...query, reviewing })
          await recordAccess(tx, context, [
            {
              action: 'R',
              code: 'why-access',
              entities: [query.resource],
              ...(query.account === undefined ? {} : { about: [{ kind: 'account', id: query.account }] }),
            },
          ])
          return { body }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/access/consents',
      summary: 'The consents of a patient that are held against calls',
      access: { permission: 'record.read' },
      style: 'api',
      audits: ['consents-read'],
      query: access.consentsQuery,
      reply: access.consents,
      handle: (context, { query }) =>
        inTx(context, async (tx) => {
          const body = await consentsOf(tx, context, guard, query.patient)
          await recordAccess(tx, context, [
            {
              action: 'R',
              code: 'consents-read',
              entities: body.items.map((item) => item.consent),
              patients: [query.patient],
            },
          ])
          return { body }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/access/break-glass/reasons',
      summary: 'What the dialog of emergency access offers',
      access: 'signed-in',
      style: 'api',
      audits: { nothing: 'a list of reasons, the same for everybody of a role' },
      reply: access.glassReasons,
      handle: async (context) => {
        const caller = await inTx(context, (tx) => guard.caller(tx, context))
        const rules = caller?.policy?.['break-glass']
        const allowed =
          caller?.kind === 'account' && (rules?.roles.some((role) => caller.roles.includes(role)) ?? false)
        return { body: { allowed, minutes: rules?.minutes ?? 0, items: glassReasons } }
      },
    }),
    route({
      method: 'POST',
      path: '/api/access/break-glass',
      summary: 'Open one patient’s record in an emergency',
      access: { permission: 'record.read' },
      style: 'api',
      audits: ['break-glass'],
      body: access.openGlass,
      reply: access.glass,
      handle: async (context, { body }) => ({
        status: 201,
        body: await inTx(context, (tx) => openGlass(tx, context, dependencies, body)),
      }),
    }),
    route({
      method: 'GET',
      path: '/api/access/break-glass',
      summary: 'What is open to the caller in an emergency now',
      access: 'signed-in',
      style: 'api',
      audits: { nothing: 'asked by every page for its banner; the opening itself was kept' },
      reply: access.myGlass,
      handle: async (context) => ({ body: await inTx(context, (tx) => myGlass(tx, context, dependencies)) }),
    }),
    route({
      method: 'DELETE',
      path: '/api/access/break-glass/:id',
      summary: 'End an emergency access early',
      access: 'signed-in',
      style: 'api',
      audits: ['break-glass-ended'],
      params: z.object({ id }),
      handle: async (context, { params }) => {
        await inTx(context, (tx) => endGlass(tx, context, params.id))
        return { body: {} }
      },
    }),
    route({
      method: 'GET',
      path: '/api/access/break-glass/all',
      summary: 'Every emergency access, newest first',
      access: { permission: 'access.review' },
      style: 'api',
      audits: ['break-glass-list'],
      query: z.object({ after: z.string().max(200).optional() }),
      reply: access.allGlass,
      handle: (context, { query }) =>
        inTx(context, async (tx) => {
          const body = await allGlass(tx, dependencies, query.after)
          await recordAccess(tx, context, [
            {
              action: 'R',
              code: 'break-glass-list',
              entities: [],
              patients: [...new Set(body.items.map((item) => item.patient.reference))],
            },
          ])
          return { body }
        }),
    }),
  ]
}
