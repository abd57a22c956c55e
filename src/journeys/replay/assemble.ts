import type { Resource } from '@medplum/fhirtypes'
import type { PastChange } from '../../fhir/index.ts'
import type { CompiledPathway, KeptJourney, LogEntry, PatientRecord, RecordedChange } from '../../pathways/index.ts'
import type { Chunk, JourneyRow, LogRow } from './engine-protocol.ts'

export const lineOf = ({ data, kind, journey: _journey, ...row }: LogRow): LogEntry => ({
  ...row,
  kind: kind as LogEntry['kind'],
  data: JSON.parse(data),
})

/** The lines of each journey. */
export function logsOf(lines: readonly LogRow[]): Map<string, LogEntry[]> {
  const logs = new Map<string, LogEntry[]>()
  for (const row of lines) {
    const log = logs.get(row.journey)
    if (log) log.push(lineOf(row))
    else logs.set(row.journey, [lineOf(row)])
  }
  return logs
}

/** Patients' records put together from the rows of a chunk, one after the other. */
export function* assemble(
  { subjects, journeys, earlier, lines, changes, elsewhere }: Chunk,
  draft: string,
  from: number,
  versionOf: (pathway: string, version: number) => CompiledPathway,
): Generator<PatientRecord> {
  const logs = logsOf(lines)
  const bySubject = <Row extends { subject: string }>(rows: readonly Row[]) => Map.groupBy(rows, (row) => row.subject)
  const [ours, before, news] = [bySubject(journeys), bySubject(earlier), bySubject(changes)]
  const kept = ({ id, pathway, version, key, entry }: JourneyRow): KeptJourney => ({
    id,
    pathway: versionOf(pathway, version),
    key,
    entry,
    log: logs.get(id) ?? [],
  })
  const foreign = new Set(elsewhere)
  for (const subject of subjects) {
    const own = ours.get(subject) ?? []
    const inPeriod = (row: JourneyRow) => row.pathway === draft && row.startedAt >= from
    yield {
      subject,
      changes: (news.get(subject) ?? []).map(recorded),
      journeys: own.filter(inPeriod).map(kept),
      parents: own.filter((row) => !inPeriod(row)).map(kept),
      earlier: (before.get(subject) ?? [])
        .toSorted((a, b) => a.entry - b.entry)
        .map(({ key, entry, endedAt }) => ({ key, entry, endedAt })),
      elsewhere: foreign,
    }
  }
}

const recorded = ({ type, id, version, interaction, seq, at, content }: PastChange): RecordedChange => ({
  id: `${type}/${id}/${version}`,
  order: seq,
  knownAt: at,
  change: {
    interaction,
    resource: content === null ? ({ resourceType: type, id } as Resource) : (JSON.parse(content) as Resource),
  },
})
