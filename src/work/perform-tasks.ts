import type { Task } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import type { FhirRecord, ResourceWrite } from '../fhir/index.ts'
import type { AskedEffect, Performance, Performer } from '../journeys/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { placeOfPatient } from './ontology/place-of.ts'
import { giveTo, ready } from './staff/candidates.ts'
import { giftExtension } from './staff/gift.ts'
import { givenAtOnce, type GivingSet, givingSets } from './staff/giving.ts'
import type { Routing } from './staff/routing.ts'
import type { Member } from './staff/team.ts'
import {
  concept,
  descriptionExtension,
  isOpen,
  kindOf,
  notBy,
  outcomeExtension,
  roleOf,
  titleExtension,
  words,
} from './task-words.ts'

type Asked<K extends AskedEffect['effect']['kind']> = AskedEffect<Extract<AskedEffect['effect'], { kind: K }>>

/** The service of the menu by each of these pathways that belongs to one alone. */
type ServicesOf = (tx: Tx, pathways: readonly string[]) => Promise<ReadonlyMap<string, string>>

/** Performs a journey's tasks: makes FHIR Tasks, marks those escalated, cancels those no longer wanted. */
export function createTaskPerformer(record: FhirRecord, routing: Routing, servicesOf: ServicesOf): Performer {
  return {
    kinds: ['task', 'escalate', 'settle', 'reschedule', 'revise', 'cancel'],
    async perform(tx: Tx, context: CallContext, asked): Promise<Performance> {
      const creating = new Map<string, Task>()
      const worded = asked.flatMap(({ effect, pathway }) =>
        effect.kind === 'task' || effect.kind === 'revise' ? [pathway.id] : [],
      )
      const services = worded.length > 0 ? await servicesOf(tx, [...new Set(worded)]) : new Map<string, string>()
      const changing: { id: string; change: (task: Task) => Task }[] = []
      for (const one of asked) {
        const { effect } = one
        if (effect.kind === 'task') creating.set(effect.key, newTask({ ...one, effect }, context.clock.now(), services))
        else {
          const change = changeOf(one, context, services)
          if (change) changing.push(change)
        }
      }
      for (const one of asked)
        if (one.effect.kind === 'task' && one.effect.otherThan !== undefined)
          await bar(tx, record, creating, { ...one, effect: one.effect })
      await place(tx, context, record, routing, creating)
      const known =
        changing.length > 0
          ? await record.readMany(
              tx,
              changing.map(({ id }) => `Task/${id}`),
            )
          : new Map()
      const updated = new Map<string, Task>()
      for (const { id, change } of changing) {
        const task = creating.get(id) ?? updated.get(id) ?? (known.get(`Task/${id}`) as Task | undefined)
        if (!task || !isOpen(task)) continue
        const next = change(task)
        if (creating.has(id)) creating.set(id, next)
        else updated.set(id, next)
      }
      const writes: ResourceWrite[] = [
        ...[...creating.values()].map((resource): ResourceWrite => ({ interaction: 'create', resource })),
        ...[...updated.values()].map(
          (resource): ResourceWrite => ({ interaction: 'update', resource: { ...resource, id: resource.id ?? '' } }),
        ),
      ]
      return { writes, jobs: [] }
    },
  }
}

/** Writes into a new task who did the step whose doer may not do this one too. */
async function bar(
  tx: Tx,
  record: FhirRecord,
  creating: Map<string, Task>,
  { effect, state, pathway }: Asked<'task'>,
): Promise<void> {
  const { resources } = await record.search(
    tx,
    'Task',
    new URLSearchParams({
      'group-identifier': `${words.journey}|${state.journey}`,
      code: `${words.step}|${pathway.id}/${effect.otherThan}`,
      status: 'completed',
      _count: '200',
    }),
  )
  const done = resources.flatMap((one) => (one.resourceType === 'Task' && one.owner?.reference ? [one] : []))
  // Of a step that came again, whoever did it last.
  const last = done
    .toSorted((a, b) => (a.executionPeriod?.end ?? '').localeCompare(b.executionPeriod?.end ?? ''))
    .at(-1)
  const task = creating.get(effect.key)
  if (!task || last?.owner?.reference === undefined) return
  const not = { url: words.not, valueReference: { reference: last.owner.reference } }
  creating.set(effect.key, { ...task, extension: [...(task.extension ?? []), not] })
}

