import type { CompiledPathway, CompiledStep } from '../compile.ts'
import { isLater, mergeRounds } from '../rounds.ts'
import type { JourneyState, Rounds } from '../state.ts'
import type { Names } from './names.ts'

type Past = JourneyState['past'][string]

/**
 * Which ways the journey has gone, in the words of the new version. A way that both versions have is taken if it was; one
 * that only the new version has is taken if the step before it ended so, and that end still stands. A new way back is
 * never taken: it would begin a round that nobody has begun.
 */
export function carryEdges(
  from: CompiledPathway,
  to: CompiledPathway,
  state: JourneyState,
  names: Names,
): { edges: Record<string, boolean>; derived: Set<string> } {
  const edges: Record<string, boolean> = {}
  const derived = new Set<string>()
  for (const step of Object.values(to.steps))
    for (const edge of step.from) {
      const source = names.before(edge.step)
      if (source === undefined) continue
      const old = counterpart(from, names, source, step.id, edge.outcome)
      if (old) {
        if (state.edges[old.edge] === true && (!edge.back || old.back)) edges[edge.edge] = true
      } else if (!edge.back && endedSo(from, state, names, source, edge.outcome)) {
        edges[edge.edge] = true
        derived.add(edge.edge)
      }
    }
  return { edges, derived }
}

function counterpart(
  from: CompiledPathway,
  names: Names,
  source: string,
  target: string,
  outcome: string | undefined,
): CompiledStep['from'][number] | undefined {
  const old = from.steps[names.before(target) ?? '']
  return old?.from.find((edge) => edge.step === source && names.outcome(source, edge.outcome) === outcome)
}

/** Whether a step's last end takes an edge of this outcome, and no later round has made that end void. */
function endedSo(
  from: CompiledPathway,
  state: JourneyState,
  names: Names,
  source: string,
  outcome: string | undefined,
): boolean {
  const past = state.past[source]
  const step = from.steps[source]
  if (!past || !step || past.outcome === null || state.open[source] || state.repeats?.[source]) return false
  if (outcome === undefined ? past.outcome === 'cancelled' : names.outcome(source, past.outcome) !== outcome)
    return false
  const own = step.to.filter((edge) => edge.outcome === undefined || edge.outcome === past.outcome)
  if (own.length > 0) return own.some((edge) => state.edges[edge.edge] === true)
  return !Object.values(from.steps).some(
    (first) =>
      first.circle.includes(source) &&
      isLater(roundsOf(state, first.id), past.rounds) &&
      (roundsOf(state, first.id)?.[first.id] ?? 0) > (past.rounds?.[first.id] ?? 0),
  )
}

const roundsOf = (state: JourneyState, id: string): Rounds | undefined => (state.open[id] ?? state.past[id])?.rounds

/**
 * What has been reached already has been reached by the new ways too: they are no news to it. Without this a round counted
 * on a new way would open again what is done.
 */
export function absorbRounds(to: CompiledPathway, state: JourneyState, derived: ReadonlySet<string>): void {
  const grown = new Set<string>()
  for (let again = true; again; ) {
    again = false
    for (const step of Object.values(to.steps)) {
      const own = state.open[step.id] ?? reached(state.past[step.id])
      if (!own) continue
      for (const edge of step.from) {
        if (state.edges[edge.edge] !== true || edge.back) continue
        if (!derived.has(edge.edge) && !grown.has(edge.step)) continue
        const rounds = roundsOf(state, edge.step)
        if (!isLater(rounds, own.rounds)) continue
        const merged = mergeRounds(own.rounds, rounds)
        if (merged) own.rounds = merged
        grown.add(step.id)
        again = true
      }
    }
  }
}

const reached = (past: Past | undefined): Past | undefined => (past && past.n > 0 ? past : undefined)
