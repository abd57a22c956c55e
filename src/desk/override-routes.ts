import { z } from 'zod'
import { api, overrideReasons } from '../contracts/index.ts'
import { mayUse, sightings } from '../fhir/index.ts'
import { type Route, route } from '../kernel/index.ts'
import { stepsOf, titleOf as titleOfStep } from '../pathways/index.ts'
import { listOverrides, noteOffSystem, overrideGroups, overrideReasonsSince } from '../work/index.ts'
import { type DeskDependencies, iso } from './desk.ts'
import { refuse } from './errors.ts'
import { workItems } from './work-views.ts'

const day = 86_400_000
const days = z.coerce.number().int().min(1).max(366).default(30)

/** What people did otherwise than the pathway or the routing had it: told from a journey, and summed up for leads. */
export function overrideRoutes(dependencies: DeskDependencies): Route[] {
  const { database, record, pathways } = dependencies
  return [
    route({
      method: 'GET',
      path: '/api/overrides',
      summary: 'What was done otherwise most, by step and version, why, and the time lost',
      access: { permission: 'work.manage' },
      style: 'api',
      audits: { nothing: 'sums over all patients' },
      query: z.object({ days }),
      reply: api.overrideSummary,
      handle: (context, { query }) =>
        database.reading(context.tenant, async (tx) => {
          const from = context.clock.now() - query.days * day
          const reasons = await overrideReasonsSince(tx, from)
          const items = []
          for (const { last, ...group } of await overrideGroups(tx, from)) {
            const definition =
              group.pathway === null || group.version === null
                ? undefined
                : (await pathways.version(tx, group.pathway, group.version)).definition
            const step = definition && stepsOf(definition).find(({ id }) => id === group.step)
            items.push({
              ...group,
              last: iso(last),
              pathwayTitle: definition?.title ?? null,
              stepTitle: step ? titleOfStep(step.id, step.step) : null,
            })
          }
          return {
            body: {
              from: iso(from),
              total: reasons.reduce((sum, { count }) => sum + count, 0),
              minutes: reasons.reduce((sum, { minutes }) => sum + minutes, 0),
              reasons: reasons.map(({ reason, count }) => ({ reason, count })),
              items,
            },
          }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/overrides/list',
      summary: 'The single overrides behind a number',
      access: { permission: 'work.manage' },
      style: 'api',
      audits: ['override-list'],
      query: z.object({
        days,
        kind: z.string().max(20),
        pathway: z.string().max(60).optional(),
        version: z.coerce.number().int().optional(),
        step: z.string().max(60).optional(),
      }),
      reply: api.overrideList,
      handle: (context, { query: { days: back, ...asked } }) =>
        database.transaction(context.tenant, async (tx) => {
          const sight = await dependencies.sight(tx, context)
          const rows = await listOverrides(tx, {
            since: context.clock.now() - back * day,
            kind: asked.kind,
            pathway: asked.pathway,
            version: asked.version,
            step: asked.step,
          })
          const tasks = await workItems(
            tx,
            dependencies,
            context,
            rows.flatMap(({ task, patient }) => (task === null ? [] : [{ id: task, patient }])),
            sight,
          )
          const journeys = await subjectsOf(
            tx,
            rows.flatMap(({ journey }) => journey ?? []),
          )
          const seen = sight && (await sightings(tx, sight, 'read', [...new Set(journeys.values())]))
          const names = await record.readMany(tx, [
            ...new Set(rows.flatMap(({ actor }) => (actor.startsWith('Practitioner/') ? [actor] : []))),
          ])
          const nameOf = (actor: string) => {
            const one = names.get(actor)
            return (one?.resourceType === 'Practitioner' ? one.name?.[0]?.text : undefined) ?? actor
          }
          const items = rows.flatMap((row) => {
            const task = tasks.find(({ id }) => id === row.task) ?? null
            const subject = row.journey === null ? undefined : journeys.get(row.journey)
            // Whose patient the caller may not see is not listed, though it is counted.
            if ((row.task !== null && !task) || (subject !== undefined && seen && seen.get(subject) !== true)) return []
            return [{ ...row, at: iso(row.at), by: nameOf(row.actor), task, journey: row.journey }]
          })
          await dependencies.audit(tx, context, [
            {
              action: 'R',
              code: 'override-list',
              entities: [...new Set(items.flatMap(({ task }) => (task ? [`Task/${task.id}`] : [])))],
            },
          ])
          return { body: { items: items.map(({ actor: _actor, patient: _patient, ...item }) => item) } }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/journeys/:id/off-system',
      summary: 'Says that something of a journey was done outside the system, why, and the time it took',
      access: { permission: 'work.act' },
      style: 'api',
      audits: ['journey-off-system'],
      params: z.object({ id: z.string().max(64) }),
      body: z.object({
        step: z.string().max(60).optional(),
        code: z.enum(overrideReasons),
        lost: z.number().int().min(0).max(1_440).optional(),
        text: z.string().trim().min(1).max(2_000),
      }),
      reply: api.offSystem,
      handle: (context, { params, body }) =>
        database.transaction(context.tenant, async (tx) => {
          const subject = (await subjectsOf(tx, [params.id])).get(params.id)
          const open =
            subject !== undefined && (await mayUse(tx, await dependencies.sight(tx, context), 'read', subject))
          if (!open) throw refuse('journey-not-found', { faults: [{ path: 'id', message: 'no journey has this id' }] })
          const [row] = await tx.query<{ pathway: string; version: number }>({
            name: 'pathway-of-journey',
            text: 'select pathway, version from journey where tenant_id = $1 and id = $2',
            values: [tx.tenant, params.id],
          })
          const { definition } = await pathways.version(tx, row?.pathway ?? '', row?.version ?? 0)
          if (body.step !== undefined && !stepsOf(definition).some(({ id }) => id === body.step))
            throw refuse('step-not-found', { faults: [{ path: 'step', message: `there is no step ${body.step}` }] })
          const task = await noteOffSystem(tx, context, record, { ...body, journey: params.id, subject })
          await dependencies.audit(tx, context, [
            { action: 'C', code: 'journey-off-system', entities: [`Task/${task.id}`, subject] },
          ])
          return { status: 201, body: { task: task.id } }
        }),
    }),
  ]

  async function subjectsOf(
    tx: Parameters<typeof workItems>[0],
    journeys: readonly string[],
  ): Promise<Map<string, string>> {
    if (journeys.length === 0) return new Map()
    const rows = await tx.query<{ id: string; subject: string }>({
      name: 'subjects-of-journeys',
      text: 'select id, subject from journey where tenant_id = $1 and id = any ($2)',
      values: [tx.tenant, [...new Set(journeys)]],
    })
    return new Map(rows.map(({ id, subject }) => [id, subject]))
  }
}