/** Writes into new tasks of a kind where their patients are, and gives those to a person that the house gives at once. */
async function place(
  tx: Tx,
  context: CallContext,
  record: FhirRecord,
  routing: Routing,
  creating: Map<string, Task>,
): Promise<void> {
  const asking = [...creating].filter(([, task]) => kindOf(task) !== undefined)
  if (asking.length === 0) return
  const now = context.clock.now()
  const { ontology } = routing
  const subjects = [...new Set(asking.flatMap(([, task]) => task.for?.reference ?? []))]
  const found = await record.readMany(tx, subjects)
  let team: Member[] | undefined
  let sets: GivingSet[] | undefined
  for (const [key, task] of asking) {
    const subject = found.get(task.for?.reference ?? '')
    const patient = subject?.resourceType === 'Patient' ? subject : undefined
    const jurisdiction = placeOfPatient(ontology, patient, now)
    const placed: Task =
      jurisdiction === undefined
        ? task
        : { ...task, extension: [...(task.extension ?? []), { url: words.jurisdiction, valueCode: jurisdiction }] }
    creating.set(key, placed)
    sets ??= await givingSets(tx)
    if (!givenAtOnce(sets, ontology.policy.given, { kind: kindOf(task) ?? '', role: roleOf(task) ?? '' })) continue
    team ??= await routing.team(tx, now)
    const minutes = routing.minutesOf(placed)
    const able = (await routing.candidates(tx, placed, patient, team, now)).filter(ready)
    const best = able.find(
      ({ member }) => member.capacity - member.held >= minutes && !notBy(placed).includes(member.reference),
    )
    if (!best) continue
    team = team.map((one) => (one === best.member ? { ...one, held: one.held + minutes } : one))
    creating.set(key, giveTo(placed, best, giftExtension(best, { how: 'made', at: now, among: able.length })))
  }
}

/** What an effect changes about a Task that there is already; undefined when it concerns none. */
function changeOf(
  { effect, pathway }: AskedEffect,
  context: CallContext,
  services: Services,
): { id: string; change: (task: Task) => Task } | undefined {
  switch (effect.kind) {
    case 'escalate':
      return { id: effect.task, change: (task) => escalate(task, effect.to) }
    case 'settle':
      return { id: effect.task, change: (task) => settled(task, context.clock.now()) }
    case 'reschedule':
      return { id: effect.task, change: (task) => ({ ...task, restriction: restrictionOf(effect.due) }) }
    case 'revise':
      return { id: effect.task, change: (task) => revise(task, effect, pathway.id, services) }
    case 'cancel':
      return effect.what === 'Task' ? { id: effect.resource, change: (task) => cancel(task, effect.reason) } : undefined
    default:
      return undefined
  }
}

/** The same work as another version words it; who has taken it keeps it. */
function revise(task: Task, effect: Asked<'revise'>['effect'], pathway: string, services: Services): Task {
  const { restriction: _due, description: _text, businessStatus: _stage, input, ...rest } = task
  const own: readonly string[] = [words.title, words.description, words.outcome]
  const others = (task.extension ?? []).filter((one) => !own.includes(one.url))
  const next = wordsOf(effect, pathway, services)
  // The form is the version's; what the task waits for is people's.
  const waits = (input ?? []).filter(({ type }) => type.coding?.some(({ system }) => system === words.input))
  const asked = [...(next.input ?? []), ...waits]
  return {
    ...rest,
    ...next,
    ...(asked.length > 0 ? { input: asked } : {}),
    extension: [...extensionsOf(effect), ...others],
  }
}

const restrictionOf = (due: number) => ({ period: { end: new Date(due).toISOString() } })

const settled = (task: Task, now: number): Task => ({
  ...task,
  status: 'completed',
  executionPeriod: { ...task.executionPeriod, end: new Date(now).toISOString() },
})

const escalate = (task: Task, to: string): Task => ({
  ...task,
  extension: [...(task.extension ?? []), { url: words.escalated, valueCode: to }],
})

const cancel = (task: Task, reason: string): Task => ({ ...task, status: 'cancelled', statusReason: { text: reason } })

type Services = ReadonlyMap<string, string>
type Work = Asked<'task' | 'revise'>['effect']

const extensionsOf = ({ title, description, outcomes }: Work) => [
  titleExtension(title),
  ...(description ? [descriptionExtension(description)] : []),
  ...outcomes.map(outcomeExtension),
]

/** What a version of the pathway says of the work itself. */
const wordsOf = (
  { step, taskKind, title, description, stage, role, due, questionnaire }: Work,
  pathway: string,
  services: Services,
) => ({
  code: {
    coding: [
      { system: words.step, code: `${pathway}/${step}` },
      ...(taskKind === undefined ? [] : [{ system: words.kind, code: taskKind }]),
      ...codingOf(services.get(pathway)),
    ],
    text: title.en,
  },
  ...(description ? { description: description.en } : {}),
  ...(stage ? { businessStatus: concept(words.stage, stage) } : {}),
  performerType: [concept(words.role, role)],
  ...(due === undefined ? {} : { restriction: restrictionOf(due) }),
  // As the SDC guide's Task for a questionnaire says what to fill in.
  ...(questionnaire === undefined
    ? {}
    : { input: [{ type: { text: 'questionnaire' }, valueCanonical: questionnaire }] }),
})

const codingOf = (service: string | undefined) =>
  service === undefined ? [] : [{ system: words.service, code: service }]

function newTask({ effect, state, pathway }: Asked<'task'>, now: number, services: Services): Task {
  const at = new Date(now).toISOString()
  return {
    resourceType: 'Task',
    id: effect.key,
    extension: extensionsOf(effect),
    groupIdentifier: { system: words.journey, value: state.journey },
    status: 'requested',
    intent: 'order',
    priority:
      state.priority === 'stat' || state.priority === 'asap' || state.priority === 'urgent'
        ? state.priority
        : 'routine',
    focus: { reference: state.trigger },
    for: { reference: state.subject },
    authoredOn: at,
    lastModified: at,
    ...wordsOf(effect, pathway.id, services),
  }
}
