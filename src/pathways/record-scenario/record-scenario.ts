import type { Resource } from '@medplum/fhirtypes'
import { stringify } from 'yaml'
import type { TypeTable } from '../../expressions/index.ts'
import { type Calendar, wallTime } from '../calendar.ts'
import type { CompiledPathway } from '../compile.ts'
import { isOwnType } from '../outcomes.ts'
import { runScenario, type Scenario, scenarioSchema } from '../scenario.ts'
import type { JourneyState, LogEntry } from '../state.ts'
import { type Disguise, withoutPerson } from './without-person.ts'

export interface RecordedRun {
  pathway: CompiledPathway
  log: readonly LogEntry[]
  state: JourneyState
  /** Versions of resources that the log speaks of, by the event's id. */
  resources: ReadonlyMap<string, Resource>
}

export interface ScenarioOfRun {
  source: string
  /** Whether the scenario, played, ends its steps as the journey did; otherwise what differs. */
  faithful: boolean
  differs: string[]
}

/** The journey of every scenario: its own resources carry this name. */
const scenarioJourney = '00000000-0000-7000-8000-000000000000'
// Every recorded journey begins in this week of March 2026, on its own weekday and at its own time of day.
const monday = Date.UTC(2026, 2, 2)
const day = 86_400_000

/**
 * A scenario out of a journey that was lived: what happened to it, moved to another week, with nothing of the patient in
 * it: no name, no text, no number that identifies, no date that was theirs. Reasons that people gave are left out too.
 */
export function recordScenario(
  { pathway, log, state, resources }: RecordedRun,
  { name, calendar, table }: { name: string; calendar: Calendar; table: TypeTable },
): ScenarioOfRun {
  const [first] = log
  const begin = wallTime(calendar.zone, first?.at ?? 0)
  const weekday = (new Date(begin).getUTCDay() + 6) % 7
  const shift = monday + weekday * day - Math.floor(begin / day) * day
  const disguise = disguiseFor(state, table, shift)
  const lines: Record<string, unknown>[] = []
  let at = ''
  for (const [event, entries] of byEvent(log)) {
    const time = clockText(wallTime(calendar.zone, entries[0]?.at ?? 0) + shift)
    const when = time === at ? {} : { at: time }
    const line = lineOf(event, entries, { resources, disguise, pathway })
    if (!line) continue
    lines.push({ ...when, ...line })
    at = time
  }
  const last = log.at(-1)
  const end = clockText(wallTime(calendar.zone, last?.at ?? 0) + shift + 60_000)
  const { status, outcome, stage } = state
  lines.push({
    at: end,
    expect: { status, ...(outcome === null ? {} : { outcome }), ...(stage === null ? {} : { stage }) },
  })
  const content = { scenario: name, pathway: pathway.id, lines }
  const source = stringify(content, { lineWidth: 0, flowCollectionPadding: false })
  const parsed = scenarioSchema.safeParse(content)
  const differs = parsed.success
    ? differencesOf(pathway, parsed.data, { log, calendar })
    : ['what the record still holds of it makes no scenario']
  return { source, faithful: differs.length === 0, differs }
}

const clockText = (local: number): string => new Date(local).toISOString().slice(0, 16).replace('T', ' ')

function byEvent(log: readonly LogEntry[]): Map<string, LogEntry[]> {
  const events = new Map<string, LogEntry[]>()
  for (const entry of log) {
    const known = events.get(entry.event)
    if (known) known.push(entry)
    else events.set(entry.event, [entry])
  }
  return events
}

/** What a scenario does in place of an event; undefined for what comes by itself. */
function lineOf(
  event: string,
  entries: readonly LogEntry[],
  {
    resources,
    disguise,
    pathway,
  }: { resources: ReadonlyMap<string, Resource>; disguise: Disguise; pathway: CompiledPathway },
): Record<string, unknown> | undefined {
  const acted = entries.find((entry) => entry.data['by'] !== undefined)
  if (acted) {
    // Reasons are words about a patient: what matters to the pathway is that there was one.
    const reason = 'as it was'
    if (acted.kind === 'cancelled') return { cancel: reason }
    if (acted.kind === 'paused') return { pause: reason }
    if (acted.kind === 'resumed') return { resume: reason }
    if (acted.kind === 'skipped') return { skip: acted.step, because: reason }
    if (acted.kind === 'added') return { add: acted.step, because: reason }
  }
  const done = entries.find((entry) => entry.kind === 'done' && entry.step !== null)
  const step = pathway.steps[done?.step ?? '']
  if (done && step?.kind === 'start' && event.endsWith('/ended'))
    return { complete: done.step, with: done.data['outcome'] }
  const resource = resources.get(event)
  if (!resource) return undefined
  const own = isOwnType(resource.resourceType) && (resource.id?.includes('.') ?? false)
  if (done && own && resource.resourceType === 'Task' && step && ['task', 'call'].includes(step.kind))
    return { complete: done.step, with: done.data['outcome'] }
  return { record: withoutPerson(resource, disguise) }
}

/** Names for everybody and everything that the resources speak of; the same one for the same one. */
function disguiseFor(state: JourneyState, table: TypeTable, shift: number): Disguise {
  const known = new Map<string, string>([[state.subject, 'Patient/p1']])
  const counts = new Map<string, number>()
  const reference = (text: string): string => {
    const [type = '', id = ''] = text.split('/')
    if (!/^[A-Z][A-Za-z]+$/.test(type)) return 'Basic/unknown'
    const plain = `${type}/${id}`
    const found = known.get(plain)
    if (found !== undefined) return found
    let name: string
    if (id.startsWith(`${state.journey}.`)) name = `${type}/${scenarioJourney}${id.slice(state.journey.length)}`
    else {
      const count = (counts.get(type) ?? 0) + 1
      counts.set(type, count)
      name = `${type}/${type.charAt(0).toLowerCase()}${count}`
    }
    known.set(plain, name)
    return name
  }
  return {
    table,
    reference,
    moved(text) {
      // A year or a month alone cannot be moved by days.
      if (/^\d{4}(?:-\d\d)?$/.test(text)) return undefined
      const time = Date.parse(text)
      if (Number.isNaN(time)) return undefined
      const moved = new Date(time + shift).toISOString()
      return text.includes('T') ? moved : moved.slice(0, 10)
    },
  }
}

const shape = (log: readonly LogEntry[]): string[] =>
  log.flatMap(({ kind, step, data }) =>
    step !== null && ['done', 'skipped', 'missed', 'escalated'].includes(kind)
      ? [`${step} ${kind}${kind === 'done' ? `: ${String(data['outcome'])}` : ''}`]
      : [],
  )

function differencesOf(
  pathway: CompiledPathway,
  scenario: Scenario,
  { log, calendar }: { log: readonly LogEntry[]; calendar: Calendar },
): string[] {
  const played = runScenario(pathway, scenario, calendar)
  const [lived, made] = [shape(log), shape(played.log)]
  return [
    ...lived.filter((one) => !made.includes(one)).map((one) => `− ${one}`),
    ...made.filter((one) => !lived.includes(one)).map((one) => `+ ${one}`),
    ...played.failures.map(
      ({ path, expected, found }) => `${path}: ${JSON.stringify(expected)}, ${JSON.stringify(found) ?? ''}`,
    ),
  ]
}
