import type { CarePlan, RequestGroup, RequestGroupAction } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import {
  type Bind,
  type Made,
  type MadeAsked,
  type MadeResource,
  type Sight,
  sightings,
  type Use,
} from '../fhir/index.ts'
import { writeExact } from '../kernel/index.ts'
import {
  type Definition,
  type JourneyState,
  localizedTitle,
  planUrl,
  predecessorsOf,
  stepsOf,
  titleOf,
} from '../pathways/index.ts'
import type { PublishedPathways } from './published-pathways.ts'

interface Row {
  id: string
  pathway: string
  version: number
  lines: number
  started_at: Date
  ended_at: Date | null
  state: string
}

/** Something that a journey has asked for: the step and which of its occurrences, and the resource that came of it. */
interface Asked {
  journey: string
  step: string
  n: number
  effect: string
}

// What an effect becomes, by the performers: its key is the id of one of these.
const askedTypes = ['Task', 'Communication', 'Appointment', 'ServiceRequest'] as const

function statusOf(state: JourneyState): NonNullable<CarePlan['status']> {
  if (state.status === 'active') return state.paused ? 'on-hold' : 'active'
  return state.status === 'completed' ? 'completed' : 'revoked'
}

const iso = (time: Date | number): string => new Date(time).toISOString()

/** What the journey has asked for, as far as the caller may see it: an action for each occurrence, in order. */
function actionsOf(
  definition: Definition,
  state: JourneyState,
  asked: readonly Asked[],
  resources: ReadonlyMap<string, string>,
): RequestGroupAction[] {
  const steps = new Map(stepsOf(definition).map(({ id, step }) => [id, step]))
  /** The last action of each step so far: what the next one follows. */
  const last = new Map<string, string>()
  return asked.flatMap(({ step: name, n, effect }, index) => {
    const reference = resources.get(effect)
    const step = steps.get(name)
    if (reference === undefined || !step) return []
    const id = `${name}.${n}.${index + 1}`
    const related = predecessorsOf(step).from.flatMap(({ step: before }) => last.get(before) ?? [])
    last.set(name, id)
    const open = state.open[name]
    return [
      {
        id,
        ...localizedTitle(titleOf(name, step)),
        ...(related.length > 0
          ? { relatedAction: related.map((actionId) => ({ actionId, relationship: 'after-end' as const })) }
          : {}),
        ...(open?.key === effect && open.due !== undefined ? { timingDateTime: iso(open.due) } : {}),
        resource: { reference },
      },
    ]
  })
}

/** A journey as a CarePlan: whose it is, which version of which pathway, how it stands; what it asked for; what it waits for. */
function carePlanOf(row: Row, definition: Definition, asked: readonly Asked[], resources: ReadonlyMap<string, string>) {
  const state: JourneyState = JSON.parse(row.state)
  const { subject, trigger, parent, open, paused } = state
  const status = statusOf(state)
  const canonical = `${planUrl(row.pathway)}|${row.version}`
  const actions = actionsOf(definition, state, asked, resources)
  const group: RequestGroup = {
    resourceType: 'RequestGroup',
    id: 'requests',
    instantiatesCanonical: [canonical],
    status,
    intent: 'plan',
    subject: { reference: subject },
    authoredOn: iso(row.started_at),
    action: actions,
  }
  const waiting = stepsOf(definition).filter(({ id }) => open[id]?.key === '')
  const plan: CarePlan & { id: string } = {
    resourceType: 'CarePlan',
    id: row.id,
    meta: { versionId: String(row.lines), lastUpdated: iso(state.at) },
    ...(actions.length > 0 ? { contained: [group] } : {}),
    identifier: [{ system: 'urn:throughline:journey', value: row.id }],
    instantiatesCanonical: [canonical],
    ...(parent === undefined ? {} : { partOf: [{ reference: `CarePlan/${parent}` }] }),
    status,
    intent: 'plan',
    ...localizedTitle(definition.title),
    subject: { reference: subject },
    period: { start: iso(row.started_at), ...(row.ended_at === null ? {} : { end: iso(row.ended_at) }) },
    created: iso(row.started_at),
    supportingInfo: [{ reference: trigger }],
    activity: [
      ...(actions.length > 0 ? [{ reference: { reference: '#requests' } }] : []),
      ...waiting.map(({ id, step }) => ({
        detail: { status: paused ? ('on-hold' as const) : ('in-progress' as const), description: titleOf(id, step).en },
      })),
    ],
  }
  if (plan.activity?.length === 0) delete plan.activity
  return { plan, updated: new Date(state.at) }
}

