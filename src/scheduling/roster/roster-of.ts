import type { Tx } from '../../db/index.ts'

interface Hours {
  shifts: { from: number; until: number; onCall?: boolean }[]
  leave: { from: number; until: number }[]
}

/** Times at work and away that touch a window (milliseconds), by `Practitioner/…`, in order. */
export async function rosterOf(tx: Tx, window: { from: number; until: number }): Promise<Map<string, Hours>> {
  const rows = await tx.query<{ practitioner: string; kind: string; from_at: Date; until_at: Date }>({
    name: 'roster-of',
    text: `select r.practitioner, s.kind, s.from_at, s.until_at from shift s
           join roster r on r.tenant_id = s.tenant_id and r.id = s.schedule
           where s.tenant_id = $1 and s.until_at > $2 and s.from_at < $3 order by s.from_at, s.id`,
    values: [tx.tenant, new Date(window.from), new Date(window.until)],
  })
  const found = new Map<string, Hours>()
  for (const { practitioner, kind, from_at, until_at } of rows) {
    const hours = found.get(practitioner) ?? { shifts: [], leave: [] }
    const period = { from: from_at.getTime(), until: until_at.getTime() }
    if (kind === 'leave') hours.leave.push(period)
    else hours.shifts.push(kind === 'on-call' ? { ...period, onCall: true } : period)
    found.set(practitioner, hours)
  }
  return found
}
