import type { Resource, Task } from '@medplum/fhirtypes'
import type { Sight } from '../access/index.ts'
import type { WorkDetail, WorkItem } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { mayUse, readOpen, sightings } from '../fhir/index.ts'
import { readLog } from '../journeys/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { why } from '../pathways/index.ts'
import {
  claimedUntil,
  descriptionOf,
  dueOf,
  escalatedTo,
  formOf,
  isOpen,
  journeyOf,
  mergedInto,
  giftOf,
  levelOf,
  sayGift,
  outcomeOf,
  outcomesOf,
  roleOf,
  snoozedUntil,
  type TaskLevel,
  titleOf,
  waitsFor,
  words,
} from '../work/index.ts'
import { type DeskDependencies, explaining, iso, patientsAmong, patientsOf } from './desk.ts'

const priorities = ['routine', 'urgent', 'asap', 'stat'] as const

/** Tasks as rows of a list, in the given order, each with the patient whom it is for; one that is gone meanwhile, or that the caller may not see, is left out. */
export async function workItems(
  tx: Tx,
  dependencies: DeskDependencies,
  context: CallContext,
  rows: readonly { id: string; patient: string | null }[],
  sight: Sight | undefined,
): Promise<WorkItem[]> {
  const found = await readOpen(tx, sight, 'read', [
    ...rows.map(({ id }) => `Task/${id}`),
    ...rows.flatMap(({ patient }) => (patient?.startsWith('Patient/') ? [patient] : [])),
  ])
  const tasks = rows.flatMap(({ id }) => {
    const task = found.get(`Task/${id}`)
    return task?.resourceType === 'Task' ? [task] : []
  })
  const patients = patientsAmong(
    found,
    tasks.map((task) => task.for?.reference),
    sight,
  )
  const stages = await stagesOf(tx, dependencies.pathways, tasks)
  const now = context.clock.now()
  const levels = await dependencies.routing.levels.recent(tx, now)
  return tasks.map((task) => itemOf(task, patients, stages, levelOf(levels, task, now), now))
}

/** The stage of each task that belongs to a journey, as the journey's own version of the pathway calls it. */
async function stagesOf(
  tx: Tx,
  pathways: DeskDependencies['pathways'],
  tasks: readonly Task[],
): Promise<Map<Task, NonNullable<WorkItem['stage']>>> {
  const codeOf = (task: Task) =>
    task.businessStatus?.coding?.find((coding) => coding.system === words.stage)?.code ?? undefined
  const staged = tasks.filter((task) => codeOf(task) !== undefined && journeyOf(task) !== undefined)
  const found = new Map<Task, NonNullable<WorkItem['stage']>>()
  if (staged.length === 0) return found
  const journeys = await tx.query<{ id: string; pathway: string; version: number }>({
    name: 'pathways-of-journeys',
    text: 'select id, pathway, version from journey where tenant_id = $1 and id = any($2)',
    values: [tx.tenant, [...new Set(staged.map(journeyOf))]],
  })
  for (const task of staged) {
    const journey = journeys.find((one) => one.id === journeyOf(task))
    if (!journey) continue
    const { definition } = await pathways.version(tx, journey.pathway, journey.version)
    const stage = definition.stages.find((one) => one.id === codeOf(task))
    if (stage) found.set(task, stage)
  }
  return found
}

