import type { Tx } from '../../db/index.ts'
import { type WeeklyHours, weeklyShifts } from './weekly-shifts.ts'

interface Hours {
  shifts: { from: number; until: number; onCall?: boolean }[]
  leave: { from: number; until: number }[]
}

const day = 86_400_000

/**
 * Times at work and away that touch a window (milliseconds), by `Practitioner/…`, in order: of rosters, and where these have
 * no shift of somebody's on a day, of their general hours on the clock of `zone`.
 */
export const createRosterOf =
  (zone: string) =>
  async (tx: Tx, window: { from: number; until: number }): Promise<Map<string, Hours>> => {
    const found = await rostered(tx, window)
    const rows = await tx.query<{ practitioner: string; hours: WeeklyHours }>({
      name: 'availability-of',
      text: 'select practitioner, hours from availability where tenant_id = $1 order by practitioner, id',
      values: [tx.tenant],
    })
    if (rows.length === 0) return found
    // A shift that begins before the window says that its day is the roster's.
    const wide = await rostered(tx, { from: window.from - day, until: window.until + day })
    for (const { practitioner, hours } of rows) {
      const who = `Practitioner/${practitioner}`
      const own = (wide.get(who)?.shifts ?? []).flatMap(({ from, onCall }) => (onCall === true ? [] : [from]))
      const { shifts, leave } = found.get(who) ?? { shifts: [], leave: [] }
      const off = hours.off.flatMap(({ from = 0, until = Number.MAX_SAFE_INTEGER }) =>
        until > window.from && from < window.until
          ? [{ from: Math.max(from, window.from), until: Math.min(until, window.until) }]
          : [],
      )
      found.set(who, {
        shifts: [...shifts, ...weeklyShifts(hours, zone, window, own)].toSorted((a, b) => a.from - b.from),
        leave: [...leave, ...off].toSorted((a, b) => a.from - b.from),
      })
    }
    return found
  }

async function rostered(tx: Tx, window: { from: number; until: number }): Promise<Map<string, Hours>> {
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
