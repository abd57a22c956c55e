import type { Patient, Resource, Task } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import { type Batch, replan } from '../routing/index.ts'
import { needOf, rankOf } from '../task-words.ts'
import { type Candidate, ready } from './candidates.ts'
import type { Routing } from './routing.ts'
import type { Member } from './team.ts'
import { minutesOf, timesAtWork } from './time-at-work.ts'
import { type Unblock, unblockOf } from './unblock.ts'

/** One task of somebody who is away: whose it becomes, or what would unblock it when nobody can take it in time. */
export interface Handover {
  task: Task & { id: string }
  to: Candidate | undefined
  unblock: Unblock | undefined
  /** Everybody who may do it and is at work before it is due, the best first. */
  able: Candidate[]
}

/** More than one person ever holds in a day. */
const most = 500

/**
 * What becomes of the work of somebody (`Practitioner/…`) who is away in a window (milliseconds): their open tasks due before
 * its end go to others who may do them and have the time; nobody else's work moves. `chosen`: by task id, whom somebody chose
 * instead (undefined: its queue); the rest is planned around it. Throws `not-able` with the path of a choice of somebody who
 * may not or is not there in time. Reads only.
 */
export async function planAbsence(
  tx: Tx,
  context: CallContext,
  { record, routing }: { record: FhirRecord; routing: Routing },
  who: string,
  away: { from: number; until: number },
  chosen: ReadonlyMap<string, string | undefined> = new Map(),
): Promise<Handover[]> {
  const now = context.clock.now()
  const rows = await tx.query<{ id: string }>({
    name: 'work-due-of',
    text: `select id from work_item where tenant_id = $1 and owner = $2 and open and due <= $3 order by rank, due, id limit ${most}`,
    values: [tx.tenant, who, new Date(away.until)],
  })
  const tasks = await readTasks(
    tx,
    record,
    rows.map(({ id }) => id),
  )
  const patients = await record.readMany(tx, [...new Set(tasks.flatMap((task) => task.for?.reference ?? []))])
  const team = (await routing.team(tx, now)).map((member) =>
    member.reference === who ? { ...member, leave: [...member.leave, away], capacity: 0 } : member,
  )
  const choices = await Promise.all(
    tasks.map((task) => routing.candidates(tx, task, patientOf(patients, task), team, now)),
  )
  const open = batchOf({ routing, tasks, team, choices, now, until: away.until })
  const able = tasks.map((_task, index) => {
    const people = new Set(open.pairs.flatMap((pair) => (pair.task === index ? [team[pair.person]?.reference] : [])))
    return (choices[index] ?? []).filter(({ member }) => people.has(member.reference))
  })
  const faults = [...chosen].flatMap(([id, to]) => {
    const index = tasks.findIndex((task) => task.id === id)
    const there = to === undefined || able[index]?.some(({ member }) => member.reference === to) === true
    return index >= 0 && there
      ? []
      : [{ path: `give.${id}`, message: index < 0 ? 'is none of their tasks' : `${to} may not do it in time` }]
  })
  if (faults.length > 0) throw refuse('not-able', { faults })
  // What was chosen is the only way that its task can go, and counts before the rest is planned.
  const batch = {
    ...open,
    capacity: open.capacity.map((minutes, person) => minutes - chosenMinutes(team[person]?.reference)),
    pairs: open.pairs.filter(({ task }) => !chosen.has(tasks[task]?.id ?? '')),
  }
  // The absent stand at the end of the team's list, so that the plan has somebody from whom it takes.
  const absent = team.length
  const plan = replan(
    { ...batch, capacity: [...batch.capacity, Number.MAX_SAFE_INTEGER] },
    tasks.map(() => absent),
    new Set([absent]),
  )
  return tasks.map((task, index): Handover => {
    const reference = chosen.has(task.id) ? chosen.get(task.id) : team[plan[index] ?? -1]?.reference
    const to = choices[index]?.find(({ member }) => member.reference === reference)
    const fallback = unblockOf(routing.ontology, needOf(task), choices[index] ?? [], context.locale)
    return { task, to, unblock: to ? undefined : (fallback ?? noTime(context.locale)), able: able[index] ?? [] }
  })

  function chosenMinutes(reference: string | undefined): number {
    return tasks.reduce(
      (sum, task) => sum + (reference !== undefined && chosen.get(task.id) === reference ? routing.minutesOf(task) : 0),
      0,
    )
  }
}

const noTime = (locale: 'en' | 'fr'): Unblock => ({
  code: 'nobody-may',
  at: undefined,
  sentence:
    locale === 'fr'
      ? 'Celles et ceux qui peuvent le faire n’ont plus de temps avant l’échéance.'
      : 'Those who may do it have no time left before it is due.',
})

export async function readTasks(
  tx: Tx,
  record: FhirRecord,
  ids: readonly string[],
): Promise<(Task & { id: string })[]> {
  const found = await record.readMany(
    tx,
    ids.map((id) => `Task/${id}`),
  )
  return ids.flatMap((id) => {
    const task = found.get(`Task/${id}`)
    return task?.resourceType === 'Task' ? [{ ...task, id }] : []
  })
}

export const patientOf = (found: ReadonlyMap<string, Resource>, task: Task): Patient | undefined => {
  const subject = found.get(task.for?.reference ?? '')
  return subject?.resourceType === 'Patient' ? subject : undefined
}

/** Tasks and people as numbers: who may and is at work (or will be before it is due), at which cost, with how much time. */
export function batchOf({
  routing,
  tasks,
  team,
  choices,
  now,
  until,
}: {
  routing: Routing
  tasks: readonly Task[]
  team: readonly Member[]
  choices: readonly (readonly Candidate[])[]
  now: number
  /** The end of what is planned, in milliseconds: time at work after it does not count. */
  until: number
}): Batch {
  const { unassigned } = routing.ontology.policy
  const penalties = [unassigned.stat, unassigned.asap, unassigned.urgent, unassigned.routine]
  const places = new Map(team.map(({ reference }, index) => [reference, index]))
  return {
    tasks: tasks.map((task) => ({
      minutes: routing.minutesOf(task),
      penalty: penalties[rankOf(task)] ?? unassigned.routine,
    })),
    capacity: team.map((member) =>
      Math.max(0, Math.floor(minutesOf(timesAtWork(member, now, until)) * (member.share ?? 1)) - member.held),
    ),
    pairs: tasks.flatMap((task, index) => {
      const end = task.restriction?.period?.end
      // What is late already goes to whoever comes soonest.
      const due = end === undefined ? until : Math.max(Date.parse(end), now)
      return (choices[index] ?? []).flatMap((candidate) => {
        const person = places.get(candidate.member.reference)
        const inTime = ready(candidate) || (candidate.next !== undefined && candidate.next < Math.min(due, until))
        const cost = Number.isFinite(candidate.cost) ? candidate.cost : undefined
        return person === undefined || !inTime || cost === undefined ? [] : [{ task: index, person, cost }]
      })
    }),
  }
}
