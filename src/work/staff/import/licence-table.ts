import type { Practitioner, PractitionerQualification } from '@medplum/fhirtypes'
import type { Tx } from '../../../db/index.ts'
import { type FhirRecord, type LineFault, type PlannedFile, plannedLine } from '../../../fhir/index.ts'
import { type CsvRow, readCsv } from '../../../kernel/index.ts'
import type { HouseOntology } from '../../ontology/house-ontology.ts'
import { placeOf } from '../../ontology/place-of.ts'
import { qualificationUrl, staffWords } from '../read-practitioner.ts'
import { isDate, isId, wordsIn } from './table-words.ts'

export const licenceColumns = {
  needed: ['practitioner', 'credential', 'place', 'number'],
  optional: ['status', 'from', 'until', 'compact', 'excludes'],
} as const
type Column = (typeof licenceColumns.needed)[number] | (typeof licenceColumns.optional)[number]
type Row = Record<Column, string>
const columns: readonly Column[] = [...licenceColumns.needed, ...licenceColumns.optional]

/**
 * What a table of licences would change: one for the same credential, place and number replaces that one, others stay.
 * Columns: practitioner (id), credential, place (a code or a name), number; status (`active`, `suspended`, `revoked`), from
 * and until (dates, the last day included), compact, excludes (kinds of task, with spaces between). Reads only. Throws
 * `csv-invalid` for a text that is no such table.
 */
export async function readLicenceTable(
  tx: Tx,
  { record, ontology }: { record: FhirRecord; ontology: HouseOntology },
  csv: string,
): Promise<PlannedFile> {
  const rows = readCsv<Column>(csv, licenceColumns)
  const ids = [...new Set(rows.map(({ values }) => values.practitioner))]
  const known = await record.readMany(
    tx,
    ids.filter(isId).map((id) => `Practitioner/${id}`),
  )
  const planned: PlannedFile = { lines: [], writes: [], faults: [] }
  const seen = new Map<string, number>()
  const changed = new Map<string, CsvRow<Column>[]>()
  for (const row of rows) {
    const { line, values } = row
    const person = known.get(`Practitioner/${values.practitioner}`)
    const faults = faultsOf(ontology, row, person !== undefined)
    const place = placeOf(ontology, values.place)
    const key = keyOf(values.practitioner, values.credential, place, values.number)
    const former = seen.get(key)
    if (former !== undefined)
      faults.push({
        line,
        column: undefined,
        code: 'twice',
        message: `the same licence stands in row ${former} already`,
      })
    seen.set(key, line)
    planned.faults.push(...faults)
    if (faults.length > 0 || person?.resourceType !== 'Practitioner') continue
    const held = (person.qualification ?? []).find(
      (one) => keyOf(...licenceKey(ontology, one)) === keyOf(values.credential, place, values.number),
    )
    const told = plannedLine(line, textOf(person), {
      columns,
      before: held && rowOf(ontology, values.practitioner, held),
      after: normal(ontology, values),
    })
    planned.lines.push(told)
    if (told.act !== 'same') changed.set(values.practitioner, [...(changed.get(values.practitioner) ?? []), row])
  }
  for (const [id, list] of changed) {
    const person = known.get(`Practitioner/${id}`)
    if (person?.resourceType === 'Practitioner') planned.writes.push(withLicences(ontology, { ...person, id }, list))
  }
  return planned
}

const textOf = (person: Practitioner): string => {
  const name = person.name?.find(({ use }) => use === 'official') ?? person.name?.[0]
  return name?.text ?? [name?.given?.join(' '), name?.family].filter(Boolean).join(' ')
}

/** The same said in one way. */
const normal = (ontology: HouseOntology, row: Row): Row => ({
  ...row,
  place: placeOf(ontology, row.place) ?? row.place,
  status: row.status === '' ? 'active' : row.status,
  excludes: wordsIn(row.excludes).join(' '),
})

function rowOf(ontology: HouseOntology, practitioner: string, one: PractitionerQualification): Row {
  const told = toldBy(one)
  const [credential, place, number] = licenceKey(ontology, one)
  return normal(ontology, {
    practitioner,
    credential: credential ?? '',
    place: place ?? '',
    number: number ?? '',
    status: told.find(({ url }) => url === 'status')?.valueCode ?? '',
    from: one.period?.start ?? '',
    until: one.period?.end ?? '',
    compact: told.find(({ url }) => url === staffWords.compact)?.valueCode ?? '',
    excludes: told.flatMap(({ url, valueCode }) => (url === staffWords.excludes ? (valueCode ?? []) : [])).join(' '),
  })
}

