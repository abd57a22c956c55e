import { type Definition, duesOf, outcomesOf, stepsOf } from './model.ts'
import { type Finding, fromIssue } from './parse.ts'
import { readYaml } from './read-yaml.ts'
import { type Scenario, scenarioSchema } from './scenario.ts'

/** Reads a scenario's text: the scenario if it has the shape of one, and what is wrong with it, each with its place. */
export function checkScenario(
  source: string,
  definition: Definition | undefined,
): { scenario: Scenario | undefined; findings: Finding[] } {
  const { content, faults, locate } = readYaml(source)
  if (faults.length > 0)
    return {
      scenario: undefined,
      findings: faults.map((fault) => ({ code: 'yaml-syntax', severity: 'error', ...fault })),
    }
  const checked = scenarioSchema.safeParse(content)
  if (!checked.success)
    return { scenario: undefined, findings: checked.error.issues.flatMap((issue) => fromIssue(issue, locate)) }
  const scenario = checked.data
  const findings: Finding[] = []
  const report = (code: string, path: (string | number)[], message: string) => {
    const where = locate(path)
    findings.push({ code, severity: 'error', path: path.join('.'), line: where?.line, column: where?.column, message })
  }
  if (!definition) return { scenario, findings }
  if (scenario.pathway !== definition.pathway)
    report('another-pathway', ['pathway'], `is about ${scenario.pathway}; the pathway is ${definition.pathway}`)
  const steps = new Map(stepsOf(definition).map((one) => [one.id, one.step]))
  for (const [index, line] of scenario.lines.entries()) {
    const at = ['lines', index]
    const known = (name: string, path: (string | number)[]) => {
      if (!steps.has(name)) report('unknown-step', [...at, ...path], `there is no step ${name}`)
    }
    for (const key of ['complete', 'delivered', 'undeliverable', 'skip', 'add'] as const) {
      const name = line[key]
      if (name !== undefined) known(name, [key])
    }
    const step = steps.get(line.complete ?? '')
    // How another pathway's journey ends is that pathway's to know; a message's telephone call has answers of its own.
    if (step && !step.start && !step.message && line.with !== undefined) {
      const outcomes = [...outcomesOf(step), ...(duesOf(step) ? ['cancelled'] : [])]
      if (!outcomes.includes(line.with))
        report(
          'unknown-outcome',
          [...at, 'with'],
          `${line.complete} never ends with ${line.with}; it ends with ${outcomes.join(', ')}`,
        )
    }
    const { stage, open, due, escalated, missed } = line.expect ?? {}
    if (stage !== undefined && !definition.stages.some(({ id }) => id === stage))
      report('unknown-stage', [...at, 'expect', 'stage'], `there is no stage ${stage}`)
    for (const [place, name] of (open ?? []).entries()) known(name, ['expect', 'open', place])
    for (const [place, name] of (missed ?? []).entries()) known(name, ['expect', 'missed', place])
    for (const name of Object.keys(due ?? {})) known(name, ['expect', 'due', name])
    for (const name of Object.keys(escalated ?? {})) known(name, ['expect', 'escalated', name])
  }
  return { scenario, findings }
}
