import type { Task } from '@medplum/fhirtypes'
import type { Watches } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { readOpen } from '../../fhir/index.ts'
import { readLog } from '../../journeys/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { explain, type JourneyState, waitingFor } from '../../pathways/index.ts'
import {
  dueOf,
  escalatedTo,
  isOpen,
  openTasksOf,
  type SeenTask,
  tasksChanged,
  titleOf,
  type Watch,
} from '../../work/index.ts'
import { type DeskDependencies, explaining, iso, patientsAmong, patientsOf } from '../desk.ts'
import { explainingEach } from '../explaining-each.ts'
import { changesOfTask, statusWord, taskStands } from './watch-words.ts'

type Shown = Watches['items'][number]
/** Shown of each thing; `more` says that there are others. */
const most = 10

const snapshotOf = (task: Task): SeenTask => ({
  version: Number(task.meta?.versionId ?? 1),
  status: task.status,
  owner: task.owner?.display ?? task.owner?.reference ?? null,
  due: dueOf(task) ?? null,
  priority: task.priority ?? 'routine',
  escalated: escalatedTo(task).length,
  notes: task.note?.length ?? 0,
})

/** How a task stands now, for the next comparison; null for what is no task. */
export async function seenOf(tx: Tx, { record }: DeskDependencies, reference: string): Promise<SeenTask | null> {
  const task = reference.startsWith('Task/') ? await record.read(tx, reference) : undefined
  return task?.resourceType === 'Task' ? snapshotOf(task) : null
}

/** Watched things as they stand, those that changed first; what the caller may not see any more is left out. */
export async function watchViews(
  tx: Tx,
  dependencies: DeskDependencies,
  context: CallContext,
  watches: readonly Watch[],
): Promise<Shown[]> {
  const sight = await dependencies.sight(tx, context)
  const references = watches.map(({ reference }) => reference)
  const found = await readOpen(
    tx,
    sight,
    'read',
    references.filter((one) => !one.startsWith('journey/')),
  )
  const shown: Shown[] = []
  for (const one of watches) {
    const [type = '', id = ''] = one.reference.split('/')
    const resource = found.get(one.reference)
    const view =
      type === 'journey'
        ? await journeyView(tx, dependencies, context, one, id)
        : resource?.resourceType === 'Task'
          ? await taskView(resource, one)
          : resource?.resourceType === 'Patient'
            ? await patientView(one)
            : undefined
    if (view) shown.push(view)
  }
  return shown.toSorted((a, b) => Number(b.changes.length > 0) - Number(a.changes.length > 0))

  async function taskView(task: Task, one: Watch): Promise<Shown> {
    const patients = await patientsOf(tx, dependencies.record, [task.for?.reference], sight)
    const at = iso(Date.parse(task.lastModified ?? task.meta?.lastUpdated ?? '1970-01-01'))
    const changes = one.seen
      ? changesOfTask(one.seen, snapshotOf(task), context.locale, dependencies.library.calendar.zone)
      : []
    return {
      ...timesOf(one),
      title: titleOf(task),
      patient: patients.get(task.for?.reference ?? '') ?? null,
      now: taskStands(snapshotOf(task), context.locale),
      over: !isOpen(task),
      changes: changes.map((sentence) => ({ at, sentence })),
      more: false,
    }
  }

  async function patientView(one: Watch): Promise<Shown> {
    const patient = patientsAmong(found, [one.reference], sight).get(one.reference) ?? null
    const open = await openTasksOf(tx, one.reference)
    const changed = await tasksChanged(tx, one.reference, one.seen_at)
    const tasks = await readOpen(
      tx,
      sight,
      'read',
      changed.map((row) => `Task/${row.id}`),
    )
    const fr = context.locale === 'fr'
    const changes = changed.flatMap((row) => {
      const task = tasks.get(`Task/${row.id}`)
      if (task?.resourceType !== 'Task') return []
      const title = titleOf(task)[context.locale]
      const stands =
        row.made && row.open ? (fr ? 'nouvelle tâche' : 'new task') : statusWord(task.status, context.locale)
      return [{ at: iso(row.at), sentence: `${title}${fr ? ' ' : ''}: ${stands}` }]
    })
    const name = patient?.name ?? one.reference
    return {
      ...timesOf(one),
      title: { en: name, fr: name },
      patient,
      now:
        open.length === 0
          ? fr
            ? 'Aucune tâche ouverte'
            : 'No open task'
          : fr
            ? `${open.length} ${open.length === 1 ? 'tâche ouverte' : 'tâches ouvertes'}`
            : `${open.length} open ${open.length === 1 ? 'task' : 'tasks'}`,
      over: false,
      changes: changes.slice(0, most),
      more: changed.length > most,
    }
  }
}

async function journeyView(
  tx: Tx,
  dependencies: DeskDependencies,
  context: CallContext,
  one: Watch,
  id: string,
): Promise<Shown | undefined> {
  const [row] = await tx.query<{ pathway: string; version: number; state: string }>({
    name: 'journey-to-watch',
    text: 'select pathway, version, state from journey where tenant_id = $1 and id = $2',
    values: [tx.tenant, id],
  })
  if (!row) return undefined
  const state: JourneyState = JSON.parse(row.state)
  const sight = await dependencies.sight(tx, context)
  const seen = await readOpen(tx, sight, 'read', [state.subject])
  if (!seen.has(state.subject)) return undefined
  const how = await explaining(tx, dependencies, context, row.pathway, row.version)
  const log = await readLog(tx, id)
  const since = log.filter(({ at }) => at > one.seen_at.getTime())
  const then = await explainingEach(tx, dependencies, context, row, log)
  const stage = how.definition.stages.find((each) => each.id === state.stage)?.title[context.locale]
  const waits = waitingFor(state, how)
  return {
    ...timesOf(one),
    title: how.definition.title,
    patient: patientsAmong(seen, [state.subject], sight).get(state.subject) ?? null,
    now: [stage, waits[0]].filter((part) => part !== undefined && part !== '').join(' · '),
    over: state.status !== 'active',
    changes: since
      .toReversed()
      .slice(0, most)
      .map((entry) => ({ at: iso(entry.at), sentence: explain(entry, then(entry)) })),
    more: since.length > most,
  }
}

const timesOf = ({ reference, since, seen_at }: Watch) => ({ reference, since: iso(since), seenAt: iso(seen_at) })
