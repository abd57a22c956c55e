import type { Resource } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import { type FhirRecord, type PastChange, pastChanges, versionsOf } from '../../fhir/index.ts'
import { citedBy, type CompiledPathway, type Definition } from '../../pathways/index.ts'
import { clinicsOf } from '../clinics.ts'
import type { PublishedPathways } from '../published-pathways.ts'
import type { Chunk, JourneyRow, LogRow } from './engine-protocol.ts'

interface Stored extends Omit<JourneyRow, 'startedAt' | 'endedAt'> {
  started_at: Date
  ended_at: Date | null
}
const rowOf = ({ started_at, ended_at, ...row }: Stored): JourneyRow => ({
  ...row,
  startedAt: started_at.getTime(),
  endedAt: ended_at === null ? null : ended_at.getTime(),
})
const columns = 'id, subject, pathway, version, key, entry, started_at, ended_at'

/** Patients in whose records a journey of the pathway began in the period. */
export async function patientsBegun(tx: Tx, pathway: string, from: number, until: number): Promise<string[]> {
  const rows = await tx.query<{ subject: string }>({
    text: 'select distinct subject from journey where tenant_id = $1 and pathway = $2 and started_at >= $3 and started_at < $4',
    values: [tx.tenant, pathway, new Date(from), new Date(until)],
  })
  return rows.map(({ subject }) => subject)
}

/** The logs of some journeys until a moment. */
async function linesOf(tx: Tx, journeys: readonly string[], until: number): Promise<LogRow[]> {
  const rows = await tx.query<Omit<LogRow, 'at'> & { at: Date }>({
    name: 'replay-lines',
    text: `select journey, kind, step, n, rule, event, at, data from journey_event
      where tenant_id = $1 and journey = any ($2::text[]) and at < $3 order by journey, line`,
    values: [tx.tenant, journeys, new Date(until)],
  })
  return rows.map((row) => ({ ...row, at: row.at.getTime() }))
}

/** The logs of a page of the period's journeys, for the answers that assumed ones are taken from. */
export async function linesOfPage(
  tx: Tx,
  { pathway, from, until }: { pathway: string; from: number; until: number },
  after: { at: number; id: string } | undefined,
): Promise<{ lines: LogRow[]; after: { at: number; id: string } | undefined }> {
  const rows = await tx.query<{ id: string; started_at: Date }>({
    text: `select id, started_at from journey where tenant_id = $1 and pathway = $2 and started_at >= $3 and started_at < $4
      and (started_at, id) > ($5, $6) order by started_at, id limit 500`,
    values: [tx.tenant, pathway, new Date(from), new Date(until), new Date(after?.at ?? from - 1), after?.id ?? ''],
  })
  const last = rows.at(-1)
  return {
    lines: await linesOf(
      tx,
      rows.map(({ id }) => id),
      until,
    ),
    after: last && rows.length === 500 ? { at: last.started_at.getTime(), id: last.id } : undefined,
  }
}

export interface Gathering {
  pathways: PublishedPathways
  draft: CompiledPathway
  from: number
  until: number
  /** Look at journeys of this Organization or Location alone. */
  clinic?: string | undefined
  record: Pick<FhirRecord, 'readMany'>
}

/** Types of resources that may move a journey, on the draft or on the version it ran on. */
async function typesFor(tx: Tx, { pathways, draft }: Gathering, ran: readonly CompiledPathway[]): Promise<string[]> {
  const types = new Set([...draft.startTypes, ...draft.waitTypes])
  for (const one of ran) for (const type of [...one.startTypes, ...one.waitTypes]) types.add(type)
  // What moved another pathway's journey may have begun one of this.
  if (ran.some((one) => one.id !== draft.id))
    for (const type of await pathways.heard(tx, await pathways.live(tx))) types.add(type)
  return [...types].toSorted()
}

