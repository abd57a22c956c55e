import type { Tx } from '../../db/index.ts'
import { readExact, writeExact } from '../../kernel/index.ts'
import { shown, type Sight } from '../guard.ts'
import type { Bind } from '../search-options.ts'
import { isObject } from '../search-rows.ts'
import { typeRule } from '../structure.ts'
import { compartmentParameters, compartmentsOf } from './compartment.ts'
import type { ExportRequest } from './export-request.ts'
import { matchingIds } from './type-filter.ts'

const pageSize = 500
/** Members of a group are gone through so many at a time, each time by the index of references. */
const membersAtOnce = 200

/** Where in a type the export is: after which id, and in which stretch of the patients. */
export interface TypePlace {
  after: string
  stretch: number
}

export interface Page {
  lines: string[]
  /** Undefined: the type is through. */
  next: TypePlace | undefined
}

export interface PageOptions {
  asOf: Date
  now: number
  sight: Sight | undefined
  /** Place of each patient that the export is of; undefined: of all. */
  patients: ReadonlyMap<string, number> | undefined
}

interface Row {
  id: string
  content: string | null
}

/**
 * Rows of fhir_resource as they were at the moment of the export: what was written since gives the version before it. What
 * may not be seen, was not there then, was deleted or is older than `since` comes without content.
 */
async function readRows(
  tx: Tx,
  type: string,
  wanted: { after: string } | { ids: readonly string[] },
  request: ExportRequest,
  options: PageOptions,
): Promise<Row[]> {
  const since = request.since === undefined ? null : new Date(request.since)
  const values: unknown[] = [tx.tenant, type, options.asOf, since]
  const bind: Bind = (value, kind) => `$${values.push(value)}::${kind}`
  const which = 'ids' in wanted ? `r.id = any (${bind(wanted.ids, 'text[]')})` : `r.id > ${bind(wanted.after, 'text')}`
  const seen = options.sight ? options.sight.visible('export')(type, 'r', bind) : 'true'
  return tx.query<Row>({
    text: `
      select r.id, case when ($4::timestamptz is null or v.updated > $4) and (${seen}) then v.content end as content
      from (select * from fhir_resource r where r.tenant_id = $1 and r.type = $2 and ${which} order by r.id limit ${pageSize}) r
      left join lateral (
        select r.updated, r.content where r.updated <= $3
        union all
        (select h.updated, h.content from fhir_history h
         where r.updated > $3 and h.tenant_id = $1 and h.type = $2 and h.id = r.id and h.updated <= $3
         order by h.version desc limit 1)) v on true
      order by r.id`,
    values,
  })
}

/** Ids of the resources of a type in the compartments of a stretch of the patients, by the index of references. */
async function idsOfPatients(tx: Tx, type: string, patients: readonly string[], after: string): Promise<string[]> {
  if (type === 'Patient')
    return patients
      .filter((id) => id > after)
      .toSorted((a, b) => (a < b ? -1 : 1))
      .slice(0, pageSize)
  const rows = await tx.query<{ id: string }>({
    name: 'fhir-export-compartment',
    text: `
      select distinct t.id from fhir_reference t
      where t.tenant_id = $1 and t.type = $2 and t.param = any ($3::text[]) and t.target_id = any ($4::text[])
        and t.target_type = 'Patient' and t.id > $5
      order by t.id limit ${pageSize}`,
    values: [tx.tenant, type, compartmentParameters(type), patients, after],
  })
  return rows.map(({ id }) => id)
}

/** Only what was asked for, beside what FHIR requires (Bulk Data 2.0, _elements); marked as incomplete. */
function onlyElements(content: string, type: string, elements: readonly string[]): string {
  const resource = readExact(content)
  if (!isObject(resource)) return content
  const keep = new Set(['resourceType', 'id', 'meta'])
  for (const element of elements) {
    const [first = '', second] = element.split('.')
    // `Patient.name` is about patients, `name` about every type.
    const name = /^[A-Z]/.test(first) ? (first === type ? second : undefined) : first
    if (name !== undefined) keep.add(name)
  }
  for (const { name, choices } of typeRule(type)?.required ?? []) for (const one of [name, ...choices]) keep.add(one)
  const left = Object.fromEntries(Object.entries(resource).filter(([name]) => keep.has(name.replace(/^_/, ''))))
  const meta = isObject(left['meta']) ? left['meta'] : {}
  const tags = Array.isArray(meta['tag']) ? meta['tag'] : []
  const subsetted = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }
  return writeExact({ ...left, meta: { ...meta, tag: [...tags, subsetted] } })
}

