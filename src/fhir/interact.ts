import type { Resource } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { type Answer, answerVersion, answerWritten, etagOf, type Prefer } from './answer.ts'
import type { CodeExpander } from './code-expander.ts'
import { conditionOf, matchForCreate } from './conditional.ts'
import { refuse } from './errors.ts'
import { denied, type Guarded, mayUse, readSeen, sightOf, writeGuarded } from './guard.ts'
import { readMade } from './made.ts'
import { patientSubject } from './patient-subject.ts'
import { primitives } from './primitives.ts'
import { applyPatch, type Patch } from './patch.ts'
import { lockStored, readVersion } from './read-resources.ts'
import type { FhirRecord, WrittenResource } from './record.ts'
import type { SearchOptions } from './search-options.ts'
import { isObject } from './search-rows.ts'
import { isKeptType } from './structure.ts'

/** One audited act: create, read, update, delete or execute (search, bundle). */
export interface AuditedAct {
  action: 'C' | 'R' | 'U' | 'D' | 'E'
  interaction: string
  /** `Type/id` of everything touched or shown. */
  entities: string[]
  /** `Patient/id` of those whose record that is. */
  patients?: string[]
  /** A search as asked. */
  query?: string
}

/** Whose record these stored contents are in, each once. */
export const patientsOf = (contents: readonly string[]): { patients?: string[] } => {
  const patients = new Set(contents.flatMap((content) => patientSubject(JSON.parse(content)) ?? []))
  return patients.size === 0 ? {} : { patients: [...patients] }
}

const whose = (written: WrittenResource | undefined): { patients?: string[] } =>
  written?.subject === undefined ? {} : { patients: [written.subject] }

export type Audit = (tx: Tx, context: CallContext, act: AuditedAct) => Promise<void>
export interface RecordDeps extends Guarded {
  record: FhirRecord
  audit: Audit
  expander?: CodeExpander
  /** See SearchOptions. */
  searchBounds?: SearchOptions['bounds']
}

export const isId = (text: string): boolean => primitives['id']?.(text) === true

export function knownType(type: string): void {
  if (!isKeptType(type))
    throw refuse('resource-type-unknown', {
      faults: [{ path: 'resourceType', message: `${type.slice(0, 64)} is no resource type of the record` }],
    })
}

/** A body that claims to be a resource of the given type. Its shape is checked when it is written. */
export function readBody(body: unknown, type: string): Resource {
  if (!isObject(body) || typeof body['resourceType'] !== 'string')
    throw refuse('resource-unreadable', { faults: [{ path: 'resourceType', message: 'is missing' }] })
  if (body['resourceType'] !== type)
    throw refuse('resource-type-wrong', { faults: [{ path: 'resourceType', message: `is not ${type}` }] })
  return body as unknown as Resource
}

/** `W/"3"` or `"3"`; undefined when the header is absent. */
export function readMatch(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(header.trim())?.[1]
  if (version === undefined)
    throw refuse('header-invalid', { faults: [{ path: 'If-Match', message: 'is not W/"version"' }] })
  return Number(version)
}

const gone = (type: string, id: string) =>
  refuse('resource-deleted', { faults: [{ path: `${type}/${id}`, message: 'has been deleted' }] })
const missing = (type: string, id: string) =>
  refuse('resource-not-found', { faults: [{ path: `${type}/${id.slice(0, 64)}`, message: 'does not exist' }] })

/** What makes a read answer 304: the caller has this version, or has seen nothing newer (RFC 9110 13.1). */
export interface ReadConditions {
  ifNoneMatch?: string | undefined
  ifModifiedSince?: string | undefined
}

function unchanged({ ifNoneMatch, ifModifiedSince }: ReadConditions, tag: string, updated: Date): boolean {
  if (ifNoneMatch !== undefined)
    return ifNoneMatch.split(',').some((one) => ['*', tag, tag.slice(2)].includes(one.trim()))
  const since = ifModifiedSince === undefined ? Number.NaN : Date.parse(ifModifiedSince)
  // The header has whole seconds; one that is no date is to be ignored.
  return !Number.isNaN(since) && Math.floor(updated.getTime() / 1000) * 1000 <= since
}

export async function readOne(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  type: string,
  id: string,
  conditions: ReadConditions = {},
): Promise<Answer> {
  knownType(type)
  const sight = await sightOf(deps, tx, context, 'recent')
  const found = await readSeen(tx, sight, 'read', type, id)
  const made = found ? undefined : await readMade(deps, tx, sight, type, id)
  // Whoever may not see it is not told either that it exists.
  if (!found?.seen && !made) throw missing(type, id)
  const stored = made ? { ...made, type } : found?.stored
  if (!stored) throw missing(type, id)
  if (stored.content === null) throw gone(type, id)
  await deps.audit(tx, context, {
    action: 'R',
    interaction: 'read',
    entities: [`${type}/${id}`],
    ...patientsOf([stored.content]),
  })
  const tag = etagOf(stored.version)
  if (unchanged(conditions, tag, stored.updated)) return { status: 304, etag: tag, lastModified: stored.updated }
  return answerVersion(stored, sight)
}

