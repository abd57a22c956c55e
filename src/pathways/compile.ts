import type { Resource } from '@medplum/fhirtypes'
import {
  createCel,
  type FhirPathCondition,
  type FhirPathValue,
  fhirPathCondition,
  fhirPathValue,
  type TypeTable,
  type VariableValue,
} from '../expressions/index.ts'
import { type Duration, parseDuration } from './calendar.ts'
import { type Definition, kindOf, predecessorsOf, type Step, type StepKind, stepsOf, type Trigger } from './model.ts'

/** What `%…` stands for in a pathway's FHIRPath. `key` and `trigger` are not yet known while a start is matched. */
export const pathVariables = ['key', 'subject', 'trigger'] as const

export interface CompiledTrigger {
  on: string
  when: FhirPathCondition['run'] | undefined
  sets: readonly { name: string; value: FhirPathValue['run'] }[]
}

export interface CompiledStep {
  id: string
  track: string
  rule: string
  kind: StepKind
  step: Step
  mode: 'all' | 'any'
  /** Edges that lead here. `again`: the edge lies on a cycle, so taking it opens the step once more. */
  from: readonly { edge: string; step: string; outcome: string | undefined; again: boolean }[]
  /** Steps with an edge from here. */
  to: readonly string[]
  when: ((variables: Readonly<Record<string, VariableValue>>) => boolean) | undefined
  rules: readonly { when: (variables: Readonly<Record<string, VariableValue>>) => boolean; gives: string }[]
  events: readonly (CompiledTrigger & { name: string })[]
  /** By priority, with `otherwise`. */
  due: Readonly<Record<string, Duration>> | undefined
  escalate: readonly { share: number; to: string }[]
  duration: Duration | undefined
}

export interface CompiledPathway {
  id: string
  version: number
  definition: Definition
  starts: readonly (CompiledTrigger & { key: FhirPathValue['run'] })[]
  stops: readonly (CompiledTrigger & { outcome: string })[]
  tracks: readonly { id: string; starts: CompiledTrigger | undefined; first: readonly string[] }[]
  steps: Readonly<Record<string, CompiledStep>>
  /** Resource types that can start a journey here. */
  startTypes: ReadonlySet<string>
  /** Resource types that a running journey may wait for (besides its own Tasks and Communications). */
  waitTypes: ReadonlySet<string>
}

/** An expression of the definition that does not compile. */
export interface ExpressionFinding {
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
  const findings: ExpressionFinding[] = []
  const cel = createCel({ ...definition.variables, priority: 'string' })
  const never = () => false
  const condition = (source: string, path: (string | number)[]) => {
    const compiled = cel.condition(source)
    if (compiled.ok) return compiled.run
    findings.push({ path, message: compiled.message })
    return never
  }
  const trigger = (one: Trigger, path: (string | number)[], names: readonly string[]): CompiledTrigger => {
    let when: CompiledTrigger['when']
    if (one.when !== undefined) {
      const compiled = fhirPathCondition(one.when, one.on, names, table)
      if (compiled.ok) when = compiled.run
      else findings.push({ path: [...path, 'when'], message: compiled.message })
    } else if (!(one.on in table))
      findings.push({ path: [...path, 'on'], message: `there is no resource type ${one.on} in FHIR R4` })
    const sets = Object.entries(one.set ?? {}).flatMap(([name, source]) => {
      if (!(name in definition.variables))
        findings.push({ path: [...path, 'set', name], message: `no variable ${name} is declared` })
      const compiled = fhirPathValue(source, one.on, names, table)
      if (compiled.ok) return [{ name, value: compiled.run }]
      findings.push({ path: [...path, 'set', name], message: compiled.message })
      return []
    })
    return { on: one.on, when, sets }
  }

  const named = stepsOf(definition)
  const onCycle = cycles(definition)
  const successors = new Map<string, string[]>()
  for (const { id, step } of named)
    for (const { step: from } of predecessorsOf(step).from) {
      const list = successors.get(from) ?? []
      if (!list.includes(id)) successors.set(from, [...list, id])
    }

