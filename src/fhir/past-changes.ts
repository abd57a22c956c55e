import type { Tx } from '../db/index.ts'
import compartments from './generated/compartments.json' with { type: 'json' }
import { patientSubject } from './patient-subject.ts'

/** One version as the history keeps it. */
export interface PastChange {
  type: string
  id: string
  version: number
  interaction: 'create' | 'update' | 'delete'
  /** Its place among all versions of the record. */
  seq: number
  /** Milliseconds. */
  at: number
  /** `Patient/…` whose record it was in. */
  subject: string
  /** The resource as JSON text; null for a delete. */
  content: string | null
}

interface Row {
  type: string
  id: string
  version: number
  interaction: PastChange['interaction']
  seq: string
  updated: Date
  content: string | null
}

const changeOf = (row: Row): PastChange => ({
  type: row.type,
  id: row.id,
  version: row.version,
  interaction: row.interaction,
  seq: Number(row.seq),
  at: row.updated.getTime(),
  subject: row.content === null ? '' : (subjectIn(row.type, row.id, row.content) ?? ''),
  content: row.content,
})

/** As `patientSubject`, without reading a text that speaks of one patient only. */
function subjectIn(type: string, id: string, content: string): string | undefined {
  if (type === 'Patient') return `Patient/${id}`
  const found = new Set(content.match(/(?<="reference":")Patient\/[A-Za-z0-9.-]{1,64}/g))
  if (found.size === 0) return undefined
  const [only] = found
  return found.size === 1 ? only : patientSubject(JSON.parse(content))
}

const members: Record<string, string> = compartments.Patient

const columns = 'h.type, h.id, h.version, h.interaction, h.seq, h.updated, h.content'

/**
 * Versions of some types in some patients' records, written in [from, until), in the order in which they were written; of
 * the patients themselves all until then. Resources that have been deleted since, or moved to another patient, are not
 * found: `versionsOf` reads those whose ids are known.
 */
export async function pastChanges(
  tx: Tx,
  asked: { patients: readonly string[]; types: readonly string[]; from: number; until: number },
): Promise<PastChange[]> {
  const { patients, types, from, until } = asked
  const pairs = types.flatMap((type) => (members[type]?.split(' ') ?? []).map((param) => ({ type, param })))
  const rows = await tx.query<Row>({
    name: 'fhir-past-changes',
    text: `
      with member as (
        select distinct t.type, t.id from unnest($2::text[], $3::text[]) as v (type, param) cross join unnest($4::text[]) as p (id)
        join fhir_reference t on t.tenant_id = $1 and t.type = v.type and t.param = v.param and t.target_id = p.id and t.target_type = 'Patient')
      select ${columns} from member m
        join fhir_history h on h.tenant_id = $1 and h.type = m.type and h.id = m.id and h.updated >= $5 and h.updated < $6
      union all
      select ${columns} from unnest($4::text[]) as p (id)
        join fhir_history h on h.tenant_id = $1 and h.type = 'Patient' and h.id = p.id and h.updated < $6
      where $7`,
    values: [
      tx.tenant,
      pairs.map(({ type }) => type),
      pairs.map(({ param }) => param),
      patients.map((reference) => reference.slice('Patient/'.length)),
      new Date(from),
      new Date(until),
      types.includes('Patient'),
    ],
  })
  const wanted = new Set(patients)
  return rows
    .map(changeOf)
    .filter(({ subject }) => wanted.has(subject))
    .toSorted((a, b) => a.seq - b.seq)
}

/** Versions by their ids, `Type/id/version`. */
export async function versionsOf(tx: Tx, ids: readonly string[]): Promise<PastChange[]> {
  const keys = ids.map((id) => id.split('/'))
  const rows = await tx.query<Row>({
    name: 'fhir-versions-of',
    text: `
      select ${columns} from unnest($2::text[], $3::text[], $4::int[]) as v (type, id, version)
      join fhir_history h on h.tenant_id = $1 and h.type = v.type and h.id = v.id and h.version = v.version`,
    values: [tx.tenant, keys.map(([type]) => type), keys.map(([, id]) => id), keys.map(([, , version]) => version)],
  })
  return rows.map(changeOf)
}

const page = 5_000

/** The patients in whose records something of these types was written in [from, until); each once. */
export async function* patientsChanged(
  reading: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>,
  { types, from, until }: { types: readonly string[]; from: number; until: number },
): AsyncGenerator<string> {
  const seen = new Set<string>()
  let after: { at: Date; seq: string } = { at: new Date(from), seq: '-1' }
  for (;;) {
    const last = after
    const rows: Row[] = await reading((tx) =>
      tx.query<Row>({
        name: 'fhir-patients-changed',
        text: `
          select ${columns} from fhir_history h
          where h.tenant_id = $1 and h.updated >= $2 and h.updated < $3 and h.type = any ($4::text[]) and (h.updated, h.seq) > ($2, $5)
          order by h.updated, h.seq limit $6`,
        values: [tx.tenant, last.at, new Date(until), types, last.seq, page],
      }),
    )
    for (const row of rows) {
      const { subject } = changeOf(row)
      if (subject === '' || seen.has(subject)) continue
      seen.add(subject)
      yield subject
    }
    const end = rows.at(-1)
    if (!end || rows.length < page) return
    after = { at: end.updated, seq: end.seq }
  }
}
