import { stringify } from 'yaml'
import { fromLocal, type Calendar } from '../calendar.ts'
import type { CompiledPathway } from '../compile.ts'
import { runScenario, type Scenario, type ScenarioReport } from '../scenario.ts'

export type ScenarioLine = Scenario['lines'][number]

/** A case played up to a line: what came of it, and what time it is then (milliseconds). */
export interface Rehearsed {
  report: ScenarioReport
  now: number
}

/** When a rehearsal begins unless its first line says otherwise: a Monday morning. */
export const rehearsalBegins = '2026-03-02 09:00'

/** Plays the lines on the engine of the live runtime. Only lines with an absolute `at` move the clock. */
export function rehearse(pathway: CompiledPathway, lines: readonly ScenarioLine[], calendar: Calendar): Rehearsed {
  const moved = lines.findLast((line) => line.at !== undefined && !line.at.startsWith('+'))?.at ?? rehearsalBegins
  const scenario: Scenario = {
    scenario: 'rehearsal',
    pathway: pathway.id,
    patient: 'Patient/p1',
    lines: [{ at: rehearsalBegins }, ...lines],
  }
  return { report: runScenario(pathway, scenario, calendar), now: timeOf(calendar, moved) }
}

const timeOf = (calendar: Calendar, text: string): number =>
  fromLocal(calendar.zone, Date.parse(`${text.replace(' ', 'T')}Z`))

/** The next moment at which something happens by itself; undefined when only people or news can move the journey. */
export function nextTimer({ report: { state } }: Rehearsed): number | undefined {
  if (!state || state.status !== 'active') return undefined
  const due = Object.values(state.timers).map((timer) => timer.due)
  return due.length === 0 ? undefined : Math.min(...due)
}

/** A moment as a scenario says it, in the clinic's zone; the next whole minute, so that what is due then has happened. */
export function clockText(calendar: Calendar, time: number): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: calendar.zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(Math.ceil(time / 60_000) * 60_000)
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? ''
  return `${of('year')}-${of('month')}-${of('day')} ${of('hour')}:${of('minute')}`
}

/** The lines as a scenario that others can run: with what was found at the end as what is expected. */
export function scenarioOf(
  pathway: CompiledPathway,
  { name, lines }: { name: string; lines: readonly ScenarioLine[] },
  calendar: Calendar,
): Scenario {
  const { report } = rehearse(pathway, lines, calendar)
  const { state } = report
  const expect: NonNullable<ScenarioLine['expect']> = state
    ? {
        status: state.status,
        ...(state.status === 'active'
          ? { open: Object.keys(state.open).toSorted() }
          : { outcome: state.outcome ?? '' }),
        ...(state.stage === null ? {} : { stage: state.stage }),
        missed: report.log.flatMap((entry) => (entry.kind === 'missed' && entry.step !== null ? [entry.step] : [])),
      }
    : {}
  const [first, ...rest] = lines
  return {
    scenario: name,
    pathway: pathway.id,
    patient: 'Patient/p1',
    lines: [{ at: rehearsalBegins, ...first }, ...rest, ...(state ? [{ expect }] : [])],
  }
}

/** A scenario as it is kept: YAML, a line of it in a line of the text where it fits. */
export const stringifyScenario = (scenario: Scenario): string => {
  const { lines, ...head } = scenario
  return `${stringify(head)}lines:\n${lines.map((line) => `  - ${JSON.stringify(line)}\n`).join('')}`
}
