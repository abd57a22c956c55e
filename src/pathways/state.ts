import type { Resource } from '@medplum/fhirtypes'
import type { VariableValue } from '../expressions/index.ts'
import type { Localized } from './model.ts'

/** One change of the record, as the engine sees it. */
export interface ResourceChange {
  interaction: 'create' | 'update' | 'delete'
  resource: Resource
}

/** What can happen to a journey. `id` is unique; `at` in milliseconds. */
export type JourneyEvent = { id: string; at: number } & (
  | { kind: 'start'; journey: string; key: string; subject: string; start: number; change: ResourceChange }
  | { kind: 'change'; change: ResourceChange }
  | { kind: 'timer'; timer: string }
  | { kind: 'cancel'; by: string; reason: string }
)

export interface OpenStep {
  /** The effect's key, also the id of the Task, Communication or request it made; empty for a wait, which makes nothing. */
  key: string
  n: number
  turn: number
  since: number
  due: number | undefined
}

/** All of a journey that the engine needs; plain JSON. */
export interface JourneyState {
  journey: string
  status: 'active' | 'completed' | 'cancelled'
  outcome: string | null
  stage: string | null
  stageSince: number
  key: string
  /** `Patient/…`. */
  subject: string
  /** What started it: `ServiceRequest/…`. */
  trigger: string
  priority: string
  variables: Record<string, { value: VariableValue; event: string }>
  /** Effects asked for so far; the next one's number. */
  effects: number
  tracks: string[]
  /** Steps that are open, by name. */
  open: Record<string, OpenStep>
  /** How often each step was opened, how it last ended, and the highest occurrence of a predecessor that opened it. */
  past: Record<string, { n: number; outcome: string | null; turn: number }>
  /** Edges decided: `step<predecessor index` → taken or not. */
  edges: Record<string, boolean>
  timers: Record<string, Timer>
  /** Requests made so far, by key: withdrawn with the journey if nobody has answered them. */
  requests: Record<string, 'Appointment' | 'ServiceRequest'>
}

export interface Timer {
  due: number
  step: string
  n: number
  /** `wait`: the time waited for has come; `late`: an awaited event did not come; a number: that rung of the escalation. */
  does: 'wait' | 'late' | number
}

/** What the engine asks the world to do. `key` is unique in the installation and the idempotency key. */
export type Effect = { key: string; step: string; n: number } & (
  | {
      kind: 'task'
      role: string
      title: Localized
      description: Localized | undefined
      due: number | undefined
      outcomes: readonly { code: string; title: Localized }[]
      stage: string | null
    }
  | { kind: 'escalate'; task: string; to: string; rung: number; missed: boolean }
  | {
      kind: 'cancel'
      what: 'Task' | 'Communication' | 'Appointment' | 'ServiceRequest'
      resource: string
      reason: string
    }
  | { kind: 'message'; to: string; template: string; channels: readonly string[] }
  | { kind: 'request'; resource: 'Appointment' | 'ServiceRequest'; title: Localized }
)

/** One line of a journey's log: what happened and by which rule. Kept for ever; sentences are made from it on reading. */
export interface LogEntry {
  kind:
    | 'started'
    | 'stage'
    | 'opened'
    | 'done'
    | 'skipped'
    | 'waiting'
    | 'escalated'
    | 'missed'
    | 'asked'
    | 'set'
    | 'cancelled'
    | 'ended'
  step: string | null
  n: number
  /** Path of the rule in the definition: `tracks.intake.steps.triage.escalate.0`. */
  rule: string
  /** Id of the event that led to it. */
  event: string
  at: number
  /** Small facts for the sentence: outcome, role, stage, due, effect key. Never names or texts from the record. */
  data: Record<string, string | number | boolean | null>
}

export interface Advanced {
  state: JourneyState
  effects: Effect[]
  log: LogEntry[]
}
