import type { Resource } from '@medplum/fhirtypes'
import type { CompiledSets, CompiledStep } from './compile.ts'
import type { Draft } from './draft.ts'
import { againTimer, endRepeat, finish, takeEdges, withdraw } from './finish-step.ts'
import { armRepeat, armUntil, endJourney, openStep } from './open-step.ts'
import { isLater, mergeRounds } from './rounds.ts'
import type { Rounds } from './state.ts'

// A circle of skipped steps cannot loop (the checker demands one that takes time in each), but a bug must not hang a worker.
const mostOpenings = 1_000

/** Opens every step whose join is met, until none is left. A journey that rests keeps them for later. */
export function settle(draft: Draft): void {
  const { state, todo } = draft
  if (state.paused) {
    if (todo.length > 0) state.paused = { ...state.paused, todo: [...new Set([...state.paused.todo, ...todo])] }
    return
  }
  do {
    for (let next = todo.shift(); next !== undefined && state.status === 'active'; next = todo.shift()) {
      const step = draft.pathway.steps[next]
      if (step) tryOpen(draft, step)
    }
    if (state.status !== 'active') return
    meetConditions(draft)
  } while (todo.length > 0)
  // Nothing open, nothing waited for: the journey is over, whether or not an end step said so. If that is so because
  // somebody cancelled a task that nothing follows, it says so: this is not care completed.
  if (Object.keys(state.open).length === 0 && !some(state.repeats))
    endJourney(draft, draft.cancelled ? 'abandoned' : 'complete', 'pathway', null)
}

const some = (record: object | undefined): boolean => record !== undefined && Object.keys(record).length > 0

function meetConditions(draft: Draft): void {
  for (const name in draft.state.open) {
    const step = draft.pathway.steps[name]
    if (step?.condition?.(draft.values())) finish(draft, step, 'met')
  }
}

function tryOpen(draft: Draft, step: CompiledStep): void {
  const { edges, open, past } = draft.state
  let taken = 0
  let again = false
  let rounds: Rounds | undefined
  for (const edge of step.from)
    if (edges[edge.edge] === true) {
      taken += 1
      again ||= edge.back
      rounds = mergeRounds(rounds, (open[edge.step] ?? past[edge.step])?.rounds)
    }
  if (step.from.length === 0) {
    if (step.step.discretionary === 'add') return
    rounds = trackRounds(draft, step.track)
  } else if (taken < step.needs) return
  const before = past[step.id]
  if (again) {
    goRound(draft, step)
    rounds = nextRound(step, rounds, draft.state.past[step.id]?.rounds)
  } else if (open[step.id] || draft.state.repeats?.[step.id]) return
  // Journeys begun under 0.1 noted what no way led to as opened no times.
  else if (before && before.n > 0 && !isLater(rounds, before.rounds)) return
  // Each occurrence of a repeated step is news to what follows it, the first one too.
  openOrSkip(draft, step, step.repeat && !again ? nextRound(step, rounds, before?.rounds) : rounds)
}

/** One round more of the circle that a step begins, or of its own repetition. */
const nextRound = (step: CompiledStep, rounds: Rounds | undefined, before: Rounds | undefined): Rounds => ({
  ...rounds,
  [step.id]: Math.max(before?.[step.id] ?? 0, rounds?.[step.id] ?? 0) + 1,
})

/** A track that has started again counts as a circle that has gone round. */
function trackRounds(draft: Draft, track: string): Rounds | undefined {
  const times = draft.state.tracks.filter((one) => one === track).length
  return times > 1 ? { [`track ${track}`]: times - 1 } : undefined
}

export function openOrSkip(draft: Draft, step: CompiledStep, rounds: Rounds | undefined): void {
  draft.openings += 1
  if (draft.openings > mostOpenings) throw new RangeError(`${draft.pathway.id} opens steps without end at ${step.id}`)
  const before = draft.state.past[step.id]
  const n = (before?.n ?? 0) + 1
  if (before) draft.forgetAnswers(step)
  if (step.when && !step.when(draft.values())) {
    draft.remember(step, n, null, rounds)
    draft.note('skipped', step.id, n, `${step.rule}.when`, {})
    takeEdges(draft, step, 'skipped', skipsTheLast(draft, step, n))
  } else openStep(draft, step, n, rounds)
}

/** An occurrence of a repetition that its condition skips counts like any other: whether it was the last. */
function skipsTheLast(draft: Draft, step: CompiledStep, n: number): boolean {
  if (!draft.state.repeats?.[step.id]) return false
  armRepeat(draft, step, n)
  if (draft.timers[againTimer(step)]) return false
  endRepeat(draft, step)
  return true
}

/** A circle goes round as a whole: what its last round has left open is withdrawn, and that round's answers are void. */
function goRound(draft: Draft, first: CompiledStep): void {
  for (const name of first.circle) {
    const step = draft.pathway.steps[name]
    if (!step) continue
    stopStep(draft, step, 'again')
    draft.forgetAnswers(step)
  }
}

function stopStep(draft: Draft, step: CompiledStep, why: string): void {
  withdraw(draft, step, why)
  if (draft.state.repeats?.[step.id]) endRepeat(draft, step)
}

/** Withdraws all that a track has open. */
export function stopTrack(draft: Draft, track: string, why: string): void {
  for (const name in draft.pathway.steps) {
    const step = draft.pathway.steps[name]
    if (step?.track !== track) continue
    stopStep(draft, step, why)
    draft.forgetAnswers(step)
  }
}

/** Sets variables, and the waits for a moment that one of them gives. */
export function learn(draft: Draft, sets: CompiledSets, resource: Resource): void {
  if (sets.length === 0) return
  draft.set(sets, resource)
  for (const name in draft.state.open) {
    const step = draft.pathway.steps[name]
    const open = draft.state.open[name]
    const wait = step?.step.wait
    if (!step || !open || !wait || !('until' in wait) || !sets.some((one) => one.name === wait.until)) continue
    armUntil(draft, step, draft.open(step, { ...open }))
  }
}

/** The time of a repeated step's next occurrence has come: one that is still open is missed. */
export function repeatStep(draft: Draft, step: CompiledStep): void {
  const open = draft.state.open[step.id]
  if (step.repeat?.until?.(draft.values())) {
    endRepeat(draft, step)
    if (open) return
    takeEdges(draft, step, draft.state.past[step.id]?.outcome ?? 'done', true)
    draft.todo.push(step.id)
    return
  }
  if (open) {
    draft.note('missed', step.id, open.n, `${step.rule}.repeat`, { due: draft.now })
    withdraw(draft, step, 'missed')
  }
  const rounds = draft.state.past[step.id]?.rounds
  openOrSkip(draft, step, nextRound(step, rounds, rounds))
}
