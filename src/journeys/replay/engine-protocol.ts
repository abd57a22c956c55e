import type { PastChange } from '../../fhir/index.ts'
import type {
  AnswerPool,
  Assumption,
  Calendar,
  Definition,
  Replayed,
  Surroundings,
  Tally,
} from '../../pathways/index.ts'

/** What a thread that replays is begun with. Times in milliseconds. */
export interface EngineSettings {
  draft: Definition
  calendar: Calendar
  table: Surroundings['table']
  from: number
  until: number
  assume: Assumption
}

/** A line of a journey's log as it lies in the database. */
export interface LogRow {
  journey: string
  kind: string
  step: string | null
  n: number
  rule: string
  event: string
  at: number
  data: string
}

export interface JourneyRow {
  id: string
  subject: string
  pathway: string
  version: number
  key: string
  entry: number
  startedAt: number
  endedAt: number | null
}

/** Some patients with all that their replay needs. */
export interface Chunk {
  subjects: readonly string[]
  /** Journeys of the pathway that began in the period, and those that began these. */
  journeys: readonly JourneyRow[]
  /** Journeys of the pathway that began before the period. */
  earlier: readonly JourneyRow[]
  lines: readonly LogRow[]
  changes: readonly PastChange[]
  /** Of these, what may begin a journey of another clinic than the one that is looked at. */
  elsewhere: readonly string[]
  /** Definitions that the thread has not had yet. */
  versions: readonly { version: number; definition: Definition }[]
}

export type ToEngine =
  | { do: 'learn'; lines: readonly LogRow[] }
  | { do: 'tell-pool' }
  | { do: 'use-pool'; pool: AnswerPool }
  | { do: 'replay'; chunk: Chunk }

/** One journey's row of a run. */
export interface JourneyResult {
  journey: string
  subject: string
  differs: number
  assumed: number
  faithful: boolean | null
  side: 'both' | 'before' | 'after'
  kinds: string[]
}

export type FromEngine =
  | { said: 'learnt' }
  | { said: 'pool'; pool: AnswerPool }
  | { said: 'replayed'; print: string; tally: Tally; rows: JourneyResult[] }
  | { said: 'look-ahead'; event: string; journey: string; message: string }
  | { said: 'failed'; message: string }

/** A run's row of a journey; undefined where there is nothing to show. */
export function resultOf(subject: string, one: Replayed): JourneyResult | undefined {
  if (one.differences.length === 0 && one.faithful !== false) return undefined
  return {
    journey: one.journey,
    subject,
    differs: one.differences.length,
    assumed: one.after?.assumed ?? 0,
    faithful: one.faithful,
    side: one.before && one.after ? 'both' : one.before ? 'before' : 'after',
    kinds: [...new Set(one.differences.flatMap(({ what, changes }) => changes.map((change) => `${what} ${change}`)))],
  }
}
