import type { Resource } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { refuse } from './errors.ts'
import type { Guarded, Sight, Use } from './guard.ts'
import type { ResourceWrite } from './record.ts'

/** What of the made resources is asked for: all conditions hold. References are `Type/id`. */
export interface MadeAsked {
  ids?: readonly string[]
  subjects?: readonly string[]
  statuses?: readonly string[]
  limit: number
}

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
  find(tx: Tx, sight: Sight | undefined, use: Use, asked: MadeAsked): Promise<MadeResource[]>
}

export const mostMade = 200

/** A made resource by its id; undefined when it is none, or not the caller's to see. */
export async function readMade(
  deps: Guarded,
  tx: Tx,
  sight: Sight | undefined,
  type: string,
  id: string,
): Promise<MadeResource | undefined> {
  const made = deps.made?.find((one) => one.type === type)
  return made && (await made.find(tx, sight, 'read', { ids: [id], limit: 1 }))[0]
}

/** Nobody writes a resource that is made: what is made would stand in its way. */
export async function refuseMade(deps: Guarded, tx: Tx, writes: readonly ResourceWrite[]): Promise<void> {
  for (const made of deps.made ?? []) {
    const ids = writes.flatMap((write) => {
      const [type, id] =
        write.interaction === 'delete'
          ? [write.resourceType, write.id]
          : [write.resource.resourceType, write.resource.id]
      return type === made.type && id !== undefined ? [id] : []
    })
    const [one] = ids.length > 0 ? await made.find(tx, undefined, 'read', { ids, limit: 1 }) : []
    if (one)
      throw refuse('resource-made', {
        faults: [{ path: `${made.type}/${one.id}`, message: 'is made when it is read, and is not written' }],
      })
  }
}

const within = new Set(['patient', 'subject', 'status', '_id'])
const control = new Set(['_count', '_format', '_pretty', '_total', '_sort', '_summary', '_elements', '_cursor'])
/** What no made CarePlan has: asked for, none is meant. */
const absent: Readonly<Record<string, ReadonlySet<string> | undefined>> = {
  CarePlan: new Set([
    'activity-code',
    'activity-date',
    'based-on',
    'care-team',
    'category',
    'condition',
    'encounter',
    'goal',
    'performer',
    'replaces',
    'instantiates-uri',
    '_tag',
    '_security',
    '_profile',
  ]),
}

const values = (text: string): string[] => text.split(',')

/**
 * The made resources that a search asks for, on its first page. They are found by patient (or id) and status; `left` says why
 * they are not among the answers of another search.
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
  if (!made || query.has('_cursor') || names.some((name) => absent[type]?.has(name))) return { found: [] }
  const other = names.find((name) => !within.has(name) && !control.has(name))
  if (other !== undefined)
    return { found: [], left: `${other} does not find journeys: patient, subject, status and _id do` }
  const lists = (name: string, read: (value: string) => string) =>
    query.getAll(name).map((text) => values(text).map(read))
  const reference = (value: string) => {
    const [kind, id] = value.split('/').slice(-2)
    return id === undefined ? `Patient/${kind}` : `${kind}/${id}`
  }
  // A parameter that is given twice must hold twice.
  const all = (several: readonly string[][]): string[] | undefined =>
    several.length === 0 ? undefined : (several[0] ?? []).filter((one) => several.every((list) => list.includes(one)))
  const subjects = all([...lists('patient', reference), ...lists('subject', reference)])
  const ids = all(lists('_id', (value) => value))
  if (!subjects && !ids) return { found: [], left: 'journeys are found by patient, subject or _id' }
  const statuses = all(lists('status', (value) => value.replace(/^[^|]*\|/, '')))
  const asked: MadeAsked = {
    ...(ids ? { ids } : {}),
    ...(subjects ? { subjects } : {}),
    ...(statuses ? { statuses } : {}),
    limit: mostMade + 1,
  }
  const found = await made.find(tx, sight, 'search', asked)
  return found.length > mostMade
    ? { found: found.slice(0, mostMade), left: `only the newest ${mostMade} journeys are told` }
    : { found }
}
