import type { Resource } from '@medplum/fhirtypes'
import {
  createCel,
  type FhirPathCondition,
  type FhirPathValue,
  fhirPathCondition,
  fhirPathValue,
  type TypeTable,
  type VariableType,
  type VariableValue,
} from '../expressions/index.ts'
import { type Duration, parseDuration } from './calendar.ts'
import { circlesOf } from './circles.ts'
import {
  type Definition,
  duesOf,
  kindOf,
  predecessorsOf,
  type Step,
  type StepKind,
  stepsOf,
  type Trigger,
} from './model.ts'

/** What `%…` stands for in a pathway's FHIRPath. `key` and `trigger` are not yet known while a start is matched. */
export const pathVariables = ['key', 'subject', 'trigger'] as const

export interface CompiledTrigger {
  on: string
  when: FhirPathCondition['run'] | undefined
  sets: CompiledSets
}

/** Values taken out of a resource, each as the declared type of its variable. */
export type CompiledSets = readonly { name: string; type: VariableType; value: FhirPathValue['run'] }[]
type Condition = (variables: Readonly<Record<string, VariableValue>>) => boolean

export interface CompiledStep {
  id: string
  track: string
  rule: string
  kind: StepKind
  step: Step
  /** How many of the edges that lead here must be taken. */
  needs: number
  /** Edges that lead here. `back`: the edge closes a circle, which goes round once more by it. */
  from: readonly { edge: string; step: string; outcome: string | undefined; back: boolean }[]
  /** Edges that lead away, by the steps they lead to. */
  to: readonly { edge: string; step: string; outcome: string | undefined }[]
  /** The steps of the circle that this step begins, itself among them; empty for any other step. */
  circle: readonly string[]
  when: Condition | undefined
  rules: readonly { when: Condition; gives: string }[]
  events: readonly (CompiledTrigger & { name: string })[]
  /** What a wait for a condition waits for. */
  condition: Condition | undefined
  /** Taken out of what ends the step: a form's answer, a booked appointment, a result. */
  sets: CompiledSets
  /** By priority, with `otherwise`. */
  due: Readonly<Record<string, Duration>> | undefined
  escalate: readonly { share: number; to: string }[]
  /** Of a wait: how long, or how long before (`less`) or after a date. */
  duration: Duration | undefined
  atMost: Duration | undefined
  fallback: readonly { way: 'phone' | 'letter'; role: string; due: Duration | undefined }[]
  repeat: CompiledRepeat | undefined
}

export interface CompiledRepeat {
  every: Duration
  times: number
  span: Duration | undefined
  until: Condition | undefined
  openDays: boolean
  at: string | undefined
}

export interface CompiledTrack {
  id: string
  starts: CompiledTrigger | undefined
  /** Steps whose lateness starts it. */
  startsMissed: readonly string[]
  stops: readonly CompiledTrigger[]
  again: boolean
  first: readonly string[]
}

export interface CompiledPathway {
  id: string
  version: number
  definition: Definition
  starts: readonly (CompiledTrigger & { key: FhirPathValue['run'] })[]
  stops: readonly (CompiledTrigger & { outcome: string })[]
  follows: readonly CompiledTrigger[]
  pauses: readonly (CompiledTrigger & { resume: CompiledTrigger; atMost: Duration | undefined })[]
  tracks: readonly CompiledTrack[]
  steps: Readonly<Record<string, CompiledStep>>
  /** Resource types that can start a journey here. */
  startTypes: ReadonlySet<string>
  /** Resource types that a running journey may wait for (besides its own Tasks and Communications). */
  waitTypes: ReadonlySet<string>
}

/** An expression of the definition that does not compile, uses what is not evaluated here, or gives another type than its variable's. */
export interface ExpressionFinding {
  code: 'expression-type' | 'function-not-offered' | 'unknown-variable' | 'variable-type'
  path: (string | number)[]
  message: string
}

/**
 * Compiles a definition whose shape has been parsed. Findings are expressions that do not type-check; a pathway with any
 * is not to be run. Pure and slow-ish (milliseconds): keep what it gives.
 */