  const steps: Record<string, CompiledStep> = {}
  for (const { id, track, step } of named) {
    const path = ['tracks', track, 'steps', id]
    const { mode, from } = predecessorsOf(step)
    steps[id] = {
      id,
      track,
      rule: path.join('.'),
      kind: kindOf(step),
      step,
      mode,
      from: from.map((edge, index) => ({ ...edge, edge: `${id}<${index}`, again: onCycle(edge.step, id) })),
      to: successors.get(id) ?? [],
      when: step.when === undefined ? undefined : condition(step.when, [...path, 'when']),
      rules: (step.decide?.rules ?? []).map((rule, index) => ({
        when: condition(rule.when, [...path, 'decide', 'rules', index, 'when']),
        gives: rule.gives,
      })),
      events:
        step.wait && 'events' in step.wait
          ? Object.entries(step.wait.events).map(([name, one]) => ({
              name,
              ...trigger(one, [...path, 'wait', 'events', name], pathVariables),
            }))
          : [],
      due: dueOf(step),
      escalate: (step.task?.escalate ?? []).map((rung) => ({ share: Number.parseInt(rung.at, 10) / 100, to: rung.to })),
      duration: durationOf(step),
    }
  }

  const starts = definition.starts.map((one, index) => {
    const path = ['starts', index]
    const key = fhirPathValue(one.key, one.on, ['subject'], table)
    if (!key.ok) findings.push({ path: [...path, 'key'], message: key.message })
    return { ...trigger(one, path, ['subject']), key: key.ok ? key.run : () => null }
  })
  const stops = (definition.stops ?? []).map((one, index) => ({
    ...trigger(one, ['stops', index], pathVariables),
    outcome: one.outcome,
  }))
  const tracks = Object.entries(definition.tracks).map(([id, track]) => ({
    id,
    starts: track.starts ? trigger(track.starts, ['tracks', id, 'starts'], pathVariables) : undefined,
    first: Object.keys(track.steps).filter((name) => steps[name]?.from.length === 0),
  }))
  const waitTypes = new Set(
    [
      ...stops,
      ...tracks.flatMap((track) => (track.starts ? [track.starts] : [])),
      ...Object.values(steps).flatMap((one) => one.events),
    ].map((one) => one.on),
  )
  const pathway = {
    id: definition.pathway,
    version,
    definition,
    starts,
    stops,
    tracks,
    steps,
    startTypes: new Set(starts.map((one) => one.on)),
    waitTypes,
  }
  return { pathway, findings }
}

function durationOf(step: Step): Duration | undefined {
  const wait = step.wait
  if (!wait) return undefined
  const text = 'for' in wait ? wait.for : 'events' in wait ? wait['at-most'] : wait.less
  return text === undefined ? undefined : parseDuration(text)
}

function dueOf(step: Step): Record<string, Duration> | undefined {
  const due = step.task?.due
  if (due === undefined) return undefined
  const entries = Object.entries(typeof due === 'string' ? { otherwise: due } : due)
  return Object.fromEntries(
    entries.flatMap(([priority, text]) => {
      const duration = text === undefined ? undefined : parseDuration(text)
      return duration ? [[priority, duration]] : []
    }),
  )
}

/** Steps that can be reached from each step, by its edges. */
export function reachable(definition: Definition): Map<string, Set<string>> {
  const next = new Map<string, string[]>()
  for (const { id, step } of stepsOf(definition))
    for (const { step: from } of predecessorsOf(step).from) next.set(from, [...(next.get(from) ?? []), id])
  return new Map(
    stepsOf(definition).map(({ id }) => {
      const seen = new Set<string>()
      const todo = [...(next.get(id) ?? [])]
      for (let one = todo.pop(); one !== undefined; one = todo.pop())
        if (!seen.has(one)) {
          seen.add(one)
          todo.push(...(next.get(one) ?? []))
        }
      return [id, seen]
    }),
  )
}

function cycles(definition: Definition): (from: string, to: string) => boolean {
  const reach = reachable(definition)
  return (from, to) => reach.get(to)?.has(from) === true || from === to
}

/** Runs a trigger against a change: whether it matches. */
export function matches(
  trigger: CompiledTrigger,
  resource: Resource,
  environment: Readonly<Record<string, string>>,
): boolean {
  return trigger.on === resource.resourceType && (trigger.when === undefined || trigger.when(resource, environment))
}
