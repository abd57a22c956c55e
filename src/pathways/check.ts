import type { TypeTable } from '../expressions/index.ts'
import { checkFlow } from './check-flow.ts'
import { checkReferences } from './check-references.ts'
import { checkRests, checkTime } from './check-time.ts'
import { compile } from './compile.ts'
import { type Definition, duesOf, outcomesOf, predecessorsOf, type Step, stepsOf, type Template } from './model.ts'
import { type Finding, type Locate, parse } from './parse.ts'

/** What a definition may refer to. What nobody here can do is refused, not left undone. */
export interface Surroundings {
  roles: readonly string[]
  templates: readonly Template[]
  table: TypeTable
  /** Kinds of the task ontology. */
  kinds?: readonly string[]
  /** Ways a message can really leave by. */
  channels: readonly string[]
  /** Canonicals of the questionnaires that there are. */
  forms?: readonly string[]
  /** Whether a patient can open a form by a link. */
  formLinks?: boolean
  /** `connector.operation` */
  connectors?: readonly string[]
  automations?: readonly string[]
  pathways?: readonly PublishedOutline[]
}

/** What a `start` step must know of a published version. */
export interface PublishedOutline {
  pathway: string
  version: number
  variables: Definition['variables']
  outcomes: readonly string[]
}

export type Path = (string | number)[]
export type Report = (severity: Finding['severity'], code: string, path: Path, message: string) => void

/** Reads and checks a source: every finding, with its place. Without an error among them the definition may be published. */
export function checkSource(
  source: string,
  surroundings: Surroundings,
): { definition: Definition | undefined; findings: Finding[] } {
  const { definition, findings, locate } = parse(source)
  if (!definition) return { definition, findings }
  return { definition, findings: check(definition, surroundings, locate) }
}

// Far more than people can read; the checks of the flow grow with its square.
const mostSteps = 400

/** What cannot work in a definition, or hardly will, and where. */
export function check(definition: Definition, surroundings: Surroundings, locate: Locate = () => undefined): Finding[] {
  const findings: Finding[] = []
  const report: Report = (severity, code, path, message) => {
    const where = locate(path)
    findings.push({ code, severity, path: path.join('.'), line: where?.line, column: where?.column, message })
  }
  const names = stepsOf(definition)
  if (names.length > mostSteps) {
    report('error', 'too-many-steps', ['tracks'], `has ${names.length} steps; ${mostSteps} are the most`)
    return findings
  }
  const seen = new Set<string>()
  for (const { id, track } of names) {
    if (seen.has(id))
      report('error', 'duplicate-step', ['tracks', track, 'steps', id], `${id} names another step already`)
    seen.add(id)
  }
  for (const { code, path, message } of compile(definition, 0, surroundings.table).findings)
    report('error', code, path, message)
  const outcomes = (step: Step): readonly string[] => {
    if (!step.start?.wait) return outcomesOf(step)
    const { pathway, version } = step.start
    const other = surroundings.pathways?.find((one) => one.pathway === pathway && one.version === version)
    return [...(other?.outcomes ?? []), ...outcomesOf(step).filter((outcome) => outcome !== 'done')]
  }
  for (const { id, track, step } of names) {
    const path = ['tracks', track, 'steps', id]
    checkReferences(definition, step, path, surroundings, report)
    checkTime(definition, step, path, report)
    checkEdges(definition, step, { track, path, outcomes }, report)
  }
  checkBeginnings(definition, report)
  checkRests(definition, report)
  checkFlow(definition, outcomes, report)
  return findings
}

function checkEdges(
  definition: Definition,
  step: Step,
  { track, path, outcomes }: { track: string; path: Path; outcomes(step: Step): readonly string[] },
  report: Report,
): void {
  const steps = new Map(stepsOf(definition).map((one) => [one.id, one]))
  for (const [index, { step: from, outcome }] of predecessorsOf(step).from.entries()) {
    const { after } = step
    const at = Array.isArray(after)
      ? [...path, 'after', index]
      : typeof after === 'object'
        ? [...path, 'after', 'any' in after ? 'any' : 'of', index]
        : [...path, 'after']
    const found = steps.get(from)
    if (!found) {
      report('error', 'unknown-step', at, `there is no step ${from}`)
      continue
    }
    if (found.track !== track)
      report(
        'error',
        'step-of-another-track',
        at,
        `${from} is in the track ${found.track}; a step follows steps of its own track`,
      )
    if (outcome === 'missed') {
      if (!canBeMissed(found.step))
        report('error', 'never-missed', at, `${from} has no due time and no at-most: it is never noticed as missed`)
      continue
    }
    const known = [...outcomes(found.step), ...(duesOf(found.step) ? ['cancelled'] : [])]
    if (outcome !== undefined && !known.includes(outcome))
      report(
        'error',
        'unknown-outcome',
        at,
        `${from} never ends with ${outcome}; it ends with ${known.join(', ') || 'nothing'}`,
      )
  }
}

const canBeMissed = (step: Step): boolean => duesOf(step)?.due !== undefined || outcomesOf(step).includes('late')

function checkBeginnings(definition: Definition, report: Report): void {
  const tracks = Object.entries(definition.tracks)
  if (!tracks.some(([, track]) => track.starts === undefined))
    report('error', 'no-first-track', ['tracks'], 'every track waits for an event: the journey would end as it begins')
  if (definition.starts.length === 0)
    report('warning', 'begun-by-others-only', ['starts'], 'no event starts it: only another pathway can')
  const steps = new Map(stepsOf(definition).map((one) => [one.id, one.step]))
  for (const [id, track] of tracks) {
    if (track.again && track.starts === undefined)
      report('error', 'again-without-event', ['tracks', id, 'again'], 'a track that nothing starts cannot start again')
    if (!track.starts || !('missed' in track.starts)) continue
    for (const [index, name] of track.starts.missed.entries()) {
      const at = ['tracks', id, 'starts', 'missed', index]
      const step = steps.get(name)
      if (!step) report('error', 'unknown-step', at, `there is no step ${name}`)
      else if (!canBeMissed(step))
        report('error', 'never-missed', at, `${name} has no due time and no at-most: it is never noticed as missed`)
    }
  }
}
