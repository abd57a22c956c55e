import type { CompiledPathway } from './compile.ts'
import { Draft, nothing } from './draft.ts'
import { finish, retract } from './finish-step.ts'
import { close } from './open-step.ts'
import { pause, resume } from './rest.ts'
import { openOrSkip, settle } from './settle.ts'
import type { Advanced, EngineContext, JourneyEvent, JourneyState, PersonalAct } from './state.ts'

/** What a person does to the journey. What cannot be done gives back the same state; `mayAct` says why. */
export function acted(
  pathway: CompiledPathway,
  state: JourneyState,
  event: JourneyEvent & { kind: 'act' },
  context: EngineContext,
): Advanced {
  const { act, by, reason } = event
  if (mayAct(pathway, state, act) !== true) return nothing(state)
  const draft = new Draft(pathway, state, event.id, context.now, context.calendar)
  if (act.do === 'cancel') {
    draft.note('cancelled', null, 0, by, { outcome: 'cancelled', by, reason })
    close(draft, 'cancelled', 'cancelled')
  } else if (act.do === 'pause') pause(draft, null, by, { by, reason })
  else if (act.do === 'resume') resume(draft, by, { by, reason })
  else if ('step' in act) {
    const step = pathway.steps[act.step]
    const open = state.open[act.step]
    if (step && act.do === 'add') {
      const rounds = state.past[act.step]?.rounds
      draft.note('added', step.id, (state.past[act.step]?.n ?? 0) + 1, `${step.rule}.discretionary`, { by, reason })
      openOrSkip(draft, step, { ...rounds, [step.id]: (rounds?.[step.id] ?? 0) + 1 })
    } else if (step && open) {
      draft.note('skipped', step.id, open.n, `${step.rule}.discretionary`, { by, reason })
      retract(draft, step, open, 'skipped')
      finish(draft, step, 'skipped')
    }
    settle(draft)
  }
  return draft.result()
}

/** Whether a person's act is possible now, or why it is not. */
export function mayAct(
  pathway: CompiledPathway,
  state: JourneyState,
  act: PersonalAct,
): true | 'ended' | 'resting' | 'not-resting' | 'unknown-step' | 'not-discretionary' | 'open' | 'not-open' {
  if (state.status !== 'active') return 'ended'
  if (act.do === 'cancel') return true
  if (act.do === 'resume') return state.paused ? true : 'not-resting'
  if (state.paused) return 'resting'
  if (!('step' in act)) return true
  const step = pathway.steps[act.step]
  if (!step) return 'unknown-step'
  if (step.step.discretionary !== act.do) return 'not-discretionary'
  const open = state.open[act.step] !== undefined
  if (act.do === 'add') return open ? 'open' : true
  return open ? true : 'not-open'
}
