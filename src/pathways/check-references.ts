import type { Path, Report, Surroundings } from './check.ts'
import { checkTemplate } from './check-template.ts'
import { type Definition, duesOf, type Step, stepsOf, taskKindOf } from './model.ts'

/** What a step names that is not there, or asks for that nobody here does. */
export function checkReferences(
  definition: Definition,
  step: Step,
  path: Path,
  surroundings: Surroundings,
  report: Report,
): void {
  if (step.stage !== undefined && !definition.stages.some((stage) => stage.id === step.stage))
    report('error', 'unknown-stage', [...path, 'stage'], `there is no stage ${step.stage}`)
  const role = (name: string, at: Path) => {
    if (!surroundings.roles.includes(name)) report('error', 'unknown-role', at, `there is no role ${name}`)
  }
  if (step.task) {
    role(step.task.role, [...path, 'task', 'role'])
    const kind = taskKindOf(step.task)
    if (kind !== undefined && !surroundings.kinds?.includes(kind))
      report(
        'error',
        'unknown-task-kind',
        [...path, 'task', step.task.kind === undefined ? 'licence' : 'kind'],
        `there is no kind of task ${kind}`,
      )
    const other = step.task['other-than']
    const done = stepsOf(definition).find(({ id }) => id === other)?.step
    if (other !== undefined && (!done || !duesOf(done) || done === step))
      report('error', 'unknown-step', [...path, 'task', 'other-than'], `${other} is no other step that a person does`)
    for (const [index, rung] of (step.task.escalate ?? []).entries())
      role(rung.to, [...path, 'task', 'escalate', index, 'to'])
  }
  if (step.message) {
    const { template, to, channels, fallback } = step.message
    const at = [...path, 'message']
    checkSending({ template, channels, at }, surroundings, report)
    if (to.startsWith('role:')) role(to.slice(5), [...at, 'to'])
    for (const [index, one] of (fallback ?? []).entries()) {
      const way = 'phone' in one ? 'phone' : 'letter'
      role('phone' in one ? one.phone : one.letter, [...at, 'fallback', index, way])
    }
  }
  if (step.form) checkForm(step.form, [...path, 'form'], surroundings, report, role)
  if (step.call && !surroundings.connectors?.includes(`${step.call.connector}.${step.call.operation}`))
    report(
      'error',
      'no-performer',
      [...path, 'call', 'operation'],
      `nothing here performs ${step.call.connector}.${step.call.operation}`,
    )
  if (step.decide && 'automation' in step.decide && !surroundings.automations?.includes(step.decide.automation))
    report(
      'error',
      'no-performer',
      [...path, 'decide', 'automation'],
      `there is no automation ${step.decide.automation} here`,
    )
  for (const [theirs, ours] of Object.entries(step.call?.with ?? {}))
    if (!(ours in definition.variables))
      report('error', 'unknown-variable', [...path, 'call', 'with', theirs], `no variable ${ours} is declared`)
  if (step.start) checkStart(definition, step.start, [...path, 'start'], surroundings, report)
  if (step.discretionary === 'add' && step.after !== undefined)
    report('error', 'added-step-follows', [...path, 'after'], 'a step that a person adds follows no other')
  if (step.discretionary === 'skip' && (step.end ?? step.request))
    report('error', 'cannot-skip', [...path, 'discretionary'], 'it is over as soon as it opens: nobody can skip it')
}

function checkSending(
  { template, channels, at }: { template: string; channels: readonly string[]; at: Path },
  { templates, channels: offered }: Surroundings,
  report: Report,
): void {
  const found = templates.find((one) => one.template === template)
  if (!found) report('error', 'unknown-template', [...at, 'template'], `there is no template ${template}`)
  for (const finding of found ? checkTemplate(found) : [])
    report(finding.severity, finding.code, [...at, 'template'], `${template}, ${finding.path}: ${finding.message}`)
  for (const [index, channel] of channels.entries())
    if (!offered.includes(channel))
      report('error', 'no-performer', [...at, 'channels', index], `nothing here sends by ${channel}`)
}

function checkForm(
  form: NonNullable<Step['form']>,
  at: Path,
  surroundings: Surroundings,
  report: Report,
  role: (name: string, at: Path) => void,
): void {
  if (!surroundings.forms?.includes(form.questionnaire))
    report('error', 'unknown-form', [...at, 'questionnaire'], `there is no form ${form.questionnaire}`)
  if (form.role !== undefined) role(form.role, [...at, 'role'])
  for (const [index, rung] of (form.escalate ?? []).entries()) role(rung.to, [...at, 'escalate', index, 'to'])
  if (form.template === undefined || form.channels === undefined) return
  checkSending({ template: form.template, channels: form.channels, at }, surroundings, report)
  if (!surroundings.formLinks)
    report('error', 'no-performer', [...at, 'to'], 'there are no pages here on which a patient could fill in a form')
}

function checkStart(
  definition: Definition,
  start: NonNullable<Step['start']>,
  at: Path,
  { pathways = [] }: Surroundings,
  report: Report,
): void {
  const other = pathways.find((one) => one.pathway === start.pathway && one.version === start.version)
  if (!other) {
    const versions = pathways.filter((one) => one.pathway === start.pathway).map((one) => one.version)
    report(
      'error',
      'unknown-pathway',
      [...at, versions.length > 0 ? 'version' : 'pathway'],
      versions.length > 0
        ? `${start.pathway} has no version ${start.version}; it has ${versions.join(', ')}`
        : `there is no published pathway ${start.pathway}`,
    )
  }
  for (const [theirs, ours] of Object.entries(start.with ?? {})) {
    const type = definition.variables[ours]
    const wanted = other?.variables[theirs]
    if (type === undefined)
      report('error', 'unknown-variable', [...at, 'with', theirs], `no variable ${ours} is declared`)
    else if (other && wanted === undefined)
      report('error', 'unknown-variable', [...at, 'with', theirs], `${start.pathway} declares no variable ${theirs}`)
    else if (wanted !== undefined && wanted !== type)
      report('error', 'variable-type', [...at, 'with', theirs], `${ours} holds ${type}; ${theirs} wants ${wanted}`)
  }
}
