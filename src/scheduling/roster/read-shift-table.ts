import { createHash } from 'node:crypto'
import type { Tx } from '../../db/index.ts'
import { type FhirRecord, type LineFault, type PlannedFile, plannedLine } from '../../fhir/index.ts'
import { readCsv } from '../../kernel/index.ts'
import { momentOf, onClock, wallTime } from '../../pathways/index.ts'
import { type RosterEntry, rosterWrites } from './write-roster.ts'

export const shiftColumns = { needed: ['practitioner', 'kind', 'from', 'until'], optional: ['comment'] } as const
type Column = (typeof shiftColumns.needed)[number] | (typeof shiftColumns.optional)[number]

const longest = 366 * 86_400_000

/**
 * What a table of times at work and away would change. Columns: practitioner (id), kind (`shift`, `on-call`, `leave`), from
 * and until (`2026-11-23 08:00` on the clock of `zone`, or with an offset), comment. The same person, kind and beginning again
 * replaces what was there. Reads only. Throws `csv-invalid` for a text that is no such table.
 */
export async function readShiftTable(
  tx: Tx,
  { record, zone }: { record: FhirRecord; zone: string },
  csv: string,
): Promise<PlannedFile> {
  const rows = readCsv<Column>(csv, shiftColumns)
  const ids = [...new Set(rows.map(({ values }) => values.practitioner))]
  const known = await record.readMany(
    tx,
    ids.filter((id) => /^[A-Za-z0-9.-]{1,64}$/.test(id)).map((id) => `Practitioner/${id}`),
  )
  const faults: LineFault[] = []
  const entries = new Map<string, RosterEntry & { line: number }>()
  for (const { line, values } of rows) {
    const fault = (column: Column, code: string, message: string) => faults.push({ line, column, code, message })
    const { practitioner, kind, comment } = values
    if (!known.has(`Practitioner/${practitioner}`))
      fault('practitioner', 'unknown-person', `there is no Practitioner/${practitioner}`)
    if (kind !== 'shift' && kind !== 'on-call' && kind !== 'leave') fault('kind', 'value', 'shift, on-call or leave')
    const [from, until] = [timeOf(values.from, zone), timeOf(values.until, zone)]
    if (from === undefined) fault('from', 'time', 'a time such as 2026-11-23 08:00')
    if (until === undefined) fault('until', 'time', 'a time such as 2026-11-23 16:00')
    if (comment.length > 200) fault('comment', 'too-long', '200 characters are the most')
    if (from === undefined || until === undefined) continue
    if (until <= from) fault('until', 'order', 'does not lie after from')
    else if (until - from > longest) fault('until', 'too-long', 'lies more than a year after from')
    const id = createHash('sha256').update(`${practitioner} ${kind} ${from}`).digest('hex').slice(0, 32)
    const twice = entries.get(id)
    if (twice)
      faults.push({
        line,
        column: undefined,
        code: 'twice',
        message: `the same beginning stands in row ${twice.line} already`,
      })
    if (kind === 'shift' || kind === 'on-call' || kind === 'leave')
      entries.set(id, { id, practitioner, kind, from, until, line, ...(comment === '' ? {} : { comment }) })
  }
  const stored = await record.readMany(
    tx,
    [...entries.keys()].map((id) => `Slot/${id}`),
  )
  const lines = [...entries.values()].map((entry) => {
    const slot = stored.get(`Slot/${entry.id}`)
    const person = known.get(`Practitioner/${entry.practitioner}`)
    const name = person?.resourceType === 'Practitioner' ? person.name?.[0]?.text : undefined
    const was = slot?.resourceType === 'Slot' && slot.status !== 'entered-in-error' ? slot : undefined
    return plannedLine(entry.line, name ?? entry.practitioner, {
      columns: ['kind', 'from', 'until', 'comment'],
      before: was && {
        kind: entry.kind,
        from: shownTime(zone, Date.parse(was.start)),
        until: shownTime(zone, Date.parse(was.end)),
        comment: was.comment ?? '',
      },
      after: {
        kind: entry.kind,
        from: shownTime(zone, entry.from),
        until: shownTime(zone, entry.until),
        comment: entry.comment ?? '',
      },
    })
  })
  const same = new Set(lines.flatMap(({ line, act }) => (act === 'same' ? [line] : [])))
  const writes = rosterWrites([...entries.values()].filter(({ line }) => !same.has(line))).flatMap((one) =>
    one.interaction === 'update' ? [one.resource] : [],
  )
  const schedules = await record.readMany(
    tx,
    writes.flatMap(({ resourceType, id }) => (resourceType === 'Schedule' ? [`Schedule/${id}`] : [])),
  )
  return {
    lines,
    faults,
    // A roster that there is already stays as it is.
    writes: writes.flatMap((one) => {
      const version = stored.get(`${one.resourceType}/${one.id}`)?.meta?.versionId
      if (schedules.has(`${one.resourceType}/${one.id}`)) return []
      return [version === undefined ? one : { ...one, meta: { versionId: version } }]
    }),
  }
}

const shownTime = (zone: string, at: number): string =>
  new Date(wallTime(zone, at)).toISOString().slice(0, 16).replace('T', ' ')

/** Milliseconds; undefined when it is no time. A time without an offset is one of the zone's clock. */
function timeOf(text: string, zone: string): number | undefined {
  const local = /^(\d{4}-\d\d-\d\d)[T ]((?:[01]\d|2[0-3]):[0-5]\d)$/.exec(text)
  const [, date = '', clock = ''] = local ?? []
  const at = local
    ? onClock(zone, momentOf(date, zone), clock)
    : /[T ].*(?:Z|[+-]\d\d:\d\d)$/.test(text)
      ? Date.parse(text)
      : Number.NaN
  return Number.isNaN(at) ? undefined : at
}
