import { type Definition, stepsOf } from '../model.ts'
import type { LogEntry } from '../state.ts'
import type { Change } from './differences.ts'

/** Why a line differs from the other side's: what the two definitions say of its step, or that an earlier difference led to it. */
export type Reason =
  | { because: 'step-added' | 'step-removed' | 'not-begun' | 'begun-only-here' | 'follows' | 'assumed' }
  /** `parts`: the parts of the step that are written otherwise. */
  | { because: 'step-changed'; parts: string[] }

/** A line of the recorded log beside the same of the draft's. */
export interface Pair {
  before: LogEntry | null
  after: LogEntry | null
  changes: Change[]
  reason: Reason | null
}

/** Two logs of one journey beside each other, in order of time, with what differs and why. */
export function sideBySide(
  before: { log: readonly LogEntry[]; definition: Definition } | null,
  after: { log: readonly LogEntry[]; definition: Definition } | null,
): Pair[] {
  const pairs = new Map<string, Pair>()
  put(pairs, before?.log ?? [], 'before')
  put(pairs, after?.log ?? [], 'after')
  const listed = [...pairs.values()].toSorted((a, b) => timeOf(a) - timeOf(b))
  const changed = before && after ? changedSteps(before.definition, after.definition) : undefined
  for (const pair of listed) {
    pair.changes = changesOf(pair)
    if (pair.changes.length > 0) pair.reason = reasonOf(pair, changed, before !== null)
  }
  return listed
}

function put(pairs: Map<string, Pair>, log: readonly LogEntry[], side: 'before' | 'after'): void {
  const times = new Map<string, number>()
  for (const line of log) {
    const { kind, step, n, data } = line
    // A message's fallback opens the same occurrence once more.
    const name = `${kind} ${step}#${n} ${data['stage'] ?? data['share'] ?? data['way'] ?? ''}`
    const time = (times.get(name) ?? 0) + 1
    times.set(name, time)
    const key = `${name} ${time}`
    const pair = pairs.get(key) ?? { before: null, after: null, changes: [], reason: null }
    pair[side] = line
    pairs.set(key, pair)
  }
}

const timeOf = ({ before, after }: Pair): number =>
  Math.min(before?.at ?? Number.POSITIVE_INFINITY, after?.at ?? Number.POSITIVE_INFINITY)

function changesOf({ before, after }: Pair): Change[] {
  if (!before) return ['added']
  if (!after) return ['removed']
  const changes: Change[] = []
  if (after.at !== before.at) changes.push(after.at > before.at ? 'later' : 'earlier')
  else if (after.data['due'] !== before.data['due']) changes.push('due')
  if (after.data['outcome'] !== before.data['outcome']) changes.push('outcome')
  if (['role', 'to', 'template'].some((name) => after.data[name] !== before.data[name])) changes.push('whom')
  return changes
}

function reasonOf(
  { before, after }: Pair,
  changed: ReadonlyMap<string, Reason> | undefined,
  recorded: boolean,
): Reason {
  if (!changed) return { because: recorded ? 'not-begun' : 'begun-only-here' }
  if (after?.event.startsWith('assumed/')) return { because: 'assumed' }
  const step = after?.step ?? before?.step
  return (typeof step === 'string' ? changed.get(step) : undefined) ?? { because: 'follows' }
}

/** Steps that one definition has and the other has not, or has otherwise. */
function changedSteps(before: Definition, after: Definition): Map<string, Reason> {
  const [was, is] = [before, after].map((one) => new Map(stepsOf(one).map(({ id, step }) => [id, step])))
  const found = new Map<string, Reason>()
  for (const [id, step] of is ?? []) {
    const former = was?.get(id)
    if (!former) found.set(id, { because: 'step-added' })
    else {
      const names = [...new Set([...Object.keys(former), ...Object.keys(step)])] as (keyof typeof step)[]
      const parts = names.filter((name) => JSON.stringify(former[name]) !== JSON.stringify(step[name]))
      if (parts.length > 0) found.set(id, { because: 'step-changed', parts })
    }
  }
  for (const id of was?.keys() ?? []) if (!is?.has(id)) found.set(id, { because: 'step-removed' })
  return found
}
