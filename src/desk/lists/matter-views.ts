import type { Resource } from '@medplum/fhirtypes'
import type { Sight } from '../../access/index.ts'
import type { MatterItem } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { readOpen, shown } from '../../fhir/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { type MatterList, type MatterRow, titleOf } from '../../work/index.ts'
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
  const tasks = await tasksOf(
    tx,
    rows.map(({ patient }) => patient),
  )
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
  const how = { locale: context.locale, zone: library.calendar.zone, now }
  return rows.map((row) => {
    const place = `${row.type}/${row.id}`
    const resource = shownOf(sight, found.get(place))
    return {
      reference: place,
      patient: patients.get(row.patient) ?? null,
      title: matterTitle(list, resource, context.locale),
      why: matterWhy(list, row, resource, how),
      priority: priorities[row.rank] ?? 'routine',
      since: iso(row.since),
      due: iso(row.due),
      overdue: row.due.getTime() < now,
      tasks: tasks.flatMap(({ id, patient, owner_name }) => {
        const task = found.get(`Task/${id}`)
        return patient === row.patient && task?.resourceType === 'Task'
          ? [{ id, title: titleOf(task), owner: owner_name, aboutThis: task.focus?.reference === place }]
          : []
      }),
    }
  })
}

function shownOf(sight: Sight | undefined, resource: Resource | undefined): Resource | undefined {
  if (!resource || (sight?.hidden(resource.resourceType) ?? []).length === 0) return resource
  return JSON.parse(shown(sight, resource.resourceType, JSON.stringify(resource)))
}

const tasksOf = (tx: Tx, patients: readonly string[]) =>
  tx.query<{ id: string; patient: string; owner_name: string | null }>({
    name: 'open-tasks-of-patients',
    text: `select w.* from (select distinct p from unnest($2::text[]) as u (p)) u cross join lateral (
             select w.id, w.patient, w.owner_name from work_item w where w.tenant_id = $1 and w.patient = u.p and w.open
             order by w.owner is null, w.rank, w.due, w.id limit 3) w`,
    values: [tx.tenant, patients],
  })
