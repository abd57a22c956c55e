import type { TypeTable } from '../expressions/index.ts'
import { compile, reachable } from './compile.ts'
import {
  type Definition,
  kindOf,
  outcomesOf,
  placeholders,
  predecessorsOf,
  type Step,
  stepsOf,
  type Template,
} from './model.ts'
import { type Finding, type Locate, parse } from './parse.ts'

/** What a definition may refer to. */
export interface Surroundings {
  roles: readonly string[]
  templates: readonly Template[]
  table: TypeTable
}

type Path = (string | number)[]
type Report = (severity: Finding['severity'], code: string, path: Path, message: string) => void

/** Reads and checks a source: every finding, with its place. Without an error among them the definition may be published. */
export function checkSource(
  source: string,
  surroundings: Surroundings,
): { definition: Definition | undefined; findings: Finding[] } {
  const { definition, findings, locate } = parse(source)
  if (!definition) return { definition, findings }
  return { definition, findings: check(definition, surroundings, locate) }
}

/** What cannot work in a definition, or hardly will, and where. */
export function check(definition: Definition, surroundings: Surroundings, locate: Locate = () => undefined): Finding[] {
  const findings: Finding[] = []
  const report: Report = (severity, code, path, message) => {
    const where = locate(path)
    findings.push({ code, severity, path: path.join('.'), line: where?.line, column: where?.column, message })
  }
  const names = stepsOf(definition)
  const seen = new Set<string>()
  for (const { id, track } of names) {
    if (seen.has(id))
      report('error', 'duplicate-step', ['tracks', track, 'steps', id], `${id} names another step already`)
    seen.add(id)
  }
  for (const { path, message } of compile(definition, 0, surroundings.table).findings)
    report('error', 'expression-type', path, message)
  for (const { id, track, step } of names) {
    const path = ['tracks', track, 'steps', id]
    checkReferences(definition, step, path, surroundings, report)
    checkEdges(definition, step, track, path, report)
  }
  checkFlow(definition, report)
  return findings
}

function checkReferences(
  definition: Definition,
  step: Step,
  path: Path,
  { roles, templates }: Surroundings,
  report: Report,
): void {
  if (step.stage !== undefined && !definition.stages.some((stage) => stage.id === step.stage))
    report('error', 'unknown-stage', [...path, 'stage'], `there is no stage ${step.stage}`)
  if (step.task) {
    const role = (name: string, at: Path) => {
      if (!roles.includes(name)) report('error', 'unknown-role', at, `there is no role ${name}`)
    }
    role(step.task.role, [...path, 'task', 'role'])
    step.task.escalate?.forEach((rung, index) => role(rung.to, [...path, 'task', 'escalate', index, 'to']))
    if (step.task.escalate && step.task.due === undefined)
      report(
        'error',
        'escalation-without-due',
        [...path, 'task', 'escalate'],
        'escalation counts from a due time; this task has none',
      )
    if (step.task.due === undefined)
      report('warning', 'task-without-due', [...path, 'task'], 'a task without a due time is never noticed as missed')
  }
  if (step.message) {
    const { template, to } = step.message
    const found = templates.find((one) => one.template === template)
    if (!found)
      report('error', 'unknown-template', [...path, 'message', 'template'], `there is no template ${template}`)
    if (to.startsWith('role:') && !roles.includes(to.slice(5)))
      report('error', 'unknown-role', [...path, 'message', 'to'], `there is no role ${to.slice(5)}`)
  }
  if (step.wait && 'until' in step.wait && definition.variables[step.wait.until] !== 'string')
    report(
      'error',
      'unknown-variable',
      [...path, 'wait', 'until'],
      `${step.wait.until} must be a declared variable of type string that holds a date and time`,
    )
}

function checkEdges(definition: Definition, step: Step, track: string, path: Path, report: Report): void {
  const steps = new Map(stepsOf(definition).map((one) => [one.id, one]))
  predecessorsOf(step).from.forEach(({ step: from, outcome }, index) => {
    const at = Array.isArray(step.after)
      ? [...path, 'after', index]
      : typeof step.after === 'object'
        ? [...path, 'after', 'any', index]
        : [...path, 'after']
    const found = steps.get(from)
    if (!found) return report('error', 'unknown-step', at, `there is no step ${from}`)
    if (found.track !== track)
      report(
        'error',
        'step-of-another-track',
        at,
        `${from} is in the track ${found.track}; a step follows steps of its own track`,
      )
    const outcomes = [...outcomesOf(found.step), ...(found.step.task ? ['cancelled'] : [])]
    if (outcome !== undefined && !outcomes.includes(outcome))
      report(
        'error',
        'unknown-outcome',
        at,
        `${from} never ends with ${outcome}; it ends with ${outcomes.join(', ') || 'nothing'}`,
      )
  })
}

