import type { Resource } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { type CallContext, type Fault, newId } from '../kernel/index.ts'
import { type BundleEntry, withoutBase } from './bundle-entry.ts'
import { conditionOf, matchForCreate, resolveConditional } from './conditional.ts'
import { type ConditionalDelete, matchForDelete, matchForPatch, matchForUpdate } from './conditional-write.ts'
import { refuse } from './errors.ts'
import { type Sight, sightOf } from './guard.ts'
import { type RecordDeps, takeForChange } from './interact.ts'
import { applyPatch } from './patch.ts'
import type { ResourceWrite } from './record.ts'
import { eachReference, isConditional, mentions, replaceLinks, replaceReferences } from './references.ts'
import { isObject } from './search-rows.ts'
import { findFaults } from './validate.ts'

export interface Plan {
  entry: BundleEntry
  /** The ids it writes: one, but none or several for a conditional delete. Empty for a read or an operation. */
  ids: readonly string[]
  /** If-None-Exist found it: nothing is written. */
  found: boolean
  resource: Resource | undefined
}

export const isRead = ({ method, operation }: BundleEntry): boolean =>
  method === 'GET' || method === 'HEAD' || operation !== undefined

/** The ids of the entries that name a condition. The locks are taken in one order by all bundles, so that two wait and do not deadlock. */
async function match(
  tx: Tx,
  entries: readonly BundleEntry[],
  now: number,
  policy: ConditionalDelete,
  sight: Sight | undefined,
): Promise<Map<BundleEntry, readonly string[]>> {
  const matched = new Map<BundleEntry, readonly string[]>()
  const queries = entries.flatMap((entry) => {
    if (isRead(entry)) return []
    const query = entry.method === 'POST' ? entry.ifNoneExist : entry.id === undefined ? entry.query : undefined
    return query === undefined ? [] : [{ entry, query: conditionOf(query) }]
  })
  for (const { entry, query } of queries.toSorted((a, b) =>
    `${a.entry.type}?${a.query}` < `${b.entry.type}?${b.query}` ? -1 : 1,
  )) {
    const { type, method, path, resource } = entry
    const at = `${path}.request.${method === 'POST' ? 'ifNoneExist' : 'url'}`
    if (method === 'DELETE') matched.set(entry, await matchForDelete(tx, type, query, now, at, sight, policy))
    else {
      const id =
        method === 'POST'
          ? await matchForCreate(tx, type, query, now, at, sight)
          : method === 'PUT'
            ? await matchForUpdate(tx, type, query, resource, now, at, sight)
            : await matchForPatch(tx, type, query, now, at, sight)
      if (id !== undefined) matched.set(entry, [id])
    }
  }
  return matched
}

/** `Type`, system and value of every identifier that the bundle itself writes, and whose it is. */
function identifiersOf(plans: readonly Plan[]): Map<string, string[]> {
  const held = new Map<string, string[]>()
  for (const { entry, ids, found, resource } of plans) {
    const given: unknown = isObject(resource) ? resource['identifier'] : undefined
    if (found || !resource) continue
    for (const one of Array.isArray(given) ? (given as unknown[]) : [given]) {
      if (!isObject(one)) continue
      const key = `${entry.type}\n${String(one['system'] ?? '')}\n${String(one['value'] ?? '')}`
      held.set(key, [...(held.get(key) ?? []), `${entry.type}/${ids[0]}`])
    }
  }
  return held
}

/** The target of every conditional reference, in the record as it will be: with what the bundle writes, without what it deletes. */
async function conditionalTargets(
  tx: Tx,
  plans: readonly Plan[],
  now: number,
  sight: Sight | undefined,
): Promise<Map<string, string>> {
  const wanted = new Map<string, string>()
  for (const { entry, resource, found } of plans)
    if (!found)
      eachReference(resource, (reference) => {
        if (isConditional(reference)) wanted.set(reference, `${entry.path}.resource`)
      })
  if (wanted.size === 0) return new Map()
  const held = identifiersOf(plans)
  const deleted = new Set(
    plans.flatMap(({ entry, ids }) => (entry.method === 'DELETE' ? ids.map((id) => `${entry.type}/${id}`) : [])),
  )
  const written = new Set(
    plans.flatMap(({ entry, ids, found }) => (found ? [] : ids.map((id) => `${entry.type}/${id}`))),
  )
  const { found, failed } = await resolveConditional(tx, wanted.keys(), now, sight)
  const targets = new Map<string, string>()
  const faults: Fault[] = []
  for (const [reference, path] of wanted) {
    const [type = '', query = ''] = reference.split(/\?(.*)/s)
    const identifier = /^identifier=([^&,\\$|]*)\|([^&,\\$|]+)$/.exec(query)
    const inside =
      held.get(`${type}\n${decodeURIComponent(identifier?.[1] ?? '')}\n${decodeURIComponent(identifier?.[2] ?? '')}`) ??
      []
    const stored = found.get(reference)
    // What the bundle writes counts as it writes it, not as it is stored.
    const outside = stored !== undefined && !deleted.has(stored) && !(identifier && written.has(stored)) ? [stored] : []
    const targetsOf = [...new Set([...inside, ...outside])]
    const why = targetsOf.length > 1 ? 'matches more than one resource' : (failed.get(reference) ?? 'matches nothing')
    if (targetsOf.length === 1 && targetsOf[0] !== undefined && why !== 'matches more than one resource')
      targets.set(reference, targetsOf[0])
    else faults.push({ path, message: `refers to a condition on ${type} that ${why}` })
  }
  if (faults.length > 0) throw refuse('reference-unresolved', { faults: faults.slice(0, 50) })
  return targets
}

