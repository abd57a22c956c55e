import type { Resource } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { type CallContext, readExact } from '../kernel/index.ts'
import { refuse } from './errors.ts'
import { type Made, refuseMade } from './made.ts'
import { prepared } from './prepared.ts'
import { readStored, type StoredVersion } from './read-resources.ts'
import type { FhirRecord, ResourceWrite, WrittenResource } from './record.ts'
import type { Bind, Visible } from './search-options.ts'
import { isObject } from './search-rows.ts'

/** What a caller wants of a resource. `history` looks at versions that are no more; `export` leaves the house in bulk. */
export type Use = 'read' | 'search' | 'history' | 'export' | 'create' | 'update' | 'delete'

/** What one caller may do, as of one moment: asked anew for each call, and by what runs long for each page. */
export interface Sight {
  /** The condition under which a resource may be used so; see `Visible`. */
  visible(use: Use): Visible
  /**
   * Whether what lies in a patient's record as a resource of `type` may be used so; `patient` is SQL that names the record.
   * Without it nothing that is made when it is read is shown.
   */
  visibleIn?(use: Use, type: string, patient: string, bind: Bind): string
  /** Elements of a type that this caller is not shown, as paths below the resource: `telecom`, `name.family`. */
  hidden(type: string): readonly string[]
}

/** Who may see and write what. The access room implements it, `main` hands it in. */
export interface RecordGuard {
  /** Undefined: everything, for the engine and the program itself. `recent`: as of a second ago at most will do. */
  sight(tx: Tx, context: CallContext, age?: 'recent'): Promise<Sight | undefined>
}

export interface Guarded {
  /** Without one everything is open: for rooms and tests that work on the record itself. */
  guard?: RecordGuard | undefined
  /** Resources that are made when they are read, beside the stored ones. */
  made?: readonly Made[] | undefined
}

export const sightOf = async (
  deps: Guarded,
  tx: Tx,
  context: CallContext,
  age?: 'recent',
): Promise<Sight | undefined> => deps.guard?.sight(tx, context, age)

/** Of the given `Type/id`, those that exist or existed, each with whether it may be used so. */
export async function sightings(
  tx: Tx,
  sight: Sight | undefined,
  use: Use,
  references: Iterable<string>,
): Promise<Map<string, boolean>> {
  const byType = new Map<string, Set<string>>()
  for (const reference of references) {
    const [type = '', id = ''] = reference.split('/')
    byType.set(type, (byType.get(type) ?? new Set()).add(id))
  }
  const found = new Map<string, boolean>()
  for (const [type, ids] of byType) {
    const visible = sight?.visible(use)
    const ask = async (some: readonly string[], condition: (bind: Bind) => string) => {
      const values: unknown[] = [tx.tenant, type, some]
      const bind: Bind = (value, kind) => `$${values.push(value)}::${kind}`
      const text = `select r.id, (${condition(bind)}) as seen from fhir_resource r
                    where r.tenant_id = $1 and r.type = $2 and r.id = any ($3::text[])`
      const rows = await tx.query<{ id: string; seen: boolean | null }>(prepared({ text, values }))
      for (const { id, seen } of rows) found.set(`${type}/${id}`, seen === true)
      return rows.flatMap(({ id, seen }) => (seen === true ? [] : [id]))
    }
    // Most resources have nothing against them, which is asked in a line; the rest are asked in full.
    let short: string | undefined
    const rest = await ask([...ids], (bind) => {
      short = visible?.surely?.(type, 'r', bind)
      return short ?? visible?.(type, 'r', bind) ?? 'true'
    })
    if (short !== undefined && rest.length > 0) await ask(rest, (bind) => visible?.(type, 'r', bind) ?? 'true')
  }
  return found
}

/**
 * Of the given `Type/id`, the current resources that the caller may use so, in one statement for all of them: what stands
 * in a list must not cost a round trip a type. What has something against it is asked about in full.
 */
export async function readOpen(
  tx: Tx,
  sight: Sight | undefined,
  use: Use,
  references: Iterable<string>,
): Promise<Map<string, Resource>> {
  const byType = new Map<string, Set<string>>()
  for (const reference of references) {
    const [type = '', id = ''] = reference.split('/')
    byType.set(type, (byType.get(type) ?? new Set()).add(id))
  }
  const found = new Map<string, Resource>()
  if (byType.size === 0) return found
  const values: unknown[] = [tx.tenant]
  const bind: Bind = (value, kind) => `$${values.push(value)}::${kind}`
  const visible = sight?.visible(use)
  const text = [...byType.keys()]
    .toSorted()
    .map((type) => {
      const seen = visible?.surely?.(type, 'r', bind) ?? visible?.(type, 'r', bind) ?? 'true'
      return `select r.type, r.id, r.content, (${seen}) as seen from fhir_resource r
              where r.tenant_id = $1 and r.type = ${bind(type, 'text')} and r.id = any (${bind([...(byType.get(type) ?? [])], 'text[]')}) and r.content is not null`
    })
    .join(' union all ')
  const rows = await tx.query<{ type: string; id: string; content: string; seen: boolean | null }>(
    prepared({ text, values }),
  )
  const doubtful = rows.flatMap(({ type, id, seen }) => (seen === true ? [] : [`${type}/${id}`]))
  const open = doubtful.length > 0 ? await sightings(tx, sight, use, doubtful) : undefined
  for (const { type, id, content, seen } of rows)
    if (seen === true || open?.get(`${type}/${id}`) === true) found.set(`${type}/${id}`, readExact(content) as Resource)
  return found
}

