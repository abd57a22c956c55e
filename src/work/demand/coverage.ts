import type { Tx } from '../../db/index.ts'
import { onClock } from '../../pathways/index.ts'
import type { Routing } from '../staff/routing.ts'
import type { Member } from '../staff/team.ts'
import { type Backtest, backtest } from './backtest.ts'
import { type Expected, intervalOf } from './counts.ts'
import { type HourCount, learn } from './forecast.ts'
import { type CoveragePlan, planCoverage, restOf, waitingKey } from './plan-coverage.ts'

const dayLength = 86_400_000
/** Days that are told ahead. */
const ahead = 14
/** Days that are learned from, at most: half a year. */
const past = 182
/** Less than two weeks say nothing about a week. */
const least = 14

/** The working calendar as far as demand goes: whose clock days and hours are of, and the days on which it is closed. */
export interface CoverageCalendar {
  zone: string
  holidays: readonly string[]
}

export interface Coverage extends CoveragePlan {
  /** Days as `2026-03-08` on the clinic's clock, today first. */
  days: string[]
  /** Whole days that the forecast was learned from. */
  learnedFrom: number
  held: { hours: Backtest; days: Backtest } | undefined
  team: readonly Member[]
}

export interface CoverageHour {
  hour: number
  expected: number
  low: number
  high: number
}

/**
 * Demand of the coming two weeks, learned from the log of tasks made, beside who may do it and is at work then. `without`:
 * as if this person (`Practitioner/…`) had left. undefined: there is less than two weeks of log yet.
 */
export async function readCoverage(
  tx: Tx,
  { routing, calendar }: { routing: Routing; calendar: CoverageCalendar },
  now: number,
  without?: string,
): Promise<Coverage | undefined> {
  const demand = await readDemand(tx, calendar, now)
  if (!demand) return undefined
  const { forecast, today, pairs } = demand
  const midnights = Array.from({ length: ahead + 1 }, (_none, n) => onClock(calendar.zone, now, '00:00', n))
  const everybody = await routing.team(tx, now)
  const team = everybody.filter(({ reference }) => reference !== without)
  const waiting = await readWaiting(tx, calendar.zone, now, today)
  const started = (now - (midnights[0] ?? now)) / 3_600_000
  const plan = planCoverage({
    ontology: routing.ontology,
    team,
    pairs,
    waiting,
    midnights,
    now,
    expected: (pair, day) =>
      day === 0
        ? restOf(forecast, pair, { day: today, hour: Math.min(23, Math.floor(started)), share: 1 - (started % 1) })
        : forecast({ ...pair, day: today + day, from: 0, until: 24 }),
  })
  return {
    ...plan,
    days: Array.from({ length: ahead }, (_none, n) => dateOf(today + n)),
    learnedFrom: demand.past.until - demand.past.from,
    held: backtest(demand.past, demand.isHoliday),
    team: everybody,
  }
}

/** What is expected of a kind in a place in each hour of a day to come (0: today). */
export async function readHours(
  tx: Tx,
  calendar: CoverageCalendar,
  now: number,
  { kind, place, day }: { kind: string; place: string; day: number },
): Promise<CoverageHour[]> {
  const demand = await readDemand(tx, calendar, now)
  if (!demand) return []
  return Array.from({ length: 24 }, (_none, hour) => {
    const law: Expected = demand.forecast({ kind, place, day: demand.today + day, from: hour, until: hour + 1 })
    const { low, high } = intervalOf(law, 0.8)
    return { hour, expected: law.mean, low, high }
  })
}

const dateOf = (day: number): string => new Date(day * dayLength).toISOString().slice(0, 10)

async function readDemand(tx: Tx, { zone, holidays }: CoverageCalendar, now: number) {
  const today = await localDay(tx, zone, now)
  const rows = await tx.query<HourCount & { role: string }>({
    name: 'work-made-by-hour',
    text: `select kind, jurisdiction as place, role, (at at time zone $2)::date - date '1970-01-01' as day,
             extract(hour from at at time zone $2)::int as hour, count(*)::int as count
           from work_made where tenant_id = $1 and at >= $3 and at < $4 group by 1, 2, 3, 4, 5`,
    values: [tx.tenant, zone, new Date(onClock(zone, now, '00:00', -past)), new Date(now)],
  })
  const counts = rows.filter(({ day }) => day < today)
  const from = Math.min(...counts.map(({ day }) => day))
  if (counts.length === 0 || today - from < least) return undefined
  const closed = new Set(holidays)
  const isHoliday = (day: number) => closed.has(dateOf(day))
  const known = { counts, from, until: today }
  const pairs = new Map<string, { kind: string; place: string; roles: string[] }>()
  for (const { kind, place, role } of rows) {
    const pair = pairs.get(`${kind} ${place}`) ?? { kind, place, roles: [] }
    if (!pair.roles.includes(role)) pair.roles.push(role)
    pairs.set(`${kind} ${place}`, pair)
  }
  return { today, past: known, isHoliday, forecast: learn(known, isHoliday), pairs: [...pairs.values()] }
}

async function localDay(tx: Tx, zone: string, now: number): Promise<number> {
  const [row] = await tx.query<{ day: number }>({
    name: 'local-day',
    text: `select ($1::timestamptz at time zone $2)::date - date '1970-01-01' as day`,
    values: [new Date(now), zone],
  })
  return row?.day ?? 0
}

/** Open tasks of a kind by the day they are due; late ones and those without a due time are today's. */
async function readWaiting(tx: Tx, zone: string, now: number, today: number): Promise<Map<string, number>> {
  const rows = await tx.query<{ kind: string; place: string; day: number; count: number }>({
    name: 'work-waiting-by-day',
    text: `select n.kind, n.jurisdiction as place,
             (greatest(w.due, $3) at time zone $2)::date - date '1970-01-01' as day, count(*)::int as count
           from work_need n join work_item w on w.tenant_id = n.tenant_id and w.id = n.id
           where n.tenant_id = $1 and w.open group by 1, 2, 3`,
    values: [tx.tenant, zone, new Date(now)],
  })
  return new Map(rows.map((row) => [waitingKey(row, row.day - today), row.count]))
}
