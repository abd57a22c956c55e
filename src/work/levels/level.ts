import type { Calendar } from '../../pathways/index.ts'
import type { Title } from '../task-words.ts'
import { openStretches, type Stretch } from './open-stretches.ts'

/** How soon some tasks are to be done, and who hears of it when they are not. */
export interface LevelPolicy {
  id: string
  title: Title
  /** What a task must be for the policy to hold; what is left out does not matter. */
  for: {
    kinds?: readonly string[] | undefined
    services?: readonly string[] | undefined
    pathways?: readonly string[] | undefined
    roles?: readonly string[] | undefined
    priorities?: readonly string[] | undefined
  }
  /** Milliseconds on the policy's clock. */
  goal: number
  /** The share of the goal from which a task is at risk. */
  atRisk: number
  /** What the hours are called: `always` for all of them. */
  calendarId: string
  /** The hours that count; all of them when it is undefined. */
  calendar: Calendar | undefined
  /** Milliseconds for which the clock may stand still in all, while somebody waits for the patient. */
  longestPause: number
  ladder: readonly Rung[]
}

/** A step of escalation. */
export interface Rung {
  /** The share of the goal at which it comes. */
  share: number
  /** The role in whose queue the task then stands too. */
  to: string
  /** Whether whoever of that role is on call is told besides. */
  onCall: boolean
  /** Milliseconds within which somebody must have said that they know, or the next rung comes. */
  acknowledge: number | undefined
}

/** What a task's clock runs by. All in milliseconds. */
export interface Moments {
  start: number
  /** When it was closed. */
  end: number | undefined
  /** Times of waiting for the patient; one that lies ahead is as it was planned. */
  pauses: readonly Stretch[]
}

export interface Level {
  status: 'on-time' | 'at-risk' | 'breached' | 'paused'
  /** When the goal is or was up, as things stand; undefined when the calendar does not open for three years. */
  goalAt: number | undefined
  atRiskAt: number | undefined
  /** When the clock runs again. */
  pausedUntil: number | undefined
}

const furthest = 3 * 366 * 86_400_000

/** How a task stands at a moment: told from its stored moments alone, so that no sweep is needed and none can be late. */
export function levelAt(policy: LevelPolicy, moments: Moments, now: number): Level {
  const goalAt = momentOfShare(policy, moments, 1)
  const atRiskAt = momentOfShare(policy, moments, policy.atRisk)
  const at = moments.end ?? now
  const pause =
    moments.end === undefined
      ? countedPauses(policy, moments).find(({ from, until }) => from <= now && now < until)
      : undefined
  const status =
    goalAt !== undefined && at > goalAt
      ? 'breached'
      : pause
        ? 'paused'
        : moments.end === undefined && atRiskAt !== undefined && at >= atRiskAt
          ? 'at-risk'
          : 'on-time'
  return { status, goalAt, atRiskAt, pausedUntil: status === 'paused' ? pause?.until : undefined }
}

/** When the clock of a task has run for a share of the goal: the first such moment. */
export function momentOfShare(policy: LevelPolicy, moments: Moments, share: number): number | undefined {
  let left = Math.round(policy.goal * share)
  if (left <= 0) return moments.start
  for (const { from, until } of running(policy, moments)) {
    if (until - from >= left) return from + left
    left -= until - from
  }
  return undefined
}

/** The stretches in which the clock runs: open, and not paused. */
function* running(policy: LevelPolicy, moments: Moments): Generator<Stretch> {
  const { start } = moments
  let from = start
  for (const pause of countedPauses(policy, moments)) {
    yield* openStretches(policy.calendar, from, pause.from)
    from = pause.until
  }
  yield* openStretches(policy.calendar, from, start + furthest)
}

/** Pauses since the start, in order and none within another, until the policy's longest is used up. */
function countedPauses(policy: LevelPolicy, { start, pauses }: Moments): Stretch[] {
  let left = policy.longestPause
  let seen = start
  return pauses
    .toSorted((a, b) => a.from - b.from)
    .flatMap((pause) => {
      const from = Math.max(pause.from, seen)
      const until = Math.min(pause.until, from + left)
      if (until <= from) return []
      left -= until - from
      seen = until
      return [{ from, until }]
    })
}

/** A rung that was climbed. */
export interface Climbed {
  rung: number
  at: number
  /** When somebody said that they know. */
  acknowledgedAt: number | undefined
}

/** The rung that comes next, and when; undefined when the ladder has no more. */
export function nextRung(
  policy: LevelPolicy,
  moments: Moments,
  climbed: readonly Climbed[],
): { rung: number; at: number } | undefined {
  const last = climbed.at(-1)
  const rung = (last?.rung ?? -1) + 1
  const next = policy.ladder[rung]
  if (!next) return undefined
  const byShare = momentOfShare(policy, moments, next.share) ?? Number.POSITIVE_INFINITY
  const patience = last && last.acknowledgedAt === undefined ? policy.ladder[last.rung]?.acknowledge : undefined
  const at = Math.min(byShare, last && patience !== undefined ? last.at + patience : Number.POSITIVE_INFINITY)
  return Number.isFinite(at) ? { rung, at } : undefined
}