export function compile(
  definition: Definition,
  version: number,
  table: TypeTable,
): { pathway: CompiledPathway; findings: ExpressionFinding[] } {
  const expressions = new Expressions(definition, table)
  const steps = compileSteps(definition, expressions)
  const starts = definition.starts.map((one, index) => ({
    ...expressions.trigger(one, ['starts', index], ['subject']),
    key: expressions.value(one.key, one.on, ['starts', index, 'key'], ['subject'])?.run ?? (() => null),
  }))
  const stops = (definition.stops ?? []).map((one, index) => ({
    ...expressions.trigger(one, ['stops', index]),
    outcome: one.outcome,
  }))
  const follows = (definition.follows ?? []).map((one, index) => expressions.trigger(one, ['follows', index]))
  const pauses = (definition.pauses ?? []).map((one, index) => ({
    ...expressions.trigger(one, ['pauses', index]),
    resume: expressions.trigger(one.resume, ['pauses', index, 'resume']),
    atMost: durationOf(one['at-most']),
  }))
  const tracks = Object.entries(definition.tracks).map(([id, track]): CompiledTrack => {
    const path = ['tracks', id]
    return {
      id,
      starts: track.starts && 'on' in track.starts ? expressions.trigger(track.starts, [...path, 'starts']) : undefined,
      startsMissed: track.starts && 'missed' in track.starts ? track.starts.missed : [],
      stops: (track.stops ?? []).map((one, index) => expressions.trigger(one, [...path, 'stops', index])),
      again: track.again ?? false,
      first: Object.keys(track.steps).filter(
        (name) => steps[name]?.from.length === 0 && track.steps[name]?.discretionary !== 'add',
      ),
    }
  })
  const waitTypes = new Set(
    [
      ...stops,
      ...follows,
      ...pauses.flatMap((pause) => [pause, pause.resume]),
      ...tracks.flatMap((track) => [...(track.starts ? [track.starts] : []), ...track.stops]),
      ...Object.values(steps).flatMap((one) => one.events),
    ].map((one) => one.on),
  )
  for (const { step } of Object.values(steps)) for (const type of answersOf(step)) waitTypes.add(type)
  if (definition.zone === 'patient') waitTypes.add('Patient')
  const pathway = {
    id: definition.pathway,
    version,
    definition,
    starts,
    stops,
    follows,
    pauses,
    tracks,
    steps,
    startTypes: new Set(starts.map((one) => one.on)),
    waitTypes,
  }
  return { pathway, findings: expressions.findings }
}

/** Types of resources, besides what the step itself makes, that end a step. */
function answersOf(step: Step): string[] {
  if (step.form) return ['QuestionnaireResponse']
  return step.order && step.order.result !== 'none' ? [step.order.result] : []
}

/** The definition's expressions, compiled, with what is wrong with them. */
class Expressions {
  readonly findings: ExpressionFinding[] = []
  readonly #definition: Definition
  readonly #table: TypeTable
  readonly #cel: ReturnType<typeof createCel>

  constructor(definition: Definition, table: TypeTable) {
    this.#definition = definition
    this.#table = table
    const types: [string, VariableType][] = Object.entries(definition.variables).map(([name, type]) => [
      name,
      celType(type),
    ])
    this.#cel = createCel({ ...Object.fromEntries(types), priority: 'string' })
  }

