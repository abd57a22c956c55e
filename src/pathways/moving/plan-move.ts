import type { MoveFate, MoveMapping, MoveReason } from '../../contracts/index.ts'
import type { CompiledPathway } from '../compile.ts'
import type { JourneyState } from '../state.ts'
import { type MoveContext, type MovedState, moveState } from './move-state.ts'

/** What a person has said of one journey: leave it on its version, or withdraw what has no counterpart and move it. */
export type MoveDecision = 'keep' | 'move'

export interface MovePlan {
  fate: MoveFate
  reasons: MoveReason[]
  /** What the move would come to now; undefined when it does not come to it. */
  moved: MovedState | undefined
}

/**
 * What becomes of one journey: it stays; it moves now; it moves at the next safe point, which is when nothing is open or
 * still to be repeated that has no counterpart and is to be kept until done; or a person is asked. Pure. The timers due
 * before `context.now` must have fired.
 */
export function planMove(
  from: CompiledPathway,
  to: CompiledPathway,
  state: JourneyState,
  mapping: MoveMapping,
  context: MoveContext,
  decision?: MoveDecision,
): MovePlan {
  if (state.status !== 'active') return { fate: 'keep', reasons: [{ code: 'ended', step: null }], moved: undefined }
  if (decision === 'keep') return { fate: 'keep', reasons: [{ code: 'kept-by-person', step: null }], moved: undefined }
  const kept: MoveReason[] = []
  const asked: MoveReason[] = []
  for (const step of new Set([...Object.keys(state.open), ...Object.keys(state.repeats ?? {})])) {
    const choice = mapping.steps[step]?.do ?? 'ask'
    // What has begun a journey of its own is never withdrawn by a move.
    const journey = from.steps[step]?.kind === 'start'
    if (choice === 'keep') kept.push({ code: 'no-counterpart-kept', step })
    else if (choice === 'ask' && decision !== 'move') asked.push({ code: 'no-counterpart-asked', step })
    else if (choice === 'ask' && journey) kept.push({ code: 'no-counterpart-kept', step })
  }
  if (asked.length > 0) return { fate: 'ask', reasons: [...asked, ...kept], moved: undefined }
  if (kept.length > 0) return { fate: 'later', reasons: kept, moved: undefined }
  const moved = moveState(from, to, state, mapping, context)
  return moved.doubts.length > 0 ? { fate: 'ask', reasons: moved.doubts, moved } : { fate: 'now', reasons: [], moved }
}

/**
 * A journey that was moved, as it stood before: exactly, but for the count of its effects, which goes on so that no key
 * comes twice. `after` must be the state as the move left it.
 */
export const moveBack = (before: JourneyState, after: JourneyState): JourneyState => ({
  ...before,
  effects: after.effects,
})
