import type { Tx } from '../../db/index.ts'
import type { MatterRow } from './list-matters.ts'

export interface TaskAround {
  id: string
  patient: string
  /** `Type/id` of the matter that it is about; null when it is another of the patient's. */
  about: string | null
  owner_name: string | null
}

/** The open tasks about each of what waits (three at most), and of each patient the one that somebody is at, or the most urgent. */
export const tasksAround = (
  tx: Tx,
  rows: readonly Pick<MatterRow, 'type' | 'id' | 'patient'>[],
): Promise<TaskAround[]> =>
  tx.query<TaskAround>({
    name: 'tasks-around-matters',
    text: `
      select t.id, t.patient, m.type || '/' || m.id as about, t.owner_name
      from (select distinct * from unnest($2::text[], $3::text[]) as m (type, id)) m cross join lateral (
        select w.id, w.patient, w.owner_name from fhir_reference f join work_item w on w.tenant_id = $1 and w.id = f.id and w.open
        where f.tenant_id = $1 and f.type = 'Task' and f.param = 'focus' and f.target_id = m.id and f.target_type = m.type
        order by w.owner is null, w.rank, w.due, w.id limit 3) t
      union all
      select t.id, t.patient, null, t.owner_name
      from (select distinct patient from unnest($4::text[]) as p (patient)) p cross join lateral (
        select w.id, w.patient, w.owner_name from work_item w where w.tenant_id = $1 and w.patient = p.patient and w.open
        order by w.owner is null, w.rank, w.due, w.id limit 1) t`,
    values: [tx.tenant, rows.map(({ type }) => type), rows.map(({ id }) => id), rows.map(({ patient }) => patient)],
  })