export async function readOneVersion(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  type: string,
  id: string,
  version: string,
): Promise<Answer> {
  knownType(type)
  const stored = /^[1-9]\d{0,8}$/.test(version) ? await readVersion(tx, type, id, Number(version)) : undefined
  const sight = await sightOf(deps, tx, context)
  if (!stored || !(await mayUse(tx, sight, 'history', `${type}/${id}`)))
    throw refuse('version-not-found', {
      faults: [{ path: `${type}/${id.slice(0, 64)}/_history/${version.slice(0, 20)}`, message: 'does not exist' }],
    })
  if (stored.content === null) throw gone(type, id)
  await deps.audit(tx, context, {
    action: 'R',
    interaction: 'vread',
    entities: [`${type}/${id}/_history/${version}`],
    ...patientsOf([stored.content]),
  })
  return answerVersion(stored, sight)
}

/**
 * A stored resource as it is now, locked against other writers; refused when it is not there. Also when the caller may not
 * change it or is not shown all of it, before anything is made of it: a patch that tests would tell what it holds.
 */
export async function takeForChange(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  type: string,
  id: string,
): Promise<string> {
  const stored = await lockStored(tx, type, id)
  const sight = await sightOf(deps, tx, context)
  if (!stored || !(await mayUse(tx, sight, 'read', `${type}/${id}`))) throw missing(type, id)
  if (stored.content === null) throw gone(type, id)
  if ((sight?.hidden(type) ?? []).length > 0 || !(await mayUse(tx, sight, 'update', `${type}/${id}`)))
    throw denied(`${type}/${id}`)
  return stored.content
}

export interface WriteOptions {
  prefer: Prefer
  ifNoneExist?: string | undefined
  ifMatch?: number | undefined
}

export async function createOne(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  type: string,
  body: unknown,
  options: WriteOptions,
): Promise<Answer> {
  knownType(type)
  // The server gives the id: one that came along is another server's.
  const { id: _, ...resource } = readBody(body, type)
  if (options.ifNoneExist !== undefined) {
    const match = await matchForCreate(
      tx,
      type,
      conditionOf(options.ifNoneExist),
      context.clock.now(),
      'If-None-Exist',
      await sightOf(deps, tx, context),
    )
    if (match !== undefined) {
      const { content, ...answer } = await readOne(deps, tx, context, type, match)
      const location = `${type}/${match}/_history/${answer.etag?.slice(3, -1)}`
      return {
        ...answer,
        location,
        ...(options.prefer === 'representation' && content !== undefined ? { content } : {}),
      }
    }
  }
  const [written] = await writeGuarded(deps, tx, context, [{ interaction: 'create', resource: resource as Resource }])
  if (!written) throw refuse('write-collided')
  await deps.audit(tx, context, {
    action: 'C',
    interaction: 'create',
    entities: [`${type}/${written.id}`],
    ...whose(written),
  })
  return answerWritten(
    written,
    201,
    options.prefer,
    new Date(written.resource?.meta?.lastUpdated ?? context.clock.now()),
  )
}

export async function updateOne(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  type: string,
  id: string,
  body: unknown,
  options: WriteOptions,
  interaction: 'update' | 'patch' = 'update',
): Promise<Answer> {
  knownType(type)
  const resource = readBody(body, type)
  if (!isId(id) || resource.id !== id)
    throw refuse('resource-id-wrong', { faults: [{ path: `${type}.id`, message: 'is not the id of the address' }] })
  const ifMatch = options.ifMatch
  const [written] = await writeGuarded(deps, tx, context, [
    { interaction: 'update', resource: { ...resource, id }, ...(ifMatch === undefined ? {} : { ifMatch }) },
  ])
  if (!written) throw refuse('write-collided')
  const made = written.interaction === 'create'
  await deps.audit(tx, context, {
    action: made ? 'C' : 'U',
    interaction,
    entities: [`${type}/${id}`],
    ...whose(written),
  })
  return answerWritten(
    written,
    made ? 201 : 200,
    options.prefer,
    new Date(written.resource?.meta?.lastUpdated ?? context.clock.now()),
  )
}

/** Changes parts of a resource, as one update. */
export async function patchOne(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  type: string,
  id: string,
  patch: Patch,
  options: WriteOptions,
): Promise<Answer> {
  knownType(type)
  const content = await takeForChange(deps, tx, context, type, id)
  return updateOne(deps, tx, context, type, id, applyPatch(content, patch), options, 'patch')
}

export async function deleteOne(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  type: string,
  id: string,
  ifMatch?: number,
): Promise<Answer> {
  knownType(type)
  const resourceType = type as Resource['resourceType']
  const [written] = await writeGuarded(deps, tx, context, [
    { interaction: 'delete', resourceType, id, ...(ifMatch === undefined ? {} : { ifMatch }) },
  ])
  await deps.audit(tx, context, { action: 'D', interaction: 'delete', entities: [`${type}/${id}`], ...whose(written) })
  return { status: 204, ...(written ? { etag: etagOf(written.version) } : {}) }
}
