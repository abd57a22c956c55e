import type { Patient } from '@medplum/fhirtypes'
import type { CompiledPathway } from '../compile.ts'
import { startFor, zoneOf } from '../engine.ts'
import type { Effect, LogEntry, Parent } from '../state.ts'
import { type Difference, differences } from './differences.ts'
import { type Played, type PlayOptions, play } from './play.ts'
import { type Arranged, arrange, type RecordedChange, type RecordedJourney, type StartEvent } from './recorded.ts'

/** A journey as the runtime keeps it, with its log up to the end of the period. */
export interface KeptJourney {
  id: string
  pathway: CompiledPathway
  key: string
  entry: number
  log: readonly LogEntry[]
}

/** All that a replay needs of one patient. */
export interface PatientRecord {
  subject: string
  /** In the record's order. The Patient's own versions may be older than the period. */
  changes: readonly RecordedChange[]
  /** Journeys of the pathway that began in the period. */
  journeys: readonly KeptJourney[]
  /** Keys that had a journey before the period, with the number of the last one. */
  earlier: readonly { key: string; entry: number; endedAt: number | null }[]
  /** Journeys that began one of `journeys`, and those that began these. */
  parents: readonly KeptJourney[]
  /** Changes that begin nothing in this replay: what they begin belongs to another clinic. */
  elsewhere?: ReadonlySet<string>
}

/** One journey of the past beside the same on the draft. Either is null where only the other would have been. */
export interface Replayed {
  /** The recorded journey's id; of one that never was, `~`, its key and its number. */
  journey: string
  key: string
  /** The recorded log. */
  before: readonly LogEntry[] | null
  after: Played | null
  /** Whether the recorded version, played over the record, gives the recorded log again; null for one that never was. */
  faithful: boolean | null
  differences: Difference[]
}

/** A recorded journey, sorted out once for both of its plays. */
type Prepared = RecordedJourney & { arranged: Arranged }

const nothingRecorded: Arranged = { news: [], answers: new Map(), timers: new Map(), asked: new Set(), missing: [] }

/**
 * Plays what happened to one patient once more: every journey that began in the period, and every one that the draft
 * would have begun. Pure: the same input gives the same output. Throws a LookAhead for an event that is used before it
 * was known.
 */
export function replayPatient(
  record: PatientRecord,
  draft: CompiledPathway,
  { from, ...options }: PlayOptions & { from: number },
): Replayed[] {
  const known = new Map(record.changes.map((one) => [one.id, one]))
  const recorded = new Map(record.journeys.map((one) => [one.log[0]?.event ?? one.id, one]))
  const found: Replayed[] = []
  const finish = (one: KeptJourney | undefined, after: Played | null, how: Prepared | undefined) => {
    const before = one?.log ?? null
    found.push({
      journey: one?.id ?? after?.state.journey ?? '',
      key: one?.key ?? after?.state.key ?? '',
      before,
      after,
      faithful: one ? how !== undefined && isFaithful(how, options) : null,
      differences: differences(before ?? [], after?.log ?? []),
    })
  }

  // Journeys that another one began are begun on the draft as well: the other is not what is tried here.
  for (const one of record.journeys) {
    if (one.log[0]?.rule !== 'parent') continue
    recorded.delete(one.log[0].event)
    const how = asRecorded(one, record, known, options)
    finish(one, how ? playDraft(how, draft, options) : null, how)
  }

  const last = new Map(record.earlier.map(({ key, entry, endedAt }) => [key, { entry, endedAt }]))
  for (const one of record.changes) {
    if (one.knownAt < from || one.knownAt >= options.until || record.elsewhere?.has(one.id)) continue
    const kept = recorded.get(one.id)
    recorded.delete(one.id)
    const begun = startFor(draft, one.change, record.subject)
    const before = begun && last.get(begun.key)
    const again =
      draft.definition.again === 'after-end' && before && before.endedAt !== null && before.endedAt <= one.knownAt
    if (begun && (!before || again)) {
      const how = kept && asRecorded(kept, record, known, options)
      const start = how?.start ?? startOf(begun, one, record, draft, `~${begun.key}.${(before?.entry ?? 0) + 1}`)
      const after = how
        ? playDraft(how, draft, options, begun.start)
        : play(
            draft,
            { start, knownAt: one.knownAt },
            { ...nothingRecorded, news: newsAfter(start, one, record) },
            options,
          )
      const ended = after.state.status === 'active' ? null : after.state.at
      last.set(begun.key, { entry: (before?.entry ?? 0) + 1, endedAt: ended })
      finish(kept, after, how)
    } else if (kept) finish(kept, null, asRecorded(kept, record, known, options))
  }
  // What began them is not in the record any more.
  for (const kept of recorded.values()) finish(kept, null, undefined)
  return found
}

/** What a recorded journey is played by; undefined when the record does not know any more what began it. */
function asRecorded(
  one: KeptJourney,
  record: PatientRecord,
  known: ReadonlyMap<string, RecordedChange>,
  options: PlayOptions,
): Prepared | undefined {
  const how = recordedAs(one, record, known, options)
  return how && { ...how, arranged: arrange(how) }
}