function itemOf(
  task: Task,
  patients: Map<string, { id: string; name: string; birthDate: string | null }>,
  stages: ReadonlyMap<Task, NonNullable<WorkItem['stage']>>,
  level: TaskLevel | undefined,
  now: number,
): WorkItem {
  const due = dueOf(task)
  return {
    id: task.id ?? '',
    version: Number(task.meta?.versionId ?? 1),
    title: titleOf(task),
    status: task.status,
    stage: stages.get(task) ?? null,
    statusReason: task.statusReason?.text ?? null,
    priority: priorities.find((priority) => priority === task.priority) ?? 'routine',
    role: roleOf(task) ?? null,
    owner:
      task.owner?.reference === undefined
        ? null
        : { reference: task.owner.reference, name: task.owner.display ?? task.owner.reference },
    due: due === undefined ? null : iso(Date.parse(due)),
    // Never stored: what is late depends on when one looks.
    overdue: isOpen(task) && due !== undefined && Date.parse(due) < now,
    claimedUntil: claimedUntil(task) ?? null,
    snoozedUntil: snoozedUntil(task) ?? null,
    escalatedTo: escalatedTo(task),
    patient: patients.get(task.for?.reference ?? '') ?? null,
    journey: journeyOf(task) ?? null,
    createdAt: iso(Date.parse(task.authoredOn ?? task.meta?.lastUpdated ?? '1970-01-01')),
    outcomes: outcomesOf(task),
    outcome: outcomeOf(task) ?? null,
    level: level ? levelView(level, isOpen(task)) : null,
  }
}

const momentView = (at: number | undefined) => (at === undefined ? null : iso(at))

function levelView({ policy, climbed, ...level }: TaskLevel, open: boolean): NonNullable<WorkItem['level']> {
  const last = climbed.at(-1)
  return {
    policy: policy.id,
    title: policy.title,
    status: level.status,
    goal: momentView(level.goalAt),
    atRisk: momentView(level.atRiskAt),
    pausedUntil: momentView(level.pausedUntil),
    unacknowledged: open && last !== undefined && last.acknowledgedAt === undefined,
  }
}

/** A task with everything needed to finish it. */
export async function workDetail(
  tx: Tx,
  dependencies: DeskDependencies,
  context: CallContext,
  task: Task,
): Promise<WorkDetail> {
  const { record, pathways } = dependencies
  const sight = await dependencies.sight(tx, context)
  const patients = await patientsOf(tx, record, [task.for?.reference], sight)
  const about = task.focus?.reference
  const open = about !== undefined && (await mayUse(tx, sight, 'read', about))
  const focus = open ? await record.read(tx, about) : undefined
  const now = context.clock.now()
  const level = levelOf(await dependencies.routing.levels.recent(tx, now), task, now)
  const told = new Set((level?.climbed ?? []).flatMap(({ people }) => people))
  const names = told.size > 0 ? await record.readMany(tx, [...told]) : new Map<string, Resource>()
  return {
    ...itemOf(task, patients, await stagesOf(tx, pathways, [task]), level, now),
    given: giftSentence(dependencies, task, context.locale),
    ladder: ladderView(level, names),
    description: descriptionOf(task, context.locale) ?? null,
    waitsFor: await waitsOf(tx, record, task, sight),
    mergedInto: mergedInto(task) ?? null,
    partOf: task.partOf?.[0]?.reference?.replace('Task/', '') ?? null,
    form: formOf(task) ?? null,
    comments: (task.note ?? []).map((note) => ({
      at: note.time === undefined ? null : iso(Date.parse(note.time)),
      by: note.authorReference?.display ?? note.authorString ?? '',
      text: note.text,
    })),
    why: await whyOf(tx, dependencies, context, journeyOf(task), task.id ?? ''),
    about: focus ? [summaryOf(focus)] : [],
  }
}

function giftSentence({ routing }: DeskDependencies, task: Task, locale: CallContext['locale']): string | null {
  const gift = giftOf(task)
  return gift ? sayGift(routing.ontology, gift, task.owner?.display ?? gift.to, locale) : null
}

function ladderView(level: TaskLevel | undefined, known: ReadonlyMap<string, Resource>): WorkDetail['ladder'] {
  const nameOf = (reference: string) => {
    const one = known.get(reference)
    return (one?.resourceType === 'Practitioner' ? one.name?.[0]?.text : undefined) ?? reference
  }
  return {
    climbed: (level?.climbed ?? []).map(({ at, to, people, acknowledgedAt, by }) => ({
      at: iso(at),
      to,
      people: people.map(nameOf),
      acknowledged: momentView(acknowledgedAt),
      by: by ?? null,
    })),
    next: level?.next ? { ...level.next, at: iso(level.next.at) } : null,
  }
}