  #find(code: ExpressionFinding['code'], path: (string | number)[], message: string): void {
    this.findings.push({ code, path, message })
  }

  condition(source: string, path: (string | number)[]): Condition {
    const compiled = this.#cel.condition(source)
    if (compiled.ok) return compiled.run
    this.#find('expression-type', path, compiled.message)
    return () => false
  }

  value(source: string, on: string, path: (string | number)[], names: readonly string[]): FhirPathValue | undefined {
    const compiled = fhirPathValue(source, on, names, this.#table)
    if (compiled.ok) return compiled
    this.#find(compiled.code ?? 'expression-type', path, compiled.message)
    return undefined
  }

  sets(
    sets: Readonly<Record<string, string>> | undefined,
    on: string,
    path: (string | number)[],
    names: readonly string[] = pathVariables,
  ): CompiledSets {
    return Object.entries(sets ?? {}).flatMap(([name, source]) => {
      const declared = this.#definition.variables[name]
      if (declared === undefined) this.#find('unknown-variable', [...path, name], `no variable ${name} is declared`)
      const value = this.value(source, on, [...path, name], names)
      if (!value || declared === undefined) return []
      if (value.types !== 'unknown' && !value.types.some((type) => holds(declared, type)))
        this.#find('variable-type', [...path, name], `gives ${value.types.join(' or ')}; ${name} holds ${declared}`)
      return [{ name, type: celType(declared), value: value.run }]
    })
  }

  trigger(one: Trigger, path: (string | number)[], names: readonly string[] = pathVariables): CompiledTrigger {
    let when: CompiledTrigger['when']
    if (one.when !== undefined) {
      const compiled = fhirPathCondition(one.when, one.on, names, this.#table)
      if (compiled.ok) when = compiled.run
      else this.#find(compiled.code ?? 'expression-type', [...path, 'when'], compiled.message)
    } else if (!(one.on in this.#table))
      this.#find('expression-type', [...path, 'on'], `there is no resource type ${one.on} in FHIR R4`)
    return { on: one.on, when, sets: this.sets(one.set, one.on, [...path, 'set'], names) }
  }
}

const celType = (type: Definition['variables'][string]): VariableType =>
  type === 'date' || type === 'dateTime' ? 'string' : type

const whole = ['integer', 'positiveInt', 'unsignedInt']

/** Whether a variable of the declared type can hold what FHIRPath calls `type`. */
function holds(declared: Definition['variables'][string], type: string): boolean {
  switch (declared) {
    case 'bool':
      return type === 'boolean'
    case 'int':
      return whole.includes(type)
    case 'double':
      return type === 'decimal' || whole.includes(type)
    case 'date':
      return type === 'date'
    case 'dateTime':
      return ['dateTime', 'date', 'instant'].includes(type)
    case 'string':
      return /^[a-z]/.test(type) && type !== 'boolean' && type !== 'decimal' && !whole.includes(type)
  }
}

function compileSteps(definition: Definition, expressions: Expressions): Record<string, CompiledStep> {
  const circles = circlesOf(definition)
  const successors = new Map<string, { edge: string; step: string; outcome: string | undefined }[]>()
  for (const { id, step } of stepsOf(definition))
    for (const [index, { step: from, outcome }] of predecessorsOf(step).from.entries())
      successors.set(from, [...(successors.get(from) ?? []), { edge: `${id}<${index}`, step: id, outcome }])

  const steps: Record<string, CompiledStep> = {}
  for (const { id, track, step } of stepsOf(definition)) {
    const path = ['tracks', track, 'steps', id]
    const { needs, from } = predecessorsOf(step)
    const { repeat } = step
    const within = <T>(kind: StepKind, compiled: (at: (string | number)[]) => T): T => compiled([...path, kind])
    steps[id] = {
      id,
      track,
      rule: path.join('.'),
      kind: kindOf(step),
      step,
      needs,
      from: from.map((edge, index) => ({
        ...edge,
        edge: `${id}<${index}`,
        back: circles.get(id)?.from.has(edge.step) ?? false,
      })),
      to: successors.get(id) ?? [],
      circle: [...(circles.get(id)?.steps ?? [])],
      when: step.when === undefined ? undefined : expressions.condition(step.when, [...path, 'when']),
      rules:
        step.decide && 'rules' in step.decide
          ? step.decide.rules.map((rule, index) => ({
              when: expressions.condition(rule.when, [...path, 'decide', 'rules', index, 'when']),
              gives: rule.gives,
            }))
          : [],
      events:
        step.wait && 'events' in step.wait
          ? Object.entries(step.wait.events).map(([name, one]) => ({
              name,
              ...expressions.trigger(one, [...path, 'wait', 'events', name]),
            }))
          : [],
      condition:
        step.wait && 'condition' in step.wait
          ? expressions.condition(step.wait.condition, [...path, 'wait', 'condition'])
          : undefined,
      sets: step.form
        ? within('form', (at) => expressions.sets(step.form?.set, 'QuestionnaireResponse', [...at, 'set']))
        : step.appointment
          ? within('appointment', (at) => expressions.sets(step.appointment?.set, 'Appointment', [...at, 'set']))
          : step.order
            ? within('order', (at) =>
                expressions.sets(
                  step.order?.set,
                  step.order?.result === 'none' ? 'ServiceRequest' : (step.order?.result ?? 'ServiceRequest'),
                  [...at, 'set'],
                ),
              )
            : [],
      due: dueOf(step),
      escalate: (duesOf(step)?.escalate ?? []).map((rung) => ({
        share: Number.parseInt(rung.at, 10) / 100,
        to: rung.to,
      })),
      duration: waitDuration(step),
      atMost: durationOf(atMostOf(step)),
      fallback: (step.message?.fallback ?? []).map((one) =>
        'phone' in one
          ? { way: 'phone', role: one.phone, due: durationOf(one.due) }
          : { way: 'letter', role: one.letter, due: durationOf(one.due) },
      ),
      repeat: repeat && {
        every: durationOf(repeat.every) ?? { amount: 1, unit: 'days' },
        times: repeat.times ?? Number.POSITIVE_INFINITY,
        span: durationOf(repeat.for),
        until:
          repeat.until === undefined ? undefined : expressions.condition(repeat.until, [...path, 'repeat', 'until']),
        openDays: repeat.on !== undefined,
        at: repeat.at,
      },
    }
  }
  return steps
}

const durationOf = (text: string | undefined): Duration | undefined =>
  text === undefined ? undefined : parseDuration(text)

function waitDuration({ wait }: Step): Duration | undefined {
  if (!wait) return undefined
  if ('for' in wait) return durationOf(wait.for)
  return 'until' in wait ? durationOf(wait.less ?? wait.more) : undefined
}

/** How long a step waits at most for what it has asked for. */
export function atMostOf(step: Step): string | undefined {
  const { wait, decide } = step
  if (wait) return 'events' in wait || 'condition' in wait ? wait['at-most'] : undefined
  if (decide) return 'automation' in decide ? decide['at-most'] : undefined
  return (step.form ?? step.appointment ?? step.order ?? step.call ?? step.start)?.['at-most']
}

function dueOf(step: Step): Record<string, Duration> | undefined {
  const due = duesOf(step)?.due
  if (due === undefined) return undefined
  const entries = Object.entries(typeof due === 'string' ? { otherwise: due } : due)
  return Object.fromEntries(
    entries.flatMap(([priority, text]) => {
      const duration = durationOf(text)
      return duration ? [[priority, duration]] : []
    }),
  )
}

/** Runs a trigger against a change: whether it matches. */
export function matches(
  trigger: CompiledTrigger,
  resource: Resource,
  environment: Readonly<Record<string, string>>,
): boolean {
  return trigger.on === resource.resourceType && (trigger.when === undefined || trigger.when(resource, environment))
}
