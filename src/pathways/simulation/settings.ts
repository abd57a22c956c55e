import type { Distribution } from './distributions.ts'

/** People of one role at work on some weekdays (0 Sunday … 6 Saturday), from one time of day to another on the clinic's clock. */
export interface Shift {
  days: readonly number[]
  from: string
  to: string
  staff: number
}

/** What a simulation takes for a step. Shares need not add up to 1; they are taken as weights. */
export interface StepModel {
  /** Of a task: the time somebody works at it. Of what nobody here does: the time until the answer. */
  takes: Distribution
  /** How it ends, by outcome. `late` and `nothing`: no answer comes. */
  outcomes: Readonly<Record<string, number>>
  /** How often its condition skips it: a share from 0 to 1. */
  skips: number
}

/** What a simulation takes for something that comes from outside the pathway: an end, a rest, a track that an event begins or stops. */
export interface EventModel {
  /** In which share of the journeys it comes, 0 to 1; of the end of a rest, in which share of the rests. */
  share: number
  /** Hours until it comes: since the journey began; of the end of a rest, since that began; of what stops a track that an event begins, since then. */
  after: Distribution
}

export interface Settings {
  /** The first moment, in milliseconds. */
  from: number
  days: number
  /** Days at the beginning that fill the house and are not counted. */
  warmUp: number
  replications: number
  seed: number
  /** Journeys that begin on each weekday, Sunday first, and between which times of day. */
  arrivals: { perDay: readonly number[]; from: string; to: string }
  /** How often each priority comes, as weights. */
  priorities: Readonly<Record<string, number>>
  /** More journeys than usual: `extra` in all, evenly over `days`, from the day `day` after the warm-up. */
  surge: { extra: number; day: number; days: number } | null
  /** A role that is not here is never short of people. */
  roles: Readonly<Record<string, readonly Shift[]>>
  steps: Readonly<Record<string, StepModel>>
  /** By the rule's path (`stops.0`, `pauses.0`, `pauses.0.resume`, `tracks.x.starts`, `tracks.x.stops.0`); what is not here does not come. */
  events: Readonly<Record<string, EventModel>>
}
