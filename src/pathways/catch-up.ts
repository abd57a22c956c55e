import type { Calendar } from './calendar.ts'
import type { CompiledPathway } from './compile.ts'
import { advance } from './engine.ts'
import type { Advanced, Effect, JourneyEvent, JourneyState, LogEntry } from './state.ts'

/**
 * Fires, each at its own time and in order, the timers that are due before `before` (milliseconds). Whoever applies events
 * late calls this first, so that a journey's log is the same however late it is written.
 */
export function catchUp(pathway: CompiledPathway, state: JourneyState, before: number, calendar: Calendar): Advanced {
  const effects: Effect[] = []
  const log: LogEntry[] = []
  let now = state
  for (let fired = 0; fired < mostFirings; fired += 1) {
    const key = soonestTimer(now, before)
    const timer = key === undefined ? undefined : now.timers[key]
    if (key === undefined || !timer || now.status !== 'active') break
    const event = timerEvent(now.journey, key, timer.due)
    const moved = advance(pathway, now, event, { now: timer.due, calendar })
    // One that concerns nothing any more would be the next one for ever.
    now = moved.state === now ? without(now, key) : moved.state
    effects.push(...moved.effects)
    log.push(...moved.log)
  }
  return { state: now, effects, log }
}

// A year of a circle that goes round every hour; the rest is left to the next call.
const mostFirings = 10_000

export const timerEvent = (journey: string, timer: string, due: number): JourneyEvent => ({
  id: `timer/${journey}/${timer}/${due}`,
  at: due,
  kind: 'timer',
  timer,
})

/** The timer that is due first, if that is before `before`; of two due together the first by name. */
export function soonestTimer(state: JourneyState, before: number): string | undefined {
  let next: string | undefined
  let soonest = before
  for (const key in state.timers) {
    const due = state.timers[key]?.due ?? before
    if (due < soonest || (due === soonest && next !== undefined && key < next)) {
      next = key
      soonest = due
    }
  }
  return next
}

function without(state: JourneyState, key: string): JourneyState {
  const { [key]: _gone, ...timers } = state.timers
  return { ...state, timers }
}
