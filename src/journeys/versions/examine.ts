import type { Tx } from '../../db/index.ts'
import {
  type Calendar,
  compile,
  type Definition,
  type Finding,
  runScenarios,
  type ScenariosReport,
  templateSchema,
} from '../../pathways/index.ts'
import { refuse } from '../errors.ts'
import { faultsOf, type PublishedPathways } from '../published-pathways.ts'
import type { Content } from './put-live.ts'

/** What drafts are examined with. */
export interface ExamineDependencies {
  pathways: PublishedPathways
  calendar: Calendar
  /** Whether a step or a branch that no scenario goes through stops a publication, or is only told. */
  coverage: 'required' | 'told'
}

export interface Refusal {
  code: 'pathway-refused' | 'scenario-failed' | 'scenario-coverage'
  /** What the checker calls it. */
  finding?: string
  path: string
  message: string
}

export interface Examined {
  definition: Definition | undefined
  findings: Finding[]
  /** Undefined while the checker finds errors: there is nothing to play. */
  report: ScenariosReport | undefined
  /** What of the content stands in the way of its publication. */
  refusals: Refusal[]
}

/** Checks a content and plays its scenarios. `pathway`: the name that it must keep. */
export async function examine(
  tx: Tx,
  { pathways, calendar, coverage }: ExamineDependencies,
  { source, templates, scenarios }: Content,
  pathway?: string,
): Promise<Examined> {
  const shapes = templates.flatMap((one) => shapeOf(one))
  const checked = await pathways.check(tx, { source, templates: shapes.length > 0 ? [] : templates })
  const { definition } = checked
  const findings = [...checked.findings, ...shapes]
  if (definition && pathway !== undefined && definition.pathway !== pathway)
    findings.push({
      code: 'another-pathway',
      severity: 'error',
      path: 'pathway',
      line: undefined,
      column: undefined,
      message: `a draft of ${pathway} cannot become ${definition.pathway}`,
    })
  const errors = findings.filter((one) => one.severity === 'error')
  if (!definition || errors.length > 0)
    return {
      definition,
      findings,
      report: undefined,
      refusals: faultsOf(errors).map(({ code, ...fault }) => ({ code: 'pathway-refused', finding: code, ...fault })),
    }
  const report = runScenarios(compile(definition, 0, pathways.surroundings.table).pathway, scenarios, calendar)
  return { definition, findings, report, refusals: refusalsOf(report, coverage) }
}

const shapeOf = (template: Content['templates'][number]): Finding[] => {
  const checked = templateSchema.safeParse(template)
  return checked.success
    ? []
    : checked.error.issues.map((issue) => ({
        code: 'wrong-shape',
        severity: 'error',
        path: ['templates', template.template, ...issue.path].join('.'),
        line: undefined,
        column: undefined,
        message: issue.message,
      }))
}

function refusalsOf(report: ScenariosReport, coverage: ExamineDependencies['coverage']): Refusal[] {
  const failed = report.results.flatMap(({ name, findings, failures }): Refusal[] => [
    ...findings.map(({ path, line, message }) => ({
      code: 'scenario-failed' as const,
      path: `scenarios.${name}.${path}`,
      message: line === undefined ? message : `${message} (line ${line})`,
    })),
    ...failures.map(({ line, path, expected, found }) => ({
      code: 'scenario-failed' as const,
      path: `scenarios.${name}.lines.${line}.${path}`,
      message: `expected ${JSON.stringify(expected)}, found ${JSON.stringify(found) ?? 'nothing'}`,
    })),
  ])
  const left = report.missing.map((branch) => ({
    code: 'scenario-coverage' as const,
    path: `steps.${branch}`,
    message: `no scenario goes through ${branch}`,
  }))
  return [...failed, ...(coverage === 'required' ? left : [])]
}

/** Throws the first kind of refusal with all its faults. */
export function refuseUnlessInOrder({ refusals }: Examined): void {
  const [first] = refusals
  if (first)
    throw refuse(first.code, {
      faults: refusals.flatMap(({ code, finding, path, message }) =>
        code === first.code ? [{ path, message, ...(finding === undefined ? {} : { code: finding }) }] : [],
      ),
    })
}
