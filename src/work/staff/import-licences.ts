import type { Practitioner, PractitionerQualification } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import { type CallContext, csvInvalid, type CsvRow, type Fault, readCsv } from '../../kernel/index.ts'
import { momentOf } from '../../pathways/index.ts'
import type { HouseOntology } from '../ontology/house-ontology.ts'
import { placeOf } from '../ontology/place-of.ts'
import { qualificationUrl, staffWords } from './read-practitioner.ts'

const columns = {
  needed: ['practitioner', 'credential', 'place', 'number'],
  optional: ['status', 'from', 'until', 'compact', 'excludes'],
} as const
type Column = (typeof columns.needed)[number] | (typeof columns.optional)[number]

/** The licences of a CSV text in the record: one for the same credential, place and number replaces that one, others stay. */
export interface ImportedLicences {
  licences: number
  people: string[]
}

/**
 * Columns: practitioner (id), credential, place (a code or a name), number; status (`active`, `suspended`, `revoked`), from
 * and until (dates, the last day included), compact, excludes (kinds of task, with spaces between). Throws `csv-invalid`
 * with every fault, by row and column; nothing is written then.
 */
export async function importLicences(
  tx: Tx,
  context: CallContext,
  { record, ontology }: { record: FhirRecord; ontology: HouseOntology },
  csv: string,
): Promise<ImportedLicences> {
  const rows = readCsv<Column>(csv, columns)
  const ids = [...new Set(rows.map(({ values }) => values.practitioner))]
  const known = await record.readMany(
    tx,
    ids.filter((id) => /^[A-Za-z0-9.-]{1,64}$/.test(id)).map((id) => `Practitioner/${id}`),
  )
  const faults = rows.flatMap((row) => faultsOf(ontology, row, known.has(`Practitioner/${row.values.practitioner}`)))
  const seen = new Map<string, number>()
  for (const { line, values } of rows) {
    const key = keyOf(values.practitioner, values.credential, placeOf(ontology, values.place), values.number)
    const former = seen.get(key)
    if (former !== undefined)
      faults.push({ path: `row ${line}`, message: `the same licence stands in row ${former} already` })
    seen.set(key, line)
  }
  if (faults.length > 0) throw csvInvalid(faults)
  const changed = ids.flatMap((id) => {
    const resource = known.get(`Practitioner/${id}`)
    if (resource?.resourceType !== 'Practitioner') return []
    return [
      withLicences(
        ontology,
        { ...resource, id },
        rows.filter(({ values }) => values.practitioner === id),
      ),
    ]
  })
  await record.write(
    tx,
    context,
    changed.map((resource) => ({
      interaction: 'update' as const,
      resource,
      ...(resource.meta?.versionId === undefined ? {} : { ifMatch: Number(resource.meta.versionId) }),
    })),
  )
  return { licences: rows.length, people: changed.map(({ id }) => `Practitioner/${id}`) }
}

const keyOf = (...parts: (string | undefined)[]): string => JSON.stringify(parts)

function faultsOf(ontology: HouseOntology, { line, values }: CsvRow<Column>, there: boolean): Fault[] {
  const faults: Fault[] = []
  const fault = (column: Column, message: string) => faults.push({ path: `row ${line}, column ${column}`, message })
  if (!there) fault('practitioner', `there is no Practitioner/${values.practitioner}`)
  if (!ontology.credentials.some(({ id }) => id === values.credential))
    fault('credential', `one of ${ontology.credentials.map(({ id }) => id).join(', ')}`)
  if (placeOf(ontology, values.place) === undefined) fault('place', 'a state or province such as NY or CA-ON')
  if (values.number === '' || values.number.length > 60) fault('number', 'the licence’s number, at most 60 characters')
  if (!['', 'active', 'suspended', 'revoked'].includes(values.status)) fault('status', 'active, suspended or revoked')
  for (const column of ['from', 'until'] as const)
    if (values[column] !== '' && !isDate(values[column])) fault(column, 'a date such as 2026-01-31')
  if (isDate(values.from) && isDate(values.until) && values.until < values.from)
    fault('until', `lies before ${values.from}`)
  const compact = ontology.compacts.find(({ id }) => id === values.compact)
  if (values.compact !== '' && !compact) fault('compact', `there is no compact ${values.compact}`)
  else if (compact && !compact.credentials.includes(values.credential))
    fault('compact', `${values.compact} is none of ${values.credential}`)
  for (const kind of kindsOf(values.excludes))
    if (!ontology.kinds.some(({ id }) => id === kind)) fault('excludes', `there is no kind of task ${kind}`)
  return faults
}

const isDate = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) &&
  !Number.isNaN(momentOf(text, 'UTC')) &&
  new Date(momentOf(text, 'UTC')).toISOString().startsWith(text)

const kindsOf = (text: string): string[] => text.split(/\s+/).filter((kind) => kind !== '')

function withLicences(
  ontology: HouseOntology,
  resource: Practitioner & { id: string },
  rows: readonly CsvRow<Column>[],
): Practitioner & { id: string } {
  const given = new Set(
    rows.map(({ values }) => keyOf(values.credential, placeOf(ontology, values.place), values.number)),
  )
  const stays = (one: PractitionerQualification) => {
    const told = one.extension?.find(({ url }) => url === qualificationUrl)?.extension ?? []
    const place = told.find(({ url }) => url === 'whereValid')?.valueCodeableConcept?.coding?.[0]?.code
    const credential = one.code.coding?.find(({ system }) => system === staffWords.credential)?.code
    return !given.has(keyOf(credential, placeOf(ontology, place), one.identifier?.[0]?.value))
  }
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
          ...kindsOf(values.excludes).map((kind) => ({ url: staffWords.excludes, valueCode: kind })),
        ],
      },
    ],
  }
}
