import type { Resource } from '@medplum/fhirtypes'
import type { VariableValue } from '../expressions/index.ts'
import type { Calendar } from './calendar.ts'
import type { Localized, Step } from './model.ts'

/** One change of the record, as the engine sees it. */
export interface ResourceChange {
  interaction: 'create' | 'update' | 'delete'
  resource: Resource
}

/** What can happen to a journey. `id` is unique; `at` in milliseconds. */
export type JourneyEvent = { id: string; at: number } & (
  | ({ kind: 'start'; journey: string; key: string; subject: string; zone?: string | undefined } & Beginning)
  | { kind: 'change'; change: ResourceChange }
  | { kind: 'timer'; timer: string }
  /** A journey that a `start` step of this one began, by the step's effect key, has ended. */
  | { kind: 'child'; key: string; outcome: string }
  | { kind: 'act'; act: PersonalAct; by: string; reason: string }
)

/** What began a journey: one of its pathway's starts, or another journey. */
export type Beginning = { start: number; change: ResourceChange } | { parent: Parent }

export interface Parent {
  journey: string
  trigger: string
  priority: string
  variables: Readonly<Record<string, VariableValue>>
}

/** What a person does to a journey itself. */
export type PersonalAct = { do: 'cancel' } | { do: 'pause' | 'resume' } | { do: 'skip' | 'add'; step: string }

/** How often each circle has gone round, by its first step; what has never gone round is left out. */
export type Rounds = Readonly<Record<string, number>>

export interface OpenStep {
  /** The effect's key, also the id of the Task, Communication or request it made; empty for a wait, which makes nothing. */
  key: string
  n: number
  since: number
  due: number | undefined
  rounds?: Rounds
  /** Of a message's fallback: its place in the list. The channels themselves have none. */
  fallback?: number
}

/** All of a journey that the engine needs; plain JSON. */
export interface JourneyState {
  journey: string
  status: 'active' | 'completed' | 'cancelled'
  outcome: string | null
  stage: string | null
  stageSince: number
  /** When it last moved: events move a journey in order of time. */
  at: number
  key: string
  /** `Patient/…`. */
  subject: string
  /** What started it: `ServiceRequest/…`. */
  trigger: string
  priority: string
  /** Each with the event that gave its value. */
  variables: Record<string, { value: VariableValue; event: string }>
  /** Effects asked for so far; the next one's number. */
  effects: number
  tracks: string[]
  /** Steps that are open, by name. */
  open: Record<string, OpenStep>
  /** How often each step was opened, and how it last ended (null: withdrawn or skipped by its condition). */
  past: Record<string, { n: number; outcome: string | null; rounds?: Rounds }>
  /** Edges decided: `step<predecessor index` → taken or not. */
  edges: Record<string, boolean>
  timers: Record<string, Timer>
  /** Requests made so far, by key: withdrawn with the journey if nobody has answered them. */
  requests: Record<string, 'Appointment' | 'ServiceRequest'>
  /** Steps that repeat, between their first occurrence and their last. */
  repeats?: Record<string, { first: number; times: number }>
  paused?: Paused
  /** The patient's own zone, where the pathway follows it. */
  zone?: string
  /** Events that have been used up, the newest last: one that comes twice satisfies nothing twice. */
  used?: string[]
  /** The journey whose `start` step began this one. */
  parent?: string
}

/** A rest: what the journey will go on with. */
export interface Paused {
  since: number
  /** Index of the pathway's `pauses`; null when a person paused it. */
  by: number | null
  timers: Record<string, Timer>
  todo: string[]
}

export interface Timer {
  due: number
  step: string
  n: number
  /**
   * `wait`: the time waited for has come; `late`: what is awaited did not come; `again`: the next occurrence of a repeated
   * step; `resume`: the longest rest is over; a number: that rung of the escalation.
   */
  does: 'wait' | 'late' | 'again' | 'resume' | number
  /** Stands at a moment of the data, which a rest does not move. */
  fixed?: true
}

interface Asked {
  key: string
  step: string
  n: number
}

/** What the engine asks the world to do. `key` is unique in the installation and the idempotency key. */
export type Effect = Asked &
  (
    | {
        kind: 'task'
        role: string
        title: Localized
        description: Localized | undefined
        due: number | undefined
        outcomes: readonly { code: string; title: Localized }[]
        stage: string | null
        /** Canonical of the form to fill in. */
        questionnaire?: string
        /** Kind of the task ontology: who of the role may do it where the patient is. */
        taskKind?: string
        /** The step whose doer may not do this one too. */
        otherThan?: string
      }
    | { kind: 'escalate'; task: string; to: string; rung: number; missed: boolean }
    /** What was asked of somebody has been answered in another way: the Task is done. */
    | { kind: 'settle'; task: string }
    | { kind: 'reschedule'; task: string; due: number }
    /** The journey has moved to another version, which asks for the same work in other words, of another role or by another time. */
    | {
        kind: 'revise'
        task: string
        role: string
        title: Localized
        description: Localized | undefined
        due: number | undefined
        outcomes: readonly { code: string; title: Localized }[]
        stage: string | null
        questionnaire?: string
        taskKind?: string
      }
    | {
        kind: 'cancel'
        what: 'Task' | 'Communication' | 'Appointment' | 'ServiceRequest' | 'Journey'
        resource: string
        reason: string
      }
    | {
        kind: 'message'
        to: string
        template: string
        channels: readonly string[]
        budget?: 'urgent' | 'reminder'
        questionnaire?: string
      }
    | { kind: 'request'; resource: 'Appointment' | 'ServiceRequest'; title: Localized; order?: Order }
    | { kind: 'call'; connector: string; operation: string; input: Readonly<Record<string, VariableValue>> }
    | { kind: 'decide'; automation: string; gives: readonly string[] }
    | { kind: 'start'; pathway: string; version: number; variables: Readonly<Record<string, VariableValue>> }
  )

type Order = Pick<NonNullable<Step['order']>, 'code' | 'category'>

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
    | 'withdrawn'
    | 'added'
    | 'paused'
    | 'resumed'
    | 'cancelled'
    | 'ended'
    /** To another version of the pathway, and back. */
    | 'moved'
    | 'moved-back'
    /** What is open goes on as the new version words it. */
    | 'revised'
    /** A step of the new version that the journey is past already. */
    | 'passed'
  step: string | null
  n: number
  /** Path of the rule in the definition: `tracks.intake.steps.triage.escalate.0`. */
  rule: string
  /** Id of the event that led to it. */
  event: string
  at: number
  /** Small facts for the sentence: outcome, role, stage, due, effect key, and the reason a person gave. Never texts from the record. */
  data: Record<string, string | number | boolean | null>
}

export interface Advanced {
  state: JourneyState
  effects: Effect[]
  log: LogEntry[]
}

export interface EngineContext {
  /** Milliseconds: when the event happened. The only time the engine knows. */
  now: number
  calendar: Calendar
}
