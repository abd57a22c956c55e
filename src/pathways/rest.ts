import type { Draft } from './draft.ts'
import { settle } from './settle.ts'
import type { Timer } from './state.ts'

/** Lets the journey rest: its timers stand still, and nothing more is asked for. `by`: the pathway's rule, or a person. */
export function pause(draft: Draft, by: number | null, rule: string, data: Record<string, string>): void {
  const { state, now, pathway } = draft
  const atMost = by === null ? undefined : pathway.pauses[by]?.atMost
  state.paused = { since: now, by, timers: state.timers, todo: [] }
  state.timers = {}
  if (atMost) state.timers['rest#resume'] = { due: draft.after(now, atMost), step: '', n: 0, does: 'resume' }
  draft.note('paused', null, 0, rule, data)
}

/** Goes on: every timer keeps the time it had left, but for those that stand at a date of the data. */
export function resume(draft: Draft, rule: string, data: Record<string, string>): void {
  const { state, now, pathway } = draft
  const { paused } = state
  if (!paused) return
  const rested = now - paused.since
  draft.note('resumed', null, 0, rule, { ...data, rested })
  delete state.paused
  state.timers = {}
  for (const [key, timer] of Object.entries(paused.timers)) state.timers[key] = shift(timer, rested)
  for (const name in state.open) {
    const open = state.open[name]
    const step = pathway.steps[name]
    if (!open || !step || open.due === undefined) continue
    if (Object.values(state.timers).some((timer) => timer.step === name && timer.fixed)) continue
    const due = open.due + rested
    draft.open(step, { ...open, due })
    const isTask = step.kind === 'task' || step.step.form?.role !== undefined || open.fallback !== undefined
    if (isTask) draft.ask(name, open.n, { kind: 'reschedule', task: open.key, due })
  }
  draft.todo.push(...paused.todo)
  settle(draft)
}

const shift = (timer: Timer, by: number): Timer => (timer.fixed ? timer : { ...timer, due: timer.due + by })
