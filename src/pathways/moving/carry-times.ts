import { addDuration, type Duration, nextAt } from '../calendar.ts'
import type { CompiledStep } from '../compile.ts'
import type { Draft } from '../draft.ts'
import { againTimer } from '../finish-step.ts'
import { armRepeat, armUntil, dueOf } from '../open-step.ts'
import type { OpenStep, Timer } from '../state.ts'

/** Why a timer does not stay as it is. */
export type TimerWhy =
  | 'follows'
  | 'rung-gone'
  | 'no-limit'
  | 'no-due'
  | 'no-repeat'
  | 'repeat-over'
  | 'step-gone'
  | 'ended'
  | 'new'

/** What becomes of each timer: its new name and due time, or why it is withdrawn. */
export type TimerFates = Map<string, { to: string; due: number; why: TimerWhy | null } | { to: null; why: TimerWhy }>

interface Pair {
  old: CompiledStep
  now: CompiledStep
  times: 'keep' | 'follow'
}

/**
 * Carries the timers of one step over to its counterpart. None starts again: one that follows the new version moves by as
 * much as both versions differ, counted from when the step opened; a rung that has fired does not fire again; a rung that
 * only the new version has is set if its time has not passed.
 */
export function carryTimes(draft: Draft, pair: Pair, before: Readonly<Record<string, Timer>>, fates: TimerFates): void {
  const { old, now } = pair
  const open = draft.state.open[now.id]
  const own = Object.entries(before).filter(([, timer]) => timer.step === old.id)
  if (open) {
    const isWork = open.fallback === undefined && now.due !== undefined
    const shift = isWork || old.due ? moveDue(draft, pair, open) : 0
    for (const [key, timer] of own) {
      if (timer.does === 'again') continue
      fates.set(
        key,
        typeof timer.does === 'number' ? rung(draft, pair, open, timer, shift) : limit(draft, pair, open, timer),
      )
    }
    if (open.fallback === undefined) newRungs(draft, pair, open)
    newLimit(draft, pair, open)
    if (!isWork && !old.due) followMain(draft, now, open)
  }
  carryRepeat(draft, pair, own, open, fates)
}

/** From when a journey that rests counts on. */
const reference = (draft: Draft): number => draft.state.paused?.since ?? draft.now

/** Moves an open task's due time, if it is to follow; gives by how much. */
function moveDue(draft: Draft, { old, now, times }: Pair, open: OpenStep): number {
  if (times === 'keep' || open.fallback !== undefined) return 0
  const was = dueOf(draft, old, open.since)
  const is = dueOf(draft, now, open.since)
  if (is === undefined) {
    open.due = undefined
    return 0
  }
  if (open.due === undefined || was === undefined) {
    open.due = is
    return 0
  }
  open.due += is - was
  return is - was
}

function put(draft: Draft, step: CompiledStep, open: OpenStep, timer: Timer, due: number, why: TimerWhy | null) {
  const to = `${step.id}#${open.n}.${timer.does}`
  draft.timers[to] = { ...timer, step: step.id, due }
  return { to, due, why: why === null && due === timer.due ? null : (why ?? 'follows') } as const
}

/** A rung of the escalation, or the due time itself, which stands after the last rung. */
function rung(
  draft: Draft,
  { old, now }: Pair,
  open: OpenStep,
  timer: Timer,
  shift: number,
): ReturnType<TimerFates['get']> & object {
  if (typeof timer.does !== 'number') return { to: null, why: 'rung-gone' }
  if (open.due === undefined) return { to: null, why: 'no-due' }
  const place = rungPlace(old, now, timer.does)
  if (place === undefined) return { to: null, why: 'rung-gone' }
  const share = old.escalate[timer.does]?.share ?? 1
  const due = timer.due + Math.round(shift * share)
  return put(draft, now, open, { ...timer, does: place }, due, due === timer.due ? null : 'follows')
}

/** Where a rung stands in the new version; the one at the due time stands wherever lateness is noticed there. */
function rungPlace(old: CompiledStep, now: CompiledStep, place: number): number | undefined {
  const rule = old.escalate[place]
  const share = rule?.share ?? 1
  const same = now.escalate.findIndex((one) => one.share === share && (rule === undefined || one.to === rule.to))
  if (same >= 0) return same
  const alike = now.escalate.findIndex((one) => one.share === share)
  if (alike >= 0) return alike
  return share === 1 ? now.escalate.length : undefined
}

