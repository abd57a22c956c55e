import { branchesOf } from './branches.ts'
import type { Calendar } from './calendar.ts'
import { checkScenario } from './check-scenario.ts'
import type { CompiledPathway } from './compile.ts'
import type { Finding } from './parse.ts'
import { runScenario, type ScenarioReport } from './scenario.ts'

/** A scenario as it is kept: its name among a pathway's scenarios, and its YAML. */
export interface NamedScenario {
  name: string
  source: string
}

export interface ScenarioResult extends Pick<ScenarioReport, 'ok' | 'failures' | 'steps' | 'outcomes'> {
  name: string
  /** What is wrong with its text; with an error it is not played. */
  findings: Finding[]
}

export interface ScenariosReport {
  /** Whether every scenario passed. */
  ok: boolean
  results: ScenarioResult[]
  /** What scenarios should go through (`branchesOf`), and what of it none of these does. */
  branches: string[]
  missing: string[]
}

/** Plays all scenarios of a pathway: how each came out, and what they leave out. Pure; a bad text is a finding, never a throw. */
export function runScenarios(
  pathway: CompiledPathway,
  scenarios: readonly NamedScenario[],
  calendar: Calendar,
): ScenariosReport {
  const results = scenarios.map((one) => runOne(pathway, one, calendar))
  const branches = branchesOf(pathway)
  const covered = new Set(results.flatMap(({ steps, outcomes }) => [...steps, ...outcomes]))
  return {
    ok: results.every((one) => one.ok),
    results,
    branches,
    missing: branches.filter((branch) => !covered.has(branch)),
  }
}

function runOne(pathway: CompiledPathway, { name, source }: NamedScenario, calendar: Calendar): ScenarioResult {
  const { scenario, findings } = checkScenario(source, pathway.definition)
  if (!scenario || findings.length > 0) return { name, ok: false, findings, failures: [], steps: [], outcomes: [] }
  const { ok, failures, steps, outcomes } = runScenario(pathway, scenario, calendar)
  return { name, ok, findings, failures, steps, outcomes }
}