/** All that the replay of some patients needs, in a few statements. */
export async function gather(
  tx: Tx,
  gathering: Gathering,
  subjects: readonly string[],
): Promise<Omit<Chunk, 'versions'> & { versions: Map<string, { version: number; definition: Definition }> }> {
  const { pathways, draft, from, until } = gathering
  const own = await tx.query<Stored>({
    name: 'replay-journeys',
    text: `select ${columns} from journey where tenant_id = $1 and pathway = $2 and subject = any ($3::text[]) and started_at < $4
      order by started_at, id`,
    values: [tx.tenant, draft.id, subjects, new Date(until)],
  })
  const rows = own.map(rowOf)
  const journeys = rows.filter((row) => row.startedAt >= from)
  const lines = await linesOf(
    tx,
    journeys.map(({ id }) => id),
    until,
  )
  // A journey that another one began is named by that one's effect.
  let children = lines.filter((line) => line.kind === 'started' && line.rule === 'parent').map((line) => line.journey)
  while (children.length > 0) {
    const wanted = [...new Set(children.map((id) => id.slice(0, id.lastIndexOf('.'))))]
    const parents = await tx.query<Stored>({
      text: `select ${columns} from journey where tenant_id = $1 and id = any ($2::text[])`,
      values: [tx.tenant, wanted.filter((id) => !journeys.some((one) => one.id === id))],
    })
    journeys.push(...parents.map(rowOf))
    const more = await linesOf(
      tx,
      parents.map(({ id }) => id),
      until,
    )
    lines.push(...more)
    children = more.filter((line) => line.kind === 'started' && line.rule === 'parent').map((line) => line.journey)
  }
  const versions = new Map<string, { version: number; definition: Definition }>()
  const ran: CompiledPathway[] = []
  for (const { pathway, version } of journeys) {
    if (versions.has(`${pathway} ${version}`)) continue
    const compiled = await pathways.version(tx, pathway, version)
    versions.set(`${pathway} ${version}`, { version, definition: compiled.definition })
    ran.push(compiled)
  }
  const earliest = journeys.reduce((least, { startedAt }) => Math.min(least, startedAt), from)
  const changes = await pastChanges(tx, {
    patients: subjects,
    types: await typesFor(tx, gathering, ran),
    from: earliest,
    until,
  })
  // What the logs speak of and was not found by its patient: answers of the journeys' own, and what was deleted since.
  const found = new Set(changes.map(({ type, id, version }) => `${type}/${id}/${version}`))
  const patientOf = new Map(journeys.map(({ id, subject }) => [id, subject]))
  const missing = new Map<string, string>()
  for (const row of lines)
    for (const id of citedBy([row])) if (!found.has(id)) missing.set(id, patientOf.get(row.journey) ?? '')
  for (const one of await versionsOf(tx, [...missing.keys()]))
    changes.push({ ...one, subject: missing.get(`${one.type}/${one.id}/${one.version}`) ?? one.subject })
  const elsewhere = new Set(await elsewhereOf(tx, gathering, journeys, lines, changes))
  const firstOf = new Map(lines.toReversed().map(({ journey, event }) => [journey, event]))
  const isElsewhere = (id: string): boolean => {
    const event = firstOf.get(id)
    if (event === undefined) return false
    return elsewhere.has(event) || isElsewhere(id.slice(0, Math.max(0, id.lastIndexOf('.'))))
  }
  return {
    subjects,
    journeys: journeys.filter(({ id }) => !isElsewhere(id)),
    elsewhere: [...elsewhere],
    earlier: rows.filter((row) => row.startedAt < from),
    lines,
    changes: changes.toSorted((a, b) => a.seq - b.seq),
    versions,
  }
}

/**
 * What begins, or on the draft would begin, a journey of another clinic than the one looked at, as the record says now; of a
 * journey that another one began, what began that.
 */
async function elsewhereOf(
  tx: Tx,
  { clinic, draft, record }: Gathering,
  journeys: readonly JourneyRow[],
  lines: readonly LogRow[],
  changes: readonly PastChange[],
): Promise<string[]> {
  if (clinic === undefined) return []
  const begins = new Set(journeys.flatMap(({ id }) => lines.find((line) => line.journey === id)?.event ?? []))
  const starting = changes.flatMap(({ content, ...one }) => {
    const id = `${one.type}/${one.id}/${one.version}`
    const may = begins.has(id) || draft.startTypes.has(one.type)
    return may && content !== null ? [{ id, subject: one.subject, resource: JSON.parse(content) as Resource }] : []
  })
  const clinics = await clinicsOf(tx, record, starting)
  return starting.flatMap(({ id }) => (clinics.get(id)?.includes(clinic) ? [] : [id]))
}