const kept: Readonly<Record<string, string>> = {
  active: 'active',
  'on-hold': 'active',
  completed: 'completed',
  revoked: 'cancelled',
}

async function rowsOf(tx: Tx, sight: Sight | undefined, use: Use, asked: MadeAsked, limit: number): Promise<Row[]> {
  // Nobody said what the caller may see of it.
  if (sight && !sight.visibleIn) return []
  const values: unknown[] = [tx.tenant]
  const bind: Bind = (value, kind) => `$${values.push(value)}::${kind}`
  const { _id: ids, patient, subject, status } = asked
  const any = (column: string, list: readonly string[] | undefined) =>
    list ? [`${column} = any (${bind(list, 'text[]')})`] : []
  const conditions = [
    ...any('j.id', ids),
    ...any('j.subject', patient),
    ...any('j.subject', subject),
    ...any(
      'j.status',
      status?.map((one) => kept[one] ?? ''),
    ),
    ...(sight?.visibleIn ? [`(${sight.visibleIn(use, 'CarePlan', 'j.subject', bind)})`] : []),
  ]
  const where = (half: string) =>
    `select j.id, j.pathway, j.version, j.lines, j.started_at, j.ended_at, j.state from journey j
     where j.tenant_id = $1 and ${[half, ...conditions].join(' and ')}`
  // Two halves, since active and ended journeys of a patient have an index each.
  const text = `${where(`j.status = 'active'`)} union all ${where(`j.status <> 'active'`)}
    order by started_at desc, id limit ${bind(limit, 'int')}`
  return tx.query<Row>({ text, values })
}

/**
 * Journeys as CarePlans, made when they are read (docs/decisions/0022): a CarePlan with a contained RequestGroup of the Tasks,
 * Communications, Appointments and ServiceRequests that came of it. Whoever may use CarePlans of the patient sees it.
 */
export const journeyCarePlans = (pathways: Pick<PublishedPathways, 'version'>): Made => ({
  type: 'CarePlan',
  what: 'journeys',
  by: ['patient', 'subject', 'status'],
  references: ['patient', 'subject'],
  needs: ['patient', 'subject'],
  never: [
    '_profile',
    '_security',
    '_tag',
    'activity-code',
    'activity-date',
    'based-on',
    'care-team',
    'category',
    'condition',
    'encounter',
    'goal',
    'instantiates-uri',
    'performer',
    'replaces',
  ],
  async find(tx, sight, use, asked, limit) {
    const { status } = asked
    const rows = (await rowsOf(tx, sight, use, asked, limit)).filter(
      ({ state }) => !status || status.includes(statusOf(JSON.parse(state))),
    )
    const ids = rows.map(({ id }) => id)
    const lines = await tx.query<{ journey: string; step: string; n: number; data: string }>({
      text: `select journey, step, n, data from journey_event
             where tenant_id = $1 and journey = any ($2) and kind in ('opened', 'asked') and step is not null order by journey, line`,
      values: [tx.tenant, ids],
    })
    const effects = lines.flatMap(({ data, ...line }): Asked[] => {
      const { effect }: { effect?: unknown } = JSON.parse(data)
      return typeof effect === 'string' && effect !== '' ? [{ ...line, effect }] : []
    })
    const resources = await seenOf(tx, sight, effects)
    const made: MadeResource[] = []
    for (const row of rows) {
      const { definition } = await pathways.version(tx, row.pathway, row.version)
      const mine = effects.filter(({ journey }) => journey === row.id)
      const { plan, updated } = carePlanOf(row, definition, mine, resources)
      made.push({ id: row.id, version: row.lines, updated, content: writeExact(plan) })
    }
    return made
  },
})

/** `Type/id` of the resources that came of effects, by the effect's key, as far as the caller may read them. */
async function seenOf(tx: Tx, sight: Sight | undefined, effects: readonly Asked[]): Promise<Map<string, string>> {
  const seen = new Map<string, string>()
  if (effects.length === 0) return seen
  const references = effects.flatMap(({ effect }) => askedTypes.map((type) => `${type}/${effect}`))
  for (const [reference, may] of await sightings(tx, sight, 'read', references))
    if (may) seen.set(reference.slice(reference.indexOf('/') + 1), reference)
  return seen
}