/** The current version of a resource, and whether it may be used so. */
export async function readSeen(
  tx: Tx,
  sight: Sight | undefined,
  use: Use,
  type: string,
  id: string,
): Promise<{ stored: StoredVersion; seen: boolean } | undefined> {
  if (!sight) {
    const stored = await readStored(tx, type, id)
    return stored && { stored, seen: true }
  }
  const values: unknown[] = [tx.tenant, type, id]
  const bind: Bind = (value, kind) => `$${values.push(value)}::${kind}`
  const visible = sight.visible(use)
  const short = visible.surely?.(type, 'r', bind)
  const text = `select r.type, r.id, r.version, r.updated, r.content, (${short ?? visible(type, 'r', bind)}) as seen
                from fhir_resource r where r.tenant_id = $1 and r.type = $2 and r.id = $3`
  const [row] = await tx.query<StoredVersion & { seen: boolean | null }>(prepared({ text, values }))
  if (!row) return undefined
  const { seen, ...stored } = row
  return { stored, seen: seen === true || (short !== undefined && (await mayUse(tx, sight, use, `${type}/${id}`))) }
}

/** Whether one resource may be used so; false also for what does not exist. */
export const mayUse = async (tx: Tx, sight: Sight | undefined, use: Use, reference: string): Promise<boolean> =>
  sight === undefined || (await sightings(tx, sight, use, [reference])).get(reference) === true

function without(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path
  if (Array.isArray(value)) return value.map((one) => without(one, path))
  if (!isObject(value) || name === undefined || !(name in value || `_${name}` in value)) return value
  const { [name]: inner, [`_${name}`]: _extensions, ...others } = value
  return rest.length === 0 || inner === undefined ? others : { ...others, [name]: without(inner, rest) }
}

/** http://terminology.hl7.org/CodeSystem/v3-ObservationValue: something was taken out of this copy. */
const redacted = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'REDACTED' }

/** A resource's JSON text as this caller is shown it. Narrative tells what elements told, so it goes with them. */
export function shown(sight: Sight | undefined, type: string, content: string): string {
  const paths = sight?.hidden(type) ?? []
  if (paths.length === 0) return content
  const whole: unknown = JSON.parse(content)
  let left = whole
  for (const path of paths) left = without(left, path.split('.'))
  if (!isObject(left) || JSON.stringify(left) === JSON.stringify(whole)) return content
  const { text: _narrative, meta, ...others } = left
  const labels = isObject(meta) && Array.isArray(meta['security']) ? meta['security'] : []
  const { resourceType, id, ...rest } = others
  return JSON.stringify({
    resourceType,
    id,
    meta: { ...(isObject(meta) ? meta : {}), security: [...labels, redacted] },
    ...rest,
  })
}

/**
 * Writes as a caller may. What stands is held against the caller's sight before anything is written, and what was made
 * of it afterwards, in the same transaction: nobody moves a resource to where they could not have written it.
 */
export async function writeGuarded(
  deps: Guarded & { record: FhirRecord },
  tx: Tx,
  context: CallContext,
  writes: readonly ResourceWrite[],
  options?: { validate?: boolean },
): Promise<WrittenResource[]> {
  await refuseMade(deps, tx, writes)
  const before = await sightOf(deps, tx, context)
  if (!before) return deps.record.write(tx, context, writes, options)
  for (const use of ['update', 'delete'] as const) {
    const asked = writes.flatMap((write) =>
      write.interaction !== use
        ? []
        : [write.interaction === 'delete' ? `${write.resourceType}/${write.id}` : referenceOf(write.resource)],
    )
    for (const [reference, seen] of await sightings(tx, before, use, asked)) if (!seen) throw denied(reference)
  }
  for (const write of writes) {
    // Written back by somebody who is not shown all of it, a resource would lose the rest.
    if (write.interaction === 'update' && before.hidden(write.resource.resourceType).length > 0)
      throw denied(referenceOf(write.resource))
  }
  const written = await deps.record.write(tx, context, writes, options)
  const after = await sightOf(deps, tx, context)
  for (const use of ['create', 'update'] as const) {
    const made = written
      .filter((one) => one.interaction === use && one.resource)
      .map((one) => `${one.resourceType}/${one.id}`)
    if (after && made.length > 0)
      for (const [reference, seen] of await sightings(tx, after, use, made)) if (!seen) throw denied(reference)
  }
  return written
}

const referenceOf = ({ resourceType, id }: { resourceType: string; id?: string }) => `${resourceType}/${id ?? ''}`
export const denied = (reference: string) =>
  refuse('access-denied', { faults: [{ path: reference, message: 'may not be written by you' }] })
