import type { CompiledStep } from './compile.ts'
import type { Draft } from './draft.ts'
import type { OpenStep } from './state.ts'

export const againTimer = (step: CompiledStep): string => `${step.id}#again`

/** Ends an open step with an outcome and takes the edges that lead from it. */
export function finish(draft: Draft, step: CompiledStep, outcome: string): void {
  const { state } = draft
  const open = state.open[step.id]
  if (!open) return
  delete state.open[step.id]
  draft.cancelled ||= outcome === 'cancelled'
  draft.remember(step, open.n, outcome, open.rounds)
  draft.dropTimers(step, 'again')
  draft.note('done', step.id, open.n, step.rule, { outcome })
  takeEdges(draft, step, outcome, isOver(draft, step))
  // It may have been reached once more while it was open.
  draft.todo.push(step.id)
}

/** Whether a step that has ended will not come again by its repetition. */
function isOver(draft: Draft, step: CompiledStep): boolean {
  const { state } = draft
  if (!step.repeat || !state.repeats?.[step.id]) return true
  const done = step.repeat.until?.(draft.values()) === true
  if (!done && draft.timers[againTimer(step)]) return false
  endRepeat(draft, step)
  return true
}

export function endRepeat(draft: Draft, step: CompiledStep): void {
  delete draft.timers[againTimer(step)]
  delete draft.state.repeats?.[step.id]
}

/** An edge without an outcome follows whatever end but a cancellation; of a repeated step, its last. */
export function takeEdges(draft: Draft, step: CompiledStep, outcome: string, over: boolean): void {
  for (const edge of step.to) {
    const taken = edge.outcome === undefined ? over && outcome !== 'cancelled' : edge.outcome === outcome
    if (!taken) continue
    draft.state.edges[edge.edge] = true
    draft.todo.push(edge.step)
  }
}

/** What should have happened by now has not: the edges that follow a lateness, and the tracks that it starts. */
export function miss(draft: Draft, step: CompiledStep, open: OpenStep, rule: string): void {
  draft.note('missed', step.id, open.n, rule, { due: open.due ?? draft.now })
  for (const edge of step.to) {
    if (edge.outcome !== 'missed') continue
    draft.state.edges[edge.edge] = true
    draft.todo.push(edge.step)
  }
  for (const track of draft.pathway.tracks) if (track.startsMissed.includes(step.id)) beginTrack(draft, track.id)
}

/** Starts a track, or starts it once more if it may and has nothing open. */
export function beginTrack(draft: Draft, id: string): boolean {
  const { state, pathway } = draft
  const track = pathway.tracks.find((one) => one.id === id)
  if (!track) return false
  if (state.tracks.includes(id)) {
    const busy = (name: string) => pathway.steps[name]?.track === id
    if (!track.again || Object.keys(state.open).some(busy) || Object.keys(state.repeats ?? {}).some(busy)) return false
    for (const name in pathway.steps) {
      const step = pathway.steps[name]
      if (step?.track === id) draft.forgetAnswers(step)
    }
  }
  state.tracks = [...state.tracks, id]
  draft.todo.push(...track.first)
  return true
}

/** Takes an open step back: nobody is to do it any more. */
export function withdraw(draft: Draft, step: CompiledStep, why: string): void {
  const open = draft.state.open[step.id]
  if (!open) return
  delete draft.state.open[step.id]
  draft.dropTimers(step, 'again')
  draft.remember(step, open.n, null, open.rounds)
  draft.note('withdrawn', step.id, open.n, step.rule, { why })
  retract(draft, step, open, why)
}

/** Takes back what an open step has asked for. */
export function retract(draft: Draft, step: CompiledStep, open: OpenStep, reason: string): void {
  const what = madeBy(step, open)
  if (what) draft.ask(step.id, open.n, { kind: 'cancel', what, resource: open.key, reason })
}

function madeBy(step: CompiledStep, open: OpenStep) {
  switch (step.kind) {
    case 'task':
      return 'Task'
    case 'message':
      return open.fallback === undefined ? 'Communication' : 'Task'
    case 'form':
      return step.step.form?.role === undefined ? 'Communication' : 'Task'
    case 'appointment':
      return 'Appointment'
    case 'order':
      return 'ServiceRequest'
    case 'start':
      return 'Journey'
    case 'call':
    case 'decide':
      return open.key === '' ? undefined : 'Task'
    case 'wait':
    case 'request':
    case 'end':
      return undefined
  }
}
