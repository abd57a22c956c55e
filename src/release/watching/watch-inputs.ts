import type { Tx } from '../../db/index.ts'
import type { Snapshot } from '../decisions/snapshot.ts'
import { type Counts, type Drift, driftOf } from '../drift.ts'

const week = 7 * 86_400_000
const referenceWeeks = 8

export interface WatchedInput {
  name: string
  /** The week before last, and the last one, each against the eight weeks before both. */
  windows: Drift[]
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
    const cuts = fifths(before)
    const reference = counted(before, cuts)
    return {
      name,
      windows: [between(now - 2 * week, now - week), between(now - week, now)].map((values) =>
        driftOf(reference, counted(values, cuts)),
      ),
    }
  })
}
