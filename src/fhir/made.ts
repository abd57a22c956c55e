import type { Resource } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { refuse } from './errors.ts'
import type { Guarded, Sight, Use } from './guard.ts'
import type { ResourceWrite } from './record.ts'

/** Search parameters with the values of which one must be met; `_id` among them. References are `Type/id`, tokens bare codes. */
export type MadeAsked = Readonly<Record<string, readonly string[]>>

/** One made resource, as a stored one lies in the tables. */
export interface MadeResource {
  id: string
  version: number
  updated: Date
  content: string
}

/**
 * Resources of a type that are not stored but made when somebody reads them, beside the stored ones. The room that makes them
 * holds them against the caller's sight (everything when it is undefined) and names in them nothing that the caller may not see.
 */
export interface Made {
  type: Resource['resourceType']
  /** What they are, for whoever does not find them: `journeys`. */
  what: string
  /** Parameters that they are found by, beside `_id`; `references` are those that name another resource. */
  by: readonly string[]
  references?: readonly string[]
  /** Of these (or `_id`) a search must have one, or there would be too many. */
  needs?: readonly string[]
  /** Parameters whose elements they never have: asked for, none of them is meant. */
  never: readonly string[]
  find(tx: Tx, sight: Sight | undefined, use: Use, asked: MadeAsked, limit: number): Promise<MadeResource[]>
}

const mostMade = 200

/** A made resource by its id; undefined when it is none, or not the caller's to see. */
export async function readMade(
  deps: Guarded,
  tx: Tx,
  sight: Sight | undefined,
  type: string,
  id: string,
): Promise<MadeResource | undefined> {
  const made = deps.made?.find((one) => one.type === type)
  return made && (await made.find(tx, sight, 'read', { _id: [id] }, 1))[0]
}

/** Nobody writes a resource that is made: it would hide what is made, or be hidden by it. */
export async function refuseMade(deps: Guarded, tx: Tx, writes: readonly ResourceWrite[]): Promise<void> {
  for (const made of deps.made ?? []) {
    const ids = writes.flatMap((write) => {
      const [type, id] =
        write.interaction === 'delete'
          ? [write.resourceType, write.id]
          : [write.resource.resourceType, write.resource.id]
      return type === made.type && id !== undefined ? [id] : []
    })
    const [one] = ids.length > 0 ? await made.find(tx, undefined, 'read', { _id: ids }, 1) : []
    if (one)
      throw refuse('resource-made', {
        faults: [{ path: `${made.type}/${one.id}`, message: 'is made when it is read, and is not written' }],
      })
  }
}

const control = new Set(['_count', '_format', '_pretty', '_total', '_sort', '_summary', '_elements'])

const idOf = (value: string): string => {
  const [kind, id] = value.split('/').slice(-2)
  return id === undefined ? `Patient/${kind}` : `${kind}/${id}`
}

/** The conditions of a search; a parameter that is given twice must hold twice. */
function askedOf({ references = [] }: Made, query: URLSearchParams): MadeAsked {
  const asked: Record<string, readonly string[]> = {}
  for (const [name, text] of query) {
    if (control.has(name)) continue
    const values = text
      .split(',')
      .map((value) =>
        references.includes(name) ? idOf(value) : name === 'status' ? value.replace(/^[^|]*\|/, '') : value,
      )
    asked[name] = asked[name]?.filter((one) => values.includes(one)) ?? values
  }
  return asked
}

/**
 * The made resources that a search asks for, on its first page. `left`: why they are not among its answers, when it asks by
 * what does not find them.
 */
export async function searchMade(
  deps: Guarded,
  tx: Tx,
  sight: Sight | undefined,
  type: string,
  query: URLSearchParams,
): Promise<{ found: MadeResource[]; left?: string }> {
  const made = deps.made?.find((one) => one.type === type)
  const names = [...query.keys()]
  if (!made || query.has('_cursor') || names.some((name) => made.never.includes(name))) return { found: [] }
  const by = ['_id', ...made.by]
  if (names.some((name) => !by.includes(name) && !control.has(name)))
    return { found: [], left: `${made.what} are found by ${by.join(', ')} only` }
  if (made.needs && !names.some((name) => name === '_id' || made.needs?.includes(name)))
    return { found: [], left: `${made.what} are found by ${[...made.needs, '_id'].join(' or ')}` }
  const found = await made.find(tx, sight, 'search', askedOf(made, query), mostMade + 1)
  return found.length > mostMade
    ? { found: found.slice(0, mostMade), left: `only ${mostMade} ${made.what} are told` }
    : { found }
}