/** What a reference in an entry becomes: the target of its fullUrl, of its condition, or the same without our own address. */
function targetOf(entry: BundleEntry, table: ReadonlyMap<string, string>, base: string) {
  // A relative reference is meant beside the entry's own fullUrl (FHIR R4, Bundle: resolving references).
  const root = /^(https?:\/\/.+)\/[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.exec(entry.fullUrl ?? '')?.[1]
  return (reference: string): string => {
    const direct = table.get(reference)
    if (direct !== undefined) return direct
    if (root !== undefined && !reference.includes(':')) return table.get(`${root}/${reference}`) ?? reference
    return withoutBase(reference, base) ?? reference
  }
}

/** Gives every entry of a transaction its ids and its resource, with every reference resolved; patches are carried out. */
export async function planTransaction(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  entries: readonly BundleEntry[],
  options: { base: string; policy: ConditionalDelete },
): Promise<Plan[]> {
  const now = context.clock.now()
  const sight = await sightOf(deps, tx, context)
  const matched = await match(tx, entries, now, options.policy, sight)
  const table = new Map<string, string>()
  const taken = new Map<string, string>()
  const plans: Plan[] = []
  for (const entry of entries) {
    const matches = matched.get(entry)
    const found = entry.method === 'POST' && matches !== undefined
    const ids = isRead(entry)
      ? []
      : (matches ?? (entry.method === 'DELETE' && entry.id === undefined ? [] : [entry.id ?? newId(context.clock)]))
    for (const id of found ? [] : ids) {
      const key = `${entry.type}/${id}`
      const other = taken.get(key)
      if (other !== undefined)
        throw refuse('bundle-invalid', {
          faults: [{ path: entry.path, message: `writes the same resource as ${other}` }],
        })
      taken.set(key, entry.path)
    }
    const [id] = ids
    if (entry.fullUrl !== undefined && id !== undefined && entry.method !== 'DELETE') {
      if (table.has(entry.fullUrl))
        throw refuse('bundle-invalid', { faults: [{ path: `${entry.path}.fullUrl`, message: 'occurs twice' }] })
      table.set(entry.fullUrl, `${entry.type}/${id}`)
    }
    const patched =
      entry.patch && id !== undefined
        ? applyPatch(await takeForChange(deps, tx, context, entry.type, id), entry.patch)
        : entry.resource
    plans.push({ entry, ids, found, resource: isRead(entry) || entry.method === 'DELETE' ? undefined : patched })
  }
  for (const [reference, target] of await conditionalTargets(tx, plans, now, sight)) table.set(reference, target)
  return plans.map((plan) => {
    if (!plan.resource || plan.found) return plan
    const resolved = replaceReferences(plan.resource, targetOf(plan.entry, table, options.base))
    return {
      ...plan,
      resource: mentions(resolved, table) ? replaceLinks(resolved, plan.entry.type, table) : resolved,
    }
  })
}

const rank: Record<BundleEntry['method'], number> = { DELETE: 0, POST: 1, PUT: 2, PATCH: 2, GET: 3, HEAD: 3 }

/** The writes of a plan in the order of FHIR R4 3.1.0.11.2: deletes, creates, updates and patches. Refused with the path of every fault. */
export function writesOf(plans: readonly Plan[]): ResourceWrite[] {
  const faults: Fault[] = []
  const writes = plans
    .filter(({ entry, found }) => !isRead(entry) && !found)
    .toSorted((a, b) => rank[a.entry.method] - rank[b.entry.method])
    .flatMap(({ entry, ids, resource: planned }): ResourceWrite[] => {
      const ifMatch = entry.ifMatch === undefined ? {} : { ifMatch: entry.ifMatch }
      const [id] = ids
      if (entry.method === 'DELETE') {
        const resourceType = entry.type as Resource['resourceType']
        return ids.map((one) => ({ interaction: 'delete', resourceType, id: one, ...ifMatch }))
      }
      if (!planned || id === undefined) return []
      const resource = { ...planned, id }
      for (const fault of findFaults(resource))
        faults.push({ ...fault, path: `${entry.path}.resource${fault.path.slice(entry.type.length)}` })
      return [
        entry.method === 'POST' ? { interaction: 'create', resource } : { interaction: 'update', resource, ...ifMatch },
      ]
    })
  if (faults.length > 0) throw refuse('resource-invalid', { faults: faults.slice(0, 50) })
  return writes
}
