import type { Patient } from '@medplum/fhirtypes'
import type { Tx } from '../../../db/index.ts'
import {
  type FhirRecord,
  type LineFault,
  type PlannedFile,
  plannedLine,
  type Sight,
  sightings,
} from '../../../fhir/index.ts'
import { readCsv } from '../../../kernel/index.ts'
import { isId } from './table-words.ts'

export const panelColumns = { needed: ['patient', 'practitioner'], optional: [] } as const
type Column = (typeof panelColumns.needed)[number]

/**
 * What a table of panels would change: whose patients people are (`Patient.generalPractitioner`). Columns: patient (id),
 * practitioner (id; empty: nobody's). The patient's practitioner is replaced, an organisation stays. Only of patients whom the
 * caller may change. Reads only. Throws `csv-invalid` for a text that is no such table.
 */
export async function readPanelTable(
  tx: Tx,
  { record, sight }: { record: FhirRecord; sight: Sight | undefined },
  csv: string,
): Promise<PlannedFile> {
  const rows = readCsv<Column>(csv, panelColumns)
  const references = (type: string, column: Column) => [
    ...new Set(rows.flatMap(({ values }) => (isId(values[column]) ? [`${type}/${values[column]}`] : []))),
  ]
  const wanted = references('Patient', 'patient')
  const seen = await sightings(tx, sight, 'update', sight ? wanted : [])
  const patients = await record.readMany(
    tx,
    wanted.filter((one) => !sight || seen.get(one) === true),
  )
  const people = await record.readMany(tx, references('Practitioner', 'practitioner'))
  const planned: PlannedFile = { lines: [], writes: [], faults: [] }
  const lines = new Map<string, number>()
  for (const { line, values } of rows) {
    const faults: LineFault[] = []
    const patient = patients.get(`Patient/${values.patient}`)
    const person = values.practitioner === '' ? undefined : people.get(`Practitioner/${values.practitioner}`)
    const former = lines.get(values.patient)
    lines.set(values.patient, line)
    if (former !== undefined)
      faults.push({ line, column: 'patient', code: 'twice', message: `stands in row ${former} already` })
    // Whom the caller may not see and who is not there are told alike.
    if (patient?.resourceType !== 'Patient')
      faults.push({ line, column: 'patient', code: 'unknown-patient', message: 'there is no such patient' })
    if (values.practitioner !== '' && !person)
      faults.push({
        line,
        column: 'practitioner',
        code: 'unknown-person',
        message: `there is no Practitioner/${values.practitioner}`,
      })
    planned.faults.push(...faults)
    if (faults.length > 0 || patient?.resourceType !== 'Patient') continue
    const told = plannedLine(line, values.patient, {
      columns: ['practitioner'],
      before: { practitioner: ownOf(patient) ?? '' },
      after: { practitioner: values.practitioner },
    })
    planned.lines.push(told)
    if (told.act !== 'same') planned.writes.push(withOwn({ ...patient, id: values.patient }, values.practitioner))
  }
  return planned
}

const isPerson = (reference: string | undefined): reference is string => reference?.startsWith('Practitioner/') === true

const ownOf = ({ generalPractitioner = [] }: Patient): string | undefined =>
  generalPractitioner
    .map(({ reference }) => reference)
    .find(isPerson)
    ?.slice('Practitioner/'.length)

function withOwn(
  { generalPractitioner = [], ...patient }: Patient & { id: string },
  practitioner: string,
): Patient & { id: string } {
  const kept = generalPractitioner.filter(({ reference }) => !isPerson(reference))
  const next = practitioner === '' ? kept : [{ reference: `Practitioner/${practitioner}` }, ...kept]
  return { ...patient, ...(next.length > 0 ? { generalPractitioner: next } : {}) }
}
