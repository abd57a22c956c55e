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
  const found = await readOpen(tx, sight, 'read', [
    ...rows.flatMap(({ type, id, patient }) => [`${type}/${id}`, patient]),
    ...rows.flatMap(({ tasks }) => tasks.map(([id]) => `Task/${id}`)),
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
      tasks: row.tasks.flatMap(([id, aboutThis, owner], at) => {
        const task = found.get(`Task/${id}`)
        // One that is about it may also be the patient's first.
        const again = row.tasks.findIndex(([other]) => other === id) < at
        return task?.resourceType === 'Task' && !again ? [{ id, title: titleOf(task), owner, aboutThis }] : []
      }),
    }
  })
}

function shownOf(sight: Sight | undefined, resource: Resource | undefined): Resource | undefined {
  if (!resource || (sight?.hidden(resource.resourceType) ?? []).length === 0) return resource
  return JSON.parse(shown(sight, resource.resourceType, JSON.stringify(resource)))
}
