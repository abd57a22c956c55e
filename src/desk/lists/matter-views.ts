import type { Resource } from '@medplum/fhirtypes'
import type { Sight } from '../../access/index.ts'
import type { MatterItem } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { readOpen, shown } from '../../fhir/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { type MatterList, type MatterRow, type TaskAround, tasksAround, titleOf } from '../../work/index.ts'
import { type DeskDependencies, iso, patientsAmong } from '../desk.ts'
import { matterTitle, matterWhy } from './matter-words.ts'

const priorities = ['stat', 'asap', 'urgent', 'routine'] as const

/** Rows of a list as they are shown: each with its patient, its why, and who is at work for that patient. */
export async function matterItems(
  tx: Tx,
  { library }: DeskDependencies,
  context: CallContext,
  { list, rows, sight }: { list: MatterList; rows: readonly MatterRow[]; sight: Sight | undefined },
): Promise<MatterItem[]> {
  const tasks = await tasksAround(tx, rows)
  const found = await readOpen(tx, sight, 'read', [
    ...rows.flatMap(({ type, id, patient }) => [`${type}/${id}`, patient]),
    ...tasks.map(({ id }) => `Task/${id}`),
  ])
  const patients = patientsAmong(
    found,
    rows.map(({ patient }) => patient),
    sight,
  )
  const now = context.clock.now()
  const { locale } = context
  const days = new Intl.DateTimeFormat(locale === 'fr' ? 'fr-CA' : 'en-CA', {
    dateStyle: 'medium',
    timeZone: library.calendar.zone,
  })
  const how = { locale, date: (time: Date) => days.format(time), now }
  const about = Map.groupBy(tasks, (task) => task.about)
  const ofPatient = Map.groupBy(about.get(null) ?? [], (task) => task.patient)
  return rows.map((row) => {
    const place = `${row.type}/${row.id}`
    const resource = shownOf(sight, found.get(place))
    return {
      reference: place,
      patient: patients.get(row.patient) ?? null,
      title: matterTitle(list, resource, locale),
      why: matterWhy(list, row, resource, how),
      priority: priorities[row.rank] ?? 'routine',
      since: iso(row.since),
      due: iso(row.due),
      overdue: row.due.getTime() < now,
      tasks: tasksOf(about.get(place) ?? [], ofPatient.get(row.patient) ?? []).flatMap(
        ({ id, owner_name, about: what }) => {
          const task = found.get(`Task/${id}`)
          return task?.resourceType === 'Task'
            ? [{ id, title: titleOf(task), owner: owner_name, aboutThis: what !== null }]
            : []
        },
      ),
    }
  })
}

function shownOf(sight: Sight | undefined, resource: Resource | undefined): Resource | undefined {
  if (!resource || (sight?.hidden(resource.resourceType) ?? []).length === 0) return resource
  return JSON.parse(shown(sight, resource.resourceType, JSON.stringify(resource)))
}

/** Those about the matter first, then the patient's others, each once. */
const tasksOf = (about: readonly TaskAround[], others: readonly TaskAround[]): TaskAround[] => [
  ...about,
  ...others.filter(({ id }) => about.every((task) => task.id !== id)),
]