function recordedAs(
  one: KeptJourney,
  record: PatientRecord,
  known: ReadonlyMap<string, RecordedChange>,
  options: PlayOptions,
): RecordedJourney | undefined {
  const [line] = one.log
  if (!line) return undefined
  const { pathway, log } = one
  const cause = known.get(line.event)
  if (cause) {
    const start = startOf(
      { start: Number(line.rule.slice('starts.'.length)), key: one.key },
      cause,
      record,
      pathway,
      one.id,
    )
    return {
      pathway,
      start: { ...start, at: line.at },
      knownAt: cause.knownAt,
      log,
      changes: record.changes,
      after: cause.order,
    }
  }
  const parent = parentOf(one, record, known, options)
  if (!parent) return undefined
  const zone = zoneAt(record, pathway, line.at)
  const start: StartEvent = {
    id: line.event,
    at: line.at,
    kind: 'start',
    journey: one.id,
    key: one.key,
    subject: record.subject,
    zone,
    parent: parent.parent,
  }
  return { pathway, start, knownAt: line.at, log, changes: record.changes, after: parent.after }
}

/** What a journey's parent handed over, and the place in the record of what moved the parent to begin it. */
function parentOf(
  one: KeptJourney,
  record: PatientRecord,
  known: ReadonlyMap<string, RecordedChange>,
  options: PlayOptions,
): { parent: Parent; after: number } | undefined {
  const kept = record.parents.find(({ id }) => one.id.startsWith(`${id}.`))
  const how = kept && asRecorded(kept, record, known, options)
  if (!kept || !how) return undefined
  const played = play(kept.pathway, how, how.arranged, { ...options, assume: 'open' })
  const asked = played.effects.find((effect): effect is Effect & { kind: 'start' } => effect.key === one.id)
  if (asked?.kind !== 'start') return undefined
  const { journey, trigger, priority } = played.state
  const cause = kept.log.find((line) => line.data['effect'] === one.id)?.event ?? ''
  const at = one.log[0]?.at ?? 0
  const before = record.changes.filter((change) => change.knownAt < at)
  return {
    parent: { journey, trigger, priority, variables: asked.variables },
    after: known.get(cause)?.order ?? before.at(-1)?.order ?? 0,
  }
}

function startOf(
  begun: { key: string; start: number },
  cause: RecordedChange,
  record: PatientRecord,
  pathway: CompiledPathway,
  journey: string,
): StartEvent {
  return {
    id: cause.id,
    at: cause.knownAt,
    kind: 'start',
    journey,
    key: begun.key,
    subject: record.subject,
    zone: zoneAt(record, pathway, cause.knownAt),
    start: begun.start,
    change: cause.change,
  }
}

/** The patient's own zone at a moment, where the pathway follows it. */
function zoneAt({ subject, changes }: PatientRecord, pathway: CompiledPathway, at: number): string | undefined {
  if (pathway.definition.zone !== 'patient') return undefined
  const patient = changes.findLast(
    ({ knownAt, change: { resource } }) =>
      knownAt <= at && resource.resourceType === 'Patient' && `Patient/${resource.id}` === subject,
  )?.change.resource
  return patient && zoneOf(patient as Patient)
}

const newsAfter = (start: StartEvent, cause: RecordedChange, { subject, changes }: PatientRecord): Arranged['news'] =>
  changes
    .filter(({ order, change: { resource } }) => order > cause.order && `Patient/${resource.id}` !== subject)
    .map(({ id, knownAt, change }, rank) => {
      const at = Math.max(start.at, knownAt)
      return { rank: rank + 1, at, knownAt, event: { id, at, kind: 'change', change }, place: undefined }
    })

/** On the draft the journey has another id, so that nothing of the recorded one passes for its own. */
function playDraft(how: Prepared, draft: CompiledPathway, options: PlayOptions, start?: number): Played {
  const own = {
    ...how.start,
    journey: `${how.start.journey}~`,
    zone: draft.definition.zone === 'patient' ? how.start.zone : undefined,
  }
  const begun = start !== undefined && 'start' in own ? { ...own, start } : own
  return play(draft, { ...how, start: begun }, how.arranged, options)
}

/** Whether the recorded version gives the recorded log again, line for line. */
function isFaithful(how: Prepared, options: PlayOptions): boolean {
  const { arranged } = how
  if (arranged.missing.length > 0) return false
  const { log } = play(how.pathway, how, arranged, { ...options, assume: 'open' })
  return log.length === how.log.length && log.every((line, index) => sameLine(line, how.log[index]))
}

function sameLine(a: LogEntry, b: LogEntry | undefined): boolean {
  if (!b || a.kind !== b.kind || a.step !== b.step || a.n !== b.n || a.rule !== b.rule) return false
  if (a.event !== b.event || a.at !== b.at) return false
  const names = Object.keys(a.data)
  return names.length === Object.keys(b.data).length && names.every((name) => a.data[name] === b.data[name])
}
