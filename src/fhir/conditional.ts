import { createHash } from 'node:crypto'
import type { Tx } from '../db/index.ts'
import { refuse } from './errors.ts'
import type { Sight } from './guard.ts'
import { parseSearch } from './parse-search.ts'
import { runSearch } from './search.ts'
import { isResourceType } from './structure.ts'

/** The condition of `identifier=a|b`, `?identifier=a|b` or `Patient?identifier=a|b`. */
export const conditionOf = (text: string): string => text.replace(/^[A-Za-z]*\?/, '')

/** The ids that a condition matches, `most` at most: two tell already that it is more than one. */
export async function matchCondition(
  tx: Tx,
  type: string,
  query: string,
  now: number,
  path: string,
  sight: Sight | undefined,
  most = 2,
): Promise<string[]> {
  if (!isResourceType(type))
    throw refuse('resource-type-unknown', { faults: [{ path, message: `${type} is not a resource type` }] })
  const plan = parseSearch(type, new URLSearchParams(query))
  // A condition with an unknown parameter would match too much and attach a write to the wrong patient.
  if (plan.unknown.length > 0)
    throw refuse('search-parameter-unknown', {
      faults: plan.unknown.map((name) => ({ path, message: `${type} has no search parameter ${name}` })),
    })
  if (plan.conditions.length === 0)
    throw refuse('search-value-invalid', { faults: [{ path, message: 'the condition is empty' }] })
  const page = await runSearch(tx, { ...plan, count: most, total: false, after: undefined }, now, {
    visible: sight?.visible('search'),
  })
  return page.matches.map(({ id }) => id)
}

/**
 * For a conditional create: at most one caller at a time decides about the same condition, until its transaction ends.
 * Without the lock, two would both find nothing and both create.
 */
export async function matchForCreate(
  tx: Tx,
  type: string,
  query: string,
  now: number,
  path: string,
  sight: Sight | undefined,
): Promise<string | undefined> {
  const sorted = new URLSearchParams(query)
  sorted.sort()
  const key = createHash('sha256').update(`${tx.tenant}\n${type}?${sorted}`).digest().readBigInt64BE(0)
  await tx.run({ text: 'select pg_advisory_xact_lock($1::bigint)', values: [key.toString()] })
  const ids = await matchCondition(tx, type, query, now, path, sight)
  if (ids.length > 1) throw refuse('match-ambiguous', { faults: [{ path, message: 'matches more than one resource' }] })
  return ids[0]
}

/** Resolves `Type?query` references, each once; those by a single identifier in one statement for all. */
export async function resolveConditional(
  tx: Tx,
  references: Iterable<string>,
  now: number,
  sight: Sight | undefined,
): Promise<{ found: Map<string, string>; failed: Map<string, string> }> {
  const found = new Map<string, string>()
  const failed = new Map<string, string>()
  const simple: { reference: string; type: string; value: string; system: string }[] = []
  for (const reference of new Set(references)) {
    const [type = '', query = ''] = reference.split(/\?(.*)/s)
    const identifier = /^identifier=([^&,\\$|]+)\|([^&,\\$|]+)$/.exec(query)
    // What all may see is looked up in one statement; anything else by a search that looks at each.
    if (sight === undefined && identifier?.[1] !== undefined && identifier[2] !== undefined && isResourceType(type)) {
      simple.push({
        reference,
        type,
        system: decodeURIComponent(identifier[1]),
        value: decodeURIComponent(identifier[2]),
      })
      continue
    }
    const ids = await matchCondition(tx, type, query, now, reference, sight)
    if (ids.length === 1) found.set(reference, `${type}/${ids[0]}`)
    else failed.set(reference, ids.length === 0 ? 'matches nothing' : 'matches more than one resource')
  }
  if (simple.length > 0) {
    const rows = await tx.query<{ at: number; id: string }>({
      name: 'fhir-resolve-identifiers',
      text: `
        select v.at::int, t.id from unnest($2::text[], $3::text[], $4::text[]) with ordinality as v (type, value, system, at)
        cross join lateral (
          select t.id from fhir_token t
          where t.tenant_id = $1 and t.type = v.type and t.param = 'identifier' and t.value = v.value and t.system = v.system
          limit 2) t`,
      values: [
        tx.tenant,
        simple.map(({ type }) => type),
        simple.map(({ value }) => value),
        simple.map(({ system }) => system),
      ],
    })
    for (const { at, id } of rows) {
      const asked = simple[at - 1]
      if (!asked) continue
      if (found.has(asked.reference)) failed.set(asked.reference, 'matches more than one resource')
      else found.set(asked.reference, `${asked.type}/${id}`)
    }
    for (const { reference } of simple) if (!found.has(reference)) failed.set(reference, 'matches nothing')
  }
  return { found, failed }
}