async function waitsOf(
  tx: Tx,
  record: DeskDependencies['record'],
  task: Task,
  sight: Sight | undefined,
): Promise<WorkDetail['waitsFor']> {
  const places = waitsFor(task).map((id) => `Task/${id}`)
  if (places.length === 0) return []
  const seen = sight && (await sightings(tx, sight, 'read', places))
  const found = await record.readMany(
    tx,
    places.filter((place) => !seen || seen.get(place) === true),
  )
  return [...found.values()].flatMap((one) =>
    one.resourceType === 'Task' ? [{ id: one.id ?? '', title: titleOf(one), open: isOpen(one) }] : [],
  )
}

/** Why a journey made this task or message; null for what no journey made. */
export async function whyOf(
  tx: Tx,
  dependencies: DeskDependencies,
  context: CallContext,
  journey: string | undefined,
  effect: string,
) {
  if (journey === undefined) return null
  const [row] = await tx.query<{ pathway: string; version: number }>({
    name: 'pathway-of-journey',
    text: 'select pathway, version from journey where tenant_id = $1 and id = $2',
    values: [tx.tenant, journey],
  })
  if (!row) return null
  const told = why(
    await readLog(tx, journey),
    effect,
    await explaining(tx, dependencies, context, row.pathway, row.version),
  )
  return told ? { sentence: told.sentence, chain: told.chain.map((entry) => ({ ...entry, at: iso(entry.at) })) } : null
}

function summaryOf(resource: Resource): WorkDetail['about'][number] {
  const reference = `${resource.resourceType}/${resource.id}`
  if (resource.resourceType === 'ServiceRequest')
    return {
      reference,
      title: resource.code?.text ?? resource.code?.coding?.[0]?.display ?? 'ServiceRequest',
      text: [
        ...(resource.reasonCode ?? []).map((reason) => reason.text ?? reason.coding?.[0]?.display ?? ''),
        ...(resource.note ?? []).map((note) => note.text),
        resource.requester?.display ?? '',
      ]
        .filter((part) => part !== '')
        .join(' · '),
      date: resource.authoredOn ?? resource.meta?.lastUpdated ?? null,
    }
  if (resource.resourceType === 'Observation')
    return {
      reference,
      title: resource.code.text ?? resource.code.coding?.[0]?.display ?? 'Observation',
      text: [
        resource.valueQuantity?.value === undefined
          ? (resource.valueString ?? '')
          : `${resource.valueQuantity.value} ${resource.valueQuantity.unit ?? ''}`.trim(),
        ...(resource.interpretation ?? []).flatMap(
          ({ text, coding }) => text ?? coding?.[0]?.display ?? coding?.[0]?.code ?? [],
        ),
        ...(resource.note ?? []).map((note) => note.text),
      ]
        .filter((part) => part !== '')
        .join(' · '),
      date: resource.issued ?? resource.effectiveDateTime ?? resource.meta?.lastUpdated ?? null,
    }
  if (resource.resourceType === 'Communication')
    return {
      reference,
      title: 'Communication',
      text: resource.payload?.findLast(({ contentString }) => contentString !== undefined)?.contentString ?? '',
      date: resource.sent ?? resource.meta?.lastUpdated ?? null,
    }
  if (resource.resourceType === 'Task')
    return {
      reference,
      title: titleOf(resource).en,
      text: [resource.description ?? '', ...(resource.note ?? []).map((note) => note.text)]
        .filter((part) => part !== '')
        .join(' · '),
      date: resource.authoredOn ?? null,
    }
  return { reference, title: resource.resourceType, text: '', date: resource.meta?.lastUpdated ?? null }
}
