import type { Resource } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import type { Answer } from './answer.ts'
import { matchCondition, matchForCreate } from './conditional.ts'
import { refuse } from './errors.ts'
import { type Sight, sightOf, writeGuarded } from './guard.ts'
import {
  createOne,
  deleteOne,
  isId,
  knownType,
  patchOne,
  readBody,
  type RecordDeps,
  updateOne,
  type WriteOptions,
} from './interact.ts'
import type { Patch } from './patch.ts'
import { isObject } from './search-rows.ts'

/** How many resources one conditional delete may delete: one, unless the operator allows several. */
export type ConditionalDelete = 'single' | 'multiple'

/** A conditional delete of several takes no more than this in one transaction. */
const mostDeleted = 1_000

const ambiguous = (path: string) =>
  refuse('match-ambiguous', { faults: [{ path, message: 'matches more than one resource' }] })

/**
 * The id that a conditional update writes (FHIR R4 3.1.0.4.3): that of the one match, else the body's own, else none, and
 * the server makes one. Held against other writers with the same condition until the transaction ends.
 */
export async function matchForUpdate(
  tx: Tx,
  type: string,
  query: string,
  body: unknown,
  now: number,
  path: string,
  sight: Sight | undefined,
): Promise<string | undefined> {
  const given = isObject(body) ? body['id'] : undefined
  const match = await matchForCreate(tx, type, query, now, path, sight)
  if (given !== undefined && (typeof given !== 'string' || !isId(given) || (match !== undefined && given !== match)))
    throw refuse('resource-id-wrong', { faults: [{ path: `${type}.id`, message: 'is not that of the match' }] })
  return match ?? given
}

/** The one resource that a conditional patch changes. */
export async function matchForPatch(
  tx: Tx,
  type: string,
  query: string,
  now: number,
  path: string,
  sight: Sight | undefined,
): Promise<string> {
  const [id, other] = await matchCondition(tx, type, query, now, path, sight)
  if (other !== undefined) throw ambiguous(path)
  if (id === undefined) throw refuse('not-matched', { faults: [{ path, message: 'matches nothing' }] })
  return id
}

/** What a conditional delete deletes, by the operator's policy. */
export async function matchForDelete(
  tx: Tx,
  type: string,
  query: string,
  now: number,
  path: string,
  sight: Sight | undefined,
  policy: ConditionalDelete,
): Promise<string[]> {
  const ids = await matchCondition(tx, type, query, now, path, sight, policy === 'multiple' ? mostDeleted + 1 : 2)
  if (policy === 'single' && ids.length > 1) throw ambiguous(path)
  if (ids.length > mostDeleted)
    throw refuse('too-many-matches', { faults: [{ path, message: `matches more than ${mostDeleted} resources` }] })
  return ids
}

export async function updateMatching(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  type: string,
  query: string,
  body: unknown,
  options: WriteOptions,
): Promise<Answer> {
  knownType(type)
  const resource = readBody(body, type)
  const id = await matchForUpdate(
    tx,
    type,
    query,
    resource,
    context.clock.now(),
    'url',
    await sightOf(deps, tx, context),
  )
  if (id === undefined) return createOne(deps, tx, context, type, resource, { prefer: options.prefer })
  return updateOne(deps, tx, context, type, id, { ...resource, id }, options)
}

export async function patchMatching(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  type: string,
  query: string,
  patch: Patch,
  options: WriteOptions,
): Promise<Answer> {
  knownType(type)
  const id = await matchForPatch(tx, type, query, context.clock.now(), 'url', await sightOf(deps, tx, context))
  return patchOne(deps, tx, context, type, id, patch, options)
}

export async function deleteMatching(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  type: string,
  query: string,
  policy: ConditionalDelete,
  ifMatch?: number,
): Promise<Answer> {
  knownType(type)
  const ids = await matchForDelete(
    tx,
    type,
    query,
    context.clock.now(),
    'url',
    await sightOf(deps, tx, context),
    policy,
  )
  const [only] = ids
  if (only !== undefined && ids.length === 1) return deleteOne(deps, tx, context, type, only, ifMatch)
  const resourceType = type as Resource['resourceType']
  const written = await writeGuarded(
    deps,
    tx,
    context,
    ids.map((id) => ({ interaction: 'delete', resourceType, id })),
  )
  // Nothing found leaves a trace too: somebody looked.
  await deps.audit(tx, context, {
    action: 'D',
    interaction: 'delete',
    entities: ids.map((id) => `${type}/${id}`),
    patients: [...new Set(written.flatMap(({ subject }) => subject ?? []))],
  })
  return { status: 204 }
}