/** Rungs that only the new version has, where their time is still to come; all of them where there was no due time before. */
function newRungs(draft: Draft, { old, now, times }: Pair, open: OpenStep): void {
  const all = !old.due
  if (open.due === undefined || !now.due || (all && times === 'keep')) return
  const span = open.due - open.since
  const shares = now.escalate.map(({ share }, place) => ({ share, place }))
  if (all && !shares.some(({ share }) => share === 1)) shares.push({ share: 1, place: now.escalate.length })
  for (const { share, place } of shares) {
    if (!all && (share === 1 || old.escalate.some((rule) => rule.share === share))) continue
    const due = Math.round(open.since + span * share)
    if (due > reference(draft) || all) draft.arm(now, open, due, place)
  }
}

/** The end of a wait, or how long something asked for is waited for. */
function limit(
  draft: Draft,
  { old, now, times }: Pair,
  open: OpenStep,
  timer: Timer,
): ReturnType<TimerFates['get']> & object {
  if (timer.does === 'late' && !now.atMost) return { to: null, why: 'no-limit' }
  if (times === 'keep') return put(draft, now, open, timer, timer.due, null)
  if (timer.does === 'late') {
    const moved = timer.due + between(draft, open.since, old.atMost, now.atMost)
    const due = moved === timer.due ? moved : Math.max(reference(draft), moved)
    return put(draft, now, open, timer, due, null)
  }
  if (timer.fixed) {
    armUntil(draft, now, open)
    const key = `${now.id}#${open.n}.wait`
    const due = draft.timers[key]?.due ?? timer.due
    return { to: key, due, why: due === timer.due ? null : 'follows' }
  }
  const moved = timer.due + (waitEnd(draft, now, open.since) - waitEnd(draft, old, open.since))
  const due = moved === timer.due ? moved : Math.max(reference(draft), moved)
  return put(draft, now, open, timer, due, null)
}

const between = (draft: Draft, since: number, old: Duration | undefined, now: Duration | undefined): number =>
  old && now ? draft.after(since, now) - draft.after(since, old) : 0

function waitEnd(draft: Draft, step: CompiledStep, since: number): number {
  const { wait } = step.step
  if (!wait || !('for' in wait) || !step.duration) return since
  const due = addDuration(draft.calendar, since, step.duration, draft.zone())
  return wait.at === undefined ? due : nextAt(draft.zone(), due, wait.at)
}

/** A limit that only the new version sets, if it is to be followed. */
function newLimit(draft: Draft, { old, now, times }: Pair, open: OpenStep): void {
  if (times === 'keep' || old.atMost || !now.atMost) return
  draft.arm(now, open, Math.max(reference(draft), draft.after(open.since, now.atMost)), 'late')
}

/** What is not work is due when its wait or its limit ends. */
function followMain(draft: Draft, step: CompiledStep, open: OpenStep): void {
  if (open.fallback !== undefined) return
  const main = draft.timers[`${step.id}#${open.n}.wait`] ?? draft.timers[`${step.id}#${open.n}.late`]
  if (main || open.due !== undefined) open.due = main?.due
}

function carryRepeat(
  draft: Draft,
  { old, now, times }: Pair,
  own: readonly (readonly [string, Timer])[],
  open: OpenStep | undefined,
  fates: TimerFates,
): void {
  const { state } = draft
  const again = own.find(([, timer]) => timer.does === 'again')
  const running = state.repeats?.[now.id]
  const gone = (why: TimerWhy) => {
    if (again) fates.set(again[0], { to: null, why })
  }
  if (!running) {
    // What is open begins to come again, at the pace that would have begun with it.
    if (now.repeat && !old.repeat && open) {
      state.repeats = { ...state.repeats, [now.id]: { first: open.since, times: 0 } }
      armRepeat(draft, now, open.n)
    }
    return gone('no-repeat')
  }
  if (!now.repeat) {
    delete state.repeats?.[now.id]
    return gone('no-repeat')
  }
  if (!again) return
  const [key, timer] = again
  if (running.times >= now.repeat.times) return gone('repeat-over')
  const to = againTimer(now)
  if (times === 'keep') {
    draft.timers[to] = { ...timer, step: now.id }
    fates.set(key, { to, due: timer.due, why: null })
    return
  }
  state.repeats = { ...state.repeats, [now.id]: { ...running, times: running.times - 1 } }
  armRepeat(draft, now, timer.n)
  const due = draft.timers[to]?.due
  if (due === undefined) gone('repeat-over')
  else fates.set(key, { to, due, why: due === timer.due ? null : 'follows' })
}
