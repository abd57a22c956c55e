import { z } from 'zod'
import { api, type LevelPolicyView, levelPolicy, type Levels, type LevelsPreview } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { type Route, route } from '../kernel/index.ts'
import {
  type LevelCount,
  levelsAt,
  levelsRefused,
  listSets,
  policyFaults,
  policyOf,
  previewLevels,
  setLevels,
  withdrawLevels,
  type WrittenPolicy,
  writtenPolicy,
} from '../work/index.ts'
import { type DeskDependencies, iso } from './desk.ts'
import { serviceAround } from './services/around.ts'

const month = 30 * 86_400_000
const policies = z.array(levelPolicy).min(1).max(100)
const lead = { permission: 'work.manage' }

/** Service levels: read, tried on last month's tasks, and set from a moment on. */
export function levelRoutes(dependencies: DeskDependencies): Route[] {
  const { database, record, routing, library, menu } = dependencies
  const { ontology } = routing

  return [
    route({
      method: 'GET',
      path: '/api/levels',
      summary: 'Service levels: those in force, those to come and those before',
      access: { permission: 'work.read' },
      style: 'api',
      audits: { nothing: 'rules of the house, no patient' },
      reply: api.levels,
      handle: (context) =>
        database.reading(context.tenant, async (tx): Promise<{ body: Levels }> => {
          const now = context.clock.now()
          const sets = await listSets(tx)
          const inForce = (await routing.levels.history(tx)).findLast(({ from }) => from <= now)?.version
          const state = (version: number, from: number, withdrawn: boolean) =>
            withdrawn
              ? ('withdrawn' as const)
              : version === inForce
                ? ('in-force' as const)
                : from > now
                  ? ('ahead' as const)
                  : ('past' as const)
          return {
            body: {
              newest: sets[0]?.version ?? 0,
              sets: [
                ...sets.map((one) => ({
                  version: one.version,
                  from: iso(one.from),
                  state: state(one.version, one.from.getTime(), one.withdrawnAt !== null),
                  note: one.note,
                  by: one.by,
                  policies: one.policies.map(viewOf),
                })),
                {
                  version: 0,
                  from: null,
                  state: state(0, 0, false),
                  note: '',
                  by: null,
                  policies: ontology.levels.map((one) => viewOf(writtenPolicy(one))),
                },
              ],
              choices: await choicesOf(tx, now),
            },
          }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/levels/preview',
      summary: 'How the tasks of the last 30 days would have stood with these service levels, beside those in force',
      access: lead,
      style: 'api',
      audits: { nothing: 'counts of tasks, no patient' },
      body: z.object({ policies }),
      reply: api.levelsPreview,
      handle: (context, { body }) =>
        database.reading(context.tenant, async (tx): Promise<{ body: LevelsPreview }> => {
          const now = context.clock.now()
          await refuseFaulty(tx, body.policies, now)
          const present = levelsAt(await routing.levels.history(tx), now)
          const asked = body.policies.map((one) => policyOf(one, ontology.calendars))
          const [then, before] = await previewLevels(tx, record, [asked, present], { from: now - month, now })
          return {
            body: {
              from: iso(now - month),
              looked: then?.looked ?? 0,
              more: then?.more ?? false,
              items: asked.map(({ id }) => ({
                id,
                now: then?.counts.get(id) ?? none,
                before: present.some((one) => one.id === id) ? (before?.counts.get(id) ?? none) : null,
              })),
              now: sumOf(then?.counts),
              before: sumOf(before?.counts),
            },
          }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/levels',
      summary: 'Set the service levels for tasks made from a moment on; without one, from now on',
      access: lead,
      style: 'api',
      audits: ['levels-set'],
      body: z.object({
        policies,
        note: z.string().trim().min(1).max(300),
        from: z.iso.datetime().optional(),
        /** The newest set that this one was made from. */
        after: z.number().int().min(0),
      }),
      reply: z.object({ version: z.number() }),
      handle: (context, { body }) =>
        database.transaction(context.tenant, async (tx) => {
          const now = context.clock.now()
          await refuseFaulty(tx, body.policies, now)
          const from = body.from === undefined ? now : Date.parse(body.from)
          const version = await setLevels(tx, context, { ...body, from })
          await dependencies.audit(tx, context, [
            { action: 'C', code: 'levels-set', entities: [], about: [{ kind: 'service-levels', id: String(version) }] },
          ])
          routing.levels.forget()
          return { status: 201, body: { version } }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/levels/:version/withdraw',
      summary: 'Take back service levels that lie ahead',
      access: lead,
      style: 'api',
      audits: ['levels-withdrawn'],
      params: z.object({ version: z.coerce.number().int().min(1) }),
      reply: z.object({ version: z.number() }),
      handle: (context, { params }) =>
        database.transaction(context.tenant, async (tx) => {
          await withdrawLevels(tx, context, params.version)
          await dependencies.audit(tx, context, [
            {
              action: 'U',
              code: 'levels-withdrawn',
              entities: [],
              about: [{ kind: 'service-levels', id: String(params.version) }],
            },
          ])
          routing.levels.forget()
          return { body: { version: params.version } }
        }),
    }),
  ]

  async function choicesOf(tx: Tx, at: number): Promise<Levels['choices']> {
    const { named } = await serviceAround(tx, dependencies, at)
    const services = await menu.live(tx)
    return {
      kinds: ontology.kinds.map(({ id, title }) => ({ id, title })),
      services: services.map(({ id, definition }) => ({ id, title: definition.title })),
      pathways: named.pathways,
      roles: library.roles.map(({ id, title }) => ({ id, title })),
      calendars: ['always', ...Object.keys(ontology.calendars)],
    }
  }

  async function refuseFaulty(tx: Tx, written: readonly LevelPolicyView[], at: number): Promise<void> {
    const { kinds, services, pathways: ways, roles, calendars } = await choicesOf(tx, at)
    const idsOf = (list: readonly { id: string }[]) => list.map(({ id }) => id)
    const faults = policyFaults(written, {
      kinds: idsOf(kinds),
      services: idsOf(services),
      pathways: idsOf(ways),
      roles: idsOf(roles),
      calendars,
    })
    if (faults.length > 0) throw levelsRefused(faults)
  }
}

const none: LevelCount = { tasks: 0, atRisk: 0, breached: 0, escalated: 0 }

const sumOf = (counts: ReadonlyMap<string, LevelCount> | undefined): LevelCount =>
  [...(counts?.values() ?? [])].reduce(
    (sum, one) => ({
      tasks: sum.tasks + one.tasks,
      atRisk: sum.atRisk + one.atRisk,
      breached: sum.breached + one.breached,
      escalated: sum.escalated + one.escalated,
    }),
    none,
  )

/** What was written passed this shape, or is the library's own. */
const viewOf = (one: WrittenPolicy): LevelPolicyView => levelPolicy.parse(one)
