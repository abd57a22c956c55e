import type { AutomationWatch, WatchChart } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { Snapshot } from '../decisions/snapshot.ts'
import { wilson } from '../distributions.ts'
import { type Counts, type Drift, driftOf } from '../drift.ts'

const week = 7 * 86_400_000
const referenceWeeks = 8

interface Part {
  events: number
  all: number
}

export interface WatchedInput {
  name: string
  /** The week before last, and the last one, each against the eight weeks before both. */
  windows: (Drift & { cases: number })[]
  /** Questions without it, before both weeks and in the last one. */
  missing: { before: Part; now: Part; alarm: boolean }
  /** Codes of the last week that were not there before; text that is no code is not named. */
  fresh: { value: string; count: number }[]
}

/** Counts of an input's values, missing among them; numbers by fifths of the reference, so that no cell is too small. */
function counted(values: readonly unknown[], cuts: readonly number[]): Counts {
  const counts: Record<string, number> = {}
  for (const value of values) {
    const cell = typeof value === 'number' ? `above ${cuts.filter((cut) => value > cut).length}` : JSON.stringify(value)
    counts[cell] = (counts[cell] ?? 0) + 1
  }
  return counts
}

function fifths(values: readonly unknown[]): number[] {
  const numbers = values.filter((value) => typeof value === 'number').sort((a, b) => a - b)
  return [...new Set([1, 2, 3, 4].flatMap((n) => numbers[Math.floor((n * numbers.length) / 5)] ?? []))]
}

/** Fewer cases than this before are no reference for what is new. */
const leastBefore = 50
/** How much more often an input may be missing before it is an alarm: five in a hundred, by the lower end of its 90 % interval. */
const missingMargin = 0.05

function missingOf(before: readonly unknown[], now: readonly unknown[]): WatchedInput['missing'] {
  const part = (values: readonly unknown[]): Part => ({
    events: values.filter((value) => value === null).length,
    all: values.length,
  })
  const [was, is] = [part(before), part(now)]
  const enough = was.all >= leastBefore && is.all > 0
  const alarm = enough && wilson(is.events, is.all, 1.6449).low > was.events / was.all + missingMargin
  return { before: was, now: is, alarm }
}

/** A code, and no date: what else a text may hold could be about somebody. */
const isCode = (value: string): boolean => /^[A-Za-z][\w.:|/-]{0,39}$/.test(value)

function freshOf(before: readonly unknown[], now: readonly unknown[]): WatchedInput['fresh'] {
  if (before.length < leastBefore) return []
  const known = new Set(before)
  const counts = new Map<string, number>()
  for (const value of now)
    if (typeof value === 'string' && !known.has(value)) {
      const name = isCode(value) ? value : '…'
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count)
}

/** How an automation's inputs have moved, each by its distribution. */
export async function watchInputs(tx: Tx, automation: string, now: number): Promise<WatchedInput[]> {
  const rows = await tx.query<{ asked_at: Date; inputs: Snapshot }>({
    text: 'select asked_at, inputs from automation_decision where tenant_id = $1 and automation = $2 and asked_at >= $3 and asked_at < $4',
    values: [tx.tenant, automation, new Date(now - (referenceWeeks + 2) * week), new Date(now)],
  })
  const names = [...new Set(rows.flatMap(({ inputs }) => Object.keys(inputs)))].sort()
  return names.map((name) => {
    const between = (from: number, until: number) =>
      rows
        .filter(({ asked_at }) => asked_at.getTime() >= from && asked_at.getTime() < until)
        .map(({ inputs }) => inputs[name]?.value ?? null)
    const before = between(0, now - 2 * week)
    const last = between(now - week, now)
    const cuts = fifths(before)
    const reference = counted(before, cuts)
    return {
      name,
      windows: [between(now - 2 * week, now - week), last].map((values) => ({
        cases: values.length,
        ...driftOf(reference, counted(values, cuts)),
      })),
      missing: missingOf(before, last),
      fresh: freshOf(before, last),
    }
  })
}

/** What somebody should look at: nothing of it but drift for two weeks holds an automation back. */
export function alarmsOf(inputs: readonly WatchedInput[], charts: readonly WatchChart[]): AutomationWatch['alarms'] {
  const lag = charts.find(({ name }) => name === 'lag')
  const last = lag?.points.at(-1)
  const late = last?.signals.includes('outside') === true && (last.value ?? 0) > (lag?.centre ?? 0)
  return [
    ...inputs.flatMap(({ name, windows, missing, fresh }) => [
      ...(windows.at(-1)?.state === 'alarm' ? [{ kind: 'drift' as const, about: name }] : []),
      ...(missing.alarm ? [{ kind: 'missing' as const, about: name }] : []),
      ...fresh.map(({ value }) => ({ kind: 'new-code' as const, about: `${name}: ${value}` })),
    ]),
    ...(late ? [{ kind: 'late-arrival' as const, about: 'lag' }] : []),
  ]
}
