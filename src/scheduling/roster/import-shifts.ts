import { createHash } from 'node:crypto'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import { type CallContext, csvInvalid, type Fault, readCsv } from '../../kernel/index.ts'
import { momentOf, onClock } from '../../pathways/index.ts'
import { type RosterEntry, rosterWrites } from './write-roster.ts'

const columns = { needed: ['practitioner', 'kind', 'from', 'until'], optional: ['comment'] } as const
type Column = (typeof columns.needed)[number] | (typeof columns.optional)[number]

const longest = 366 * 86_400_000

/**
 * Writes the times of a CSV text into the record. Columns: practitioner (id), kind (`shift`, `on-call`, `leave`), from and
 * until (`2026-11-23 08:00` on the clock of `zone`, or with an offset), comment. The same person, kind and beginning again
 * replaces what was there. Throws `csv-invalid` with every fault, by row and column; nothing is written then.
 */
export async function importShifts(
  tx: Tx,
  context: CallContext,
  { record, zone }: { record: FhirRecord; zone: string },
  csv: string,
): Promise<{ times: number; people: string[] }> {
  const rows = readCsv<Column>(csv, columns)
  const ids = [...new Set(rows.map(({ values }) => values.practitioner))]
  const known = await record.readMany(
    tx,
    ids.filter((id) => /^[A-Za-z0-9.-]{1,64}$/.test(id)).map((id) => `Practitioner/${id}`),
  )
  const faults: Fault[] = []
  const entries = new Map<string, RosterEntry>()
  for (const { line, values } of rows) {
    const fault = (column: Column, message: string) => faults.push({ path: `row ${line}, column ${column}`, message })
    const { practitioner, kind, comment } = values
    if (!known.has(`Practitioner/${practitioner}`)) fault('practitioner', `there is no Practitioner/${practitioner}`)
    if (kind !== 'shift' && kind !== 'on-call' && kind !== 'leave') fault('kind', 'shift, on-call or leave')
    const [from, until] = [timeOf(values.from, zone), timeOf(values.until, zone)]
    if (from === undefined) fault('from', 'a time such as 2026-11-23 08:00')
    if (until === undefined) fault('until', 'a time such as 2026-11-23 16:00')
    if (comment.length > 200) fault('comment', '200 characters are the most')
    if (from === undefined || until === undefined) continue
    if (until <= from) fault('until', 'does not lie after from')
    else if (until - from > longest) fault('until', 'lies more than a year after from')
    const id = createHash('sha256').update(`${practitioner} ${kind} ${from}`).digest('hex').slice(0, 32)
    if (entries.has(id)) faults.push({ path: `row ${line}`, message: 'the same beginning stands in an earlier row' })
    if (kind === 'shift' || kind === 'on-call' || kind === 'leave')
      entries.set(id, { id, practitioner, kind, from, until, ...(comment === '' ? {} : { comment }) })
  }
  if (faults.length > 0) throw csvInvalid(faults)
  await record.write(tx, context, rosterWrites([...entries.values()]))
  return { times: entries.size, people: ids.map((id) => `Practitioner/${id}`) }
}

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