/** Everybody's licences as a table that `readLicenceTable` reads. */
export async function licenceTable(
  tx: Tx,
  { record, ontology }: { record: FhirRecord; ontology: HouseOntology },
  ids: readonly string[],
): Promise<Row[]> {
  const known = await record.readMany(
    tx,
    ids.map((id) => `Practitioner/${id}`),
  )
  return [...known.values()].flatMap((one) =>
    one.resourceType === 'Practitioner'
      ? (one.qualification ?? []).flatMap((held) =>
          toldBy(held).length > 0 ? [rowOf(ontology, one.id ?? '', held)] : [],
        )
      : [],
  )
}

const toldBy = (one: PractitionerQualification) =>
  one.extension?.find(({ url }) => url === qualificationUrl)?.extension ?? []

function licenceKey(
  ontology: HouseOntology,
  one: PractitionerQualification,
): [string | undefined, string | undefined, string | undefined] {
  const place = toldBy(one).find(({ url }) => url === 'whereValid')?.valueCodeableConcept?.coding?.[0]?.code
  const credential = one.code.coding?.find(({ system }) => system === staffWords.credential)?.code
  return [credential, placeOf(ontology, place), one.identifier?.[0]?.value]
}

const keyOf = (...parts: (string | undefined)[]): string => JSON.stringify(parts)

function faultsOf(ontology: HouseOntology, { line, values }: CsvRow<Column>, there: boolean): LineFault[] {
  const faults: LineFault[] = []
  const fault = (column: Column, code: string, message: string) => faults.push({ line, column, code, message })
  if (!there) fault('practitioner', 'unknown-person', `there is no Practitioner/${values.practitioner}`)
  if (!ontology.credentials.some(({ id }) => id === values.credential))
    fault('credential', 'unknown-credential', `one of ${ontology.credentials.map(({ id }) => id).join(', ')}`)
  if (placeOf(ontology, values.place) === undefined)
    fault('place', 'unknown-place', 'a state or province such as NY or CA-ON')
  if (values.number === '') fault('number', 'required', 'the licence’s number')
  else if (values.number.length > 60) fault('number', 'too-long', '60 characters are the most')
  if (!['', 'active', 'suspended', 'revoked'].includes(values.status))
    fault('status', 'value', 'active, suspended or revoked')
  for (const column of ['from', 'until'] as const)
    if (values[column] !== '' && !isDate(values[column])) fault(column, 'date', 'a date such as 2026-01-31')
  if (isDate(values.from) && isDate(values.until) && values.until < values.from)
    fault('until', 'order', `lies before ${values.from}`)
  const compact = ontology.compacts.find(({ id }) => id === values.compact)
  if (values.compact !== '' && !compact) fault('compact', 'unknown-compact', `there is no compact ${values.compact}`)
  else if (compact && !compact.credentials.includes(values.credential))
    fault('compact', 'other-credential', `${values.compact} is none of ${values.credential}`)
  for (const kind of wordsIn(values.excludes))
    if (!ontology.kinds.some(({ id }) => id === kind)) fault('excludes', 'unknown-kind', `there is no kind ${kind}`)
  return faults
}

function withLicences(
  ontology: HouseOntology,
  resource: Practitioner & { id: string },
  rows: readonly CsvRow<Column>[],
): Practitioner & { id: string } {
  const given = new Set(
    rows.map(({ values }) => keyOf(values.credential, placeOf(ontology, values.place), values.number)),
  )
  const stays = (one: PractitionerQualification) => !given.has(keyOf(...licenceKey(ontology, one)))
  return {
    ...resource,
    qualification: [
      ...(resource.qualification ?? []).filter(stays),
      ...rows.map(({ values }) => qualificationOf(ontology, values)),
    ],
  }
}

function qualificationOf(ontology: HouseOntology, values: Record<Column, string>): PractitionerQualification {
  const { credential, number, from, until, compact } = values
  return {
    identifier: [{ value: number }],
    code: { coding: [{ system: staffWords.credential, code: credential }] },
    ...(from === '' && until === ''
      ? {}
      : { period: { ...(from === '' ? {} : { start: from }), ...(until === '' ? {} : { end: until }) } }),
    extension: [
      {
        url: qualificationUrl,
        extension: [
          { url: 'status', valueCode: values.status === '' ? 'active' : values.status },
          {
            url: 'whereValid',
            valueCodeableConcept: {
              coding: [{ system: staffWords.place, code: placeOf(ontology, values.place) ?? values.place }],
            },
          },
          ...(compact === '' ? [] : [{ url: staffWords.compact, valueCode: compact }]),
          ...wordsIn(values.excludes).map((kind) => ({ url: staffWords.excludes, valueCode: kind })),
        ],
      },
    ],
  }
}