/** The next page of a type. The cost of a page does not grow with how far the export is. */
export async function exportPage(
  tx: Tx,
  type: string,
  place: TypePlace,
  request: ExportRequest,
  options: PageOptions,
): Promise<Page> {
  const { patients } = options
  const filters = request.filters[type]
  // Of few patients, the index of references leads; of all, or of those that a search finds, the resources themselves do.
  const byPatients = patients !== undefined && filters === undefined
  let rows: Row[]
  let full: boolean
  let last: string | undefined
  if (filters || byPatients) {
    const stretch = byPatients
      ? [...patients.keys()].slice(place.stretch * membersAtOnce, (place.stretch + 1) * membersAtOnce)
      : []
    const ids = filters
      ? await matchingIds(
          tx,
          type,
          filters,
          { after: place.after, count: pageSize, now: options.now },
          { visible: options.sight?.visible('export') },
        )
      : await idsOfPatients(tx, type, stretch, place.after)
    rows = ids.length === 0 ? [] : await readRows(tx, type, { ids }, request, options)
    full = ids.length === pageSize
    last = ids.at(-1)
  } else {
    rows = await readRows(tx, type, { after: place.after }, request, options)
    full = rows.length === pageSize
    last = rows.at(-1)?.id
  }
  const lines: string[] = []
  for (const { content } of rows) {
    if (content === null) continue
    if (request.level !== 'system') {
      const of = compartmentsOf(JSON.parse(content) as { resourceType: string; id?: string })
      if (patients) {
        const places = [...of].flatMap((id) => patients.get(id) ?? [])
        if (places.length === 0) continue
        // A resource of two patients is found with each of them, and belongs to the first.
        if (byPatients && Math.floor(Math.min(...places) / membersAtOnce) !== place.stretch) continue
      } else if (of.size === 0) continue
    }
    const whole = shown(options.sight, type, content)
    lines.push(request.elements ? onlyElements(whole, type, request.elements) : whole)
  }
  if (full && last !== undefined) return { lines, next: { after: last, stretch: place.stretch } }
  const more = byPatients && (place.stretch + 1) * membersAtOnce < patients.size
  return { lines, next: more ? { after: '', stretch: place.stretch + 1 } : undefined }
}

export interface DeletedPlace {
  at: number
  type: string
  id: string
}

/**
 * What was deleted after `since` and was so at the moment of the export, as transaction Bundles that would delete it
 * elsewhere too (Bulk Data 2.0, `deleted`). Whose it was is told by its last version.
 */
export async function deletedPage(
  tx: Tx,
  types: readonly string[],
  place: DeletedPlace,
  request: ExportRequest,
  options: PageOptions,
): Promise<{ lines: string[]; next: DeletedPlace | undefined }> {
  const rows = await tx.query<{ type: string; id: string; updated: Date; former: string | null }>({
    name: 'fhir-export-deleted',
    text: `
      select d.type, d.id, d.updated, f.content as former from (
        select type, id, version, updated from fhir_history
        where tenant_id = $1 and (updated, type, id) > ($2, $3, $4) and updated > $5 and updated <= $6
          and interaction = 'delete' and type = any ($7::text[])
        order by updated, type, id, version limit ${pageSize}) d
      left join fhir_history f on f.tenant_id = $1 and f.type = d.type and f.id = d.id and f.version = d.version - 1
      order by d.updated, d.type, d.id, d.version`,
    values: [tx.tenant, new Date(place.at), place.type, place.id, new Date(request.since ?? 0), options.asOf, types],
  })
  const standing = new Set<string>()
  if (rows.length > 0) {
    const values: unknown[] = [tx.tenant, rows.map(({ type }) => type), rows.map(({ id }) => id), options.asOf]
    const later = await tx.query<{ type: string; id: string }>({
      name: 'fhir-export-deleted-last',
      text: `
        select v.type, v.id from unnest($2::text[], $3::text[]) as v (type, id) cross join lateral (
          select h.interaction from fhir_history h
          where h.tenant_id = $1 and h.type = v.type and h.id = v.id and h.updated <= $4 order by h.version desc limit 1) h
        where h.interaction <> 'delete'`,
      values,
    })
    for (const { type, id } of later) standing.add(`${type}/${id}`)
  }
  const gone = new Set<string>()
  for (const { type, id, former } of rows) {
    const reference = `${type}/${id}`
    if (standing.has(reference)) continue
    if (request.level !== 'system') {
      if (former === null) continue
      const of = compartmentsOf(JSON.parse(former) as { resourceType: string; id?: string })
      if (options.patients ? ![...of].some((one) => options.patients?.has(one)) : of.size === 0) continue
    }
    gone.add(reference)
  }
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [...gone].map((url) => ({ request: { method: 'DELETE', url } })),
  }
  const last = rows.at(-1)
  return {
    lines: gone.size > 0 ? [JSON.stringify(bundle)] : [],
    next: rows.length === pageSize && last ? { at: last.updated.getTime(), type: last.type, id: last.id } : undefined,
  }
}
