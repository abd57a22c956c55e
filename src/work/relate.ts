/** Adds a value to a statement and gives its place in the text, cast to the named PostgreSQL type. */
type Bind = (value: unknown, type: string) => string

/** SQL: does one of these (`Practitioner/…`) hold an open task for the patient (SQL of `Patient/…`)? */
export const holdsTaskFor = (patient: string, who: readonly string[], bind: Bind): string =>
  `exists (select from work_item rel_w where rel_w.tenant_id = current_tenant() and rel_w.patient = ${patient} and rel_w.open and rel_w.owner = any (${bind(who, 'text[]')}) offset 0)`

/** SQL: does an open task for the patient stand in the queue of one of these roles, for anybody to take? */
export const queuedTaskFor = (patient: string, roles: readonly string[], bind: Bind): string =>
  `exists (select from work_item rel_w where rel_w.tenant_id = current_tenant() and rel_w.patient = ${patient} and rel_w.open and rel_w.owner is null and (rel_w.role = any (${bind(roles, 'text[]')}) or rel_w.escalated && ${bind(roles, 'text[]')}) offset 0)`