function checkFlow(definition: Definition, report: Report): void {
  const steps = stepsOf(definition)
  const reach = reachable(definition)
  for (const [track, { steps: own }] of Object.entries(definition.tracks)) {
    const first = Object.entries(own)
      .filter(([, step]) => predecessorsOf(step).from.length === 0)
      .map(([id]) => id)
    if (Object.keys(own).length > 0 && first.length === 0)
      report('error', 'track-without-start', ['tracks', track], 'every step waits for another: none can be the first')
    for (const id of Object.keys(own))
      if (!first.some((start) => start === id || reach.get(start)?.has(id)))
        report('error', 'unreachable-step', ['tracks', track, 'steps', id], `nothing leads to ${id}`)
  }
  for (const { id, track, step } of steps) {
    const path = ['tracks', track, 'steps', id]
    if (reach.get(id)?.has(id)) {
      const cycle = steps.filter((one) => one.id === id || (reach.get(id)?.has(one.id) && reach.get(one.id)?.has(id)))
      if (!cycle.some((one) => ['wait', 'task'].includes(kindOf(one.step))))
        report(
          'error',
          'cycle-without-wait',
          [...path, 'after'],
          `${cycle.map((one) => one.id).join(', ')} follow each other in a circle with no task or wait in it`,
        )
    }
    joinCompletes(step, steps, path, report)
    if (
      step.message?.to === 'patient' &&
      !steps.some((one) => predecessorsOf(one.step).from.some((from) => from.step === id && from.outcome === 'failed'))
    )
      report(
        'warning',
        'message-without-fallback',
        path,
        `nothing follows ${id}.failed: a patient whom no channel reaches is forgotten`,
      )
  }
}

/** A join of all cannot complete when it asks two different outcomes of one step. */
function joinCompletes(step: Step, steps: ReturnType<typeof stepsOf>, path: Path, report: Report): void {
  const { mode, from } = predecessorsOf(step)
  if (mode !== 'all') return
  const asked = new Map<string, string>()
  // Outcomes that each predecessor needs of its own predecessors, one level up: the usual slip of joining two branches.
  for (const edge of from) {
    const needs = [edge, ...onlyWay(edge.step, steps)]
    for (const { step: name, outcome } of needs) {
      if (outcome === undefined) continue
      const other = asked.get(name)
      if (other !== undefined && other !== outcome)
        return report(
          'error',
          'join-cannot-complete',
          [...path, 'after'],
          `waits for both ${name}.${other} and ${name}.${outcome}, which exclude each other; did you mean any?`,
        )
      asked.set(name, outcome)
    }
  }
}

/** The outcomes that must have happened for a step to run: followed up while there is one way only. */
function onlyWay(
  id: string,
  steps: ReturnType<typeof stepsOf>,
  depth = 0,
): { step: string; outcome: string | undefined }[] {
  const found = steps.find((one) => one.id === id)
  if (!found || depth > 50) return []
  const { mode, from } = predecessorsOf(found.step)
  if (mode === 'any' && from.length > 1) return []
  return from.flatMap((edge) => [edge, ...onlyWay(edge.step, steps, depth + 1)])
}

/** What is wrong with a message template: a placeholder that does not exist, or patient data in the subject. */
export function checkTemplate(template: Template): Finding[] {
  const findings: Finding[] = []
  for (const part of ['subject', 'body', 'sms'] as const)
    for (const [language, text] of Object.entries(template[part]))
      for (const [, name = ''] of text.matchAll(/\{\{\s*([^}]*?)\s*\}\}/g)) {
        const path = `${part}.${language}`
        const finding = (code: string, message: string) =>
          findings.push({ code, severity: 'error', path, line: undefined, column: undefined, message })
        if (!placeholders.some((known) => known === name)) finding('unknown-placeholder', `there is no {{${name}}}`)
        else if (part === 'subject' && !name.startsWith('clinic.'))
          finding('patient-data-in-subject', `{{${name}}} must not stand in a subject line`)
      }
  return findings
}
