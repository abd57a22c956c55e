import type { Resource } from '@medplum/fhirtypes'
import type { Database, Tx } from '../db/index.ts'
import { type CallContext, CodedError, type Fault, newId } from '../kernel/index.ts'
import { type Answer, answerWritten, bundleText, type Prefer } from './answer.ts'
import { type BundleEntry, readEntries, readEntry } from './bundle-entry.ts'
import { matchForCreate, resolveConditional } from './conditional.ts'
import { refuse } from './errors.ts'
import { createOne, deleteOne, readOne, readOneVersion, type RecordDeps, updateOne } from './interact.ts'
import { type Sight, sightOf, writeGuarded } from './guard.ts'
import { outcomeOf } from './outcome.ts'
import type { ResourceWrite } from './record.ts'
import { eachReference, isConditional, replaceReferences } from './references.ts'
import { searchOne } from './search-bundle.ts'
import { findFaults } from './validate.ts'

export interface BundleOptions {
  base: string
  prefer: Prefer
}

function entryText(answer: Answer, base: string, outcome?: object): string {
  const response = {
    status: String(answer.status),
    ...(answer.location ? { location: `${base}/${answer.location}` } : {}),
    ...(answer.etag ? { etag: answer.etag } : {}),
    ...(answer.lastModified ? { lastModified: answer.lastModified.toISOString() } : {}),
    ...(outcome ? { outcome } : {}),
  }
  return `{${answer.content === undefined ? '' : `"resource":${answer.content},`}"response":${JSON.stringify(response)}}`
}

function readEntryAnswer(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  entry: BundleEntry,
  base: string,
): Promise<Answer> {
  if (entry.id === undefined)
    return searchOne(deps, tx, context, entry.type, new URLSearchParams(entry.query), { base, strict: false })
  if (entry.version !== undefined) return readOneVersion(deps, tx, context, entry.type, entry.id, entry.version)
  return readOne(deps, tx, context, entry.type, entry.id, entry.ifNoneMatch)
}

/** Each entry in a transaction of its own, with an outcome of its own. */
async function batch(
  deps: RecordDeps & { database: Database },
  context: CallContext,
  entries: readonly unknown[],
  options: BundleOptions,
): Promise<string> {
  const answers: string[] = []
  // Each entry leaves a trace of its own besides.
  await deps.database.transaction(context.tenant, (tx) =>
    deps.audit(tx, context, { action: 'E', interaction: 'batch', entities: [] }),
  )
  for (const [index, raw] of entries.entries()) {
    try {
      const entry = readEntry(raw, `Bundle.entry[${index}]`)
      const { type, id = '', resource, ifMatch, ifNoneExist } = entry
      const answer = await deps.database.transaction(context.tenant, (tx) => {
        if (entry.method === 'GET') return readEntryAnswer(deps, tx, context, entry, options.base)
        if (entry.method === 'DELETE') return deleteOne(deps, tx, context, type, id, ifMatch)
        if (entry.method === 'PUT')
          return updateOne(deps, tx, context, type, id, resource, { prefer: options.prefer, ifMatch })
        return createOne(deps, tx, context, type, resource, { prefer: options.prefer, ifNoneExist })
      })
      answers.push(entryText(answer, options.base))
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      answers.push(entryText({ status: error.status }, options.base, outcomeOf(error)))
    }
  }
  return bundleText('batch-response', { entries: answers })
}

interface Plan {
  entry: BundleEntry
  /** The id it will have, or that If-None-Exist found. */
  id: string
  found: boolean
}

/** Gives every entry its id, and every fullUrl and conditional reference its target. */
async function resolve(
  tx: Tx,
  context: CallContext,
  entries: readonly BundleEntry[],
  sight: Sight | undefined,
): Promise<{ plans: Plan[]; table: Map<string, string> }> {
  const table = new Map<string, string>()
  const plans: Plan[] = []
  const taken = new Map<string, string>()
  const now = context.clock.now()
  // The locks of conditional creates in one order for all bundles, so that two bundles wait and do not deadlock.
  const matched = new Map<BundleEntry, string>()
  const conditional = entries.filter(({ method, ifNoneExist }) => method === 'POST' && ifNoneExist !== undefined)
  for (const entry of conditional.toSorted((a, b) =>
    `${a.type}?${a.ifNoneExist}` < `${b.type}?${b.ifNoneExist}` ? -1 : 1,
  )) {
    const match = await matchForCreate(
      tx,
      entry.type,
      entry.ifNoneExist ?? '',
      now,
      `${entry.path}.request.ifNoneExist`,
      sight,
    )
    if (match !== undefined) matched.set(entry, match)
  }
  for (const entry of entries) {
    const match = matched.get(entry)
    const id = match ?? entry.id ?? newId(context.clock)
    plans.push({ entry, id, found: match !== undefined })
    if (entry.method === 'GET') continue
    const key = `${entry.type}/${id}`
    if (match === undefined) {
      const other = taken.get(key)
      if (other !== undefined)
        throw refuse('bundle-invalid', {
          faults: [{ path: entry.path, message: `writes the same resource as ${other}` }],
        })
      taken.set(key, entry.path)
    }
    if (entry.fullUrl !== undefined) table.set(entry.fullUrl, key)
  }
  const wanted = new Map<string, string>()
  for (const { entry } of plans)
    eachReference(entry.resource, (reference) => {
      if (isConditional(reference)) wanted.set(reference, entry.path)
    })
  const { found, failed } = await resolveConditional(tx, wanted.keys(), now, sight)
  if (failed.size > 0)
    throw refuse('reference-unresolved', {
      faults: [...failed].slice(0, 50).map(([reference, why]) => ({
        path: wanted.get(reference) ?? 'Bundle',
        message: `refers to a condition on ${reference.replace(/\?.*$/s, '')} that ${why}`,
      })),
    })
  for (const [reference, target] of found) table.set(reference, target)
  return { plans, table }
}

/** All entries or none, in the order of FHIR R4 3.1.0.11.2: deletes, creates, updates, reads; writes as one batch. */
async function transact(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  entries: readonly BundleEntry[],
  options: BundleOptions,
): Promise<string> {
  const { plans, table } = await resolve(tx, context, entries, await sightOf(deps, tx, context))
  const rank: Record<BundleEntry['method'], number> = { DELETE: 0, POST: 1, PUT: 2, GET: 3 }
  const faults: Fault[] = []
  const writes: ResourceWrite[] = []
  const writing = plans
    .filter(({ entry, found }) => entry.method !== 'GET' && !found)
    .toSorted((a, b) => rank[a.entry.method] - rank[b.entry.method])
  for (const { entry, id } of writing) {
    const ifMatch = entry.ifMatch === undefined ? {} : { ifMatch: entry.ifMatch }
    if (entry.method === 'DELETE')
      writes.push({ interaction: 'delete', resourceType: entry.type as Resource['resourceType'], id, ...ifMatch })
    else if (entry.resource) {
      const resource = { ...replaceReferences(entry.resource, table), id }
      for (const fault of findFaults(resource))
        faults.push({ ...fault, path: `${entry.path}.resource${fault.path.slice(entry.type.length)}` })
      writes.push(
        entry.method === 'POST' ? { interaction: 'create', resource } : { interaction: 'update', resource, ...ifMatch },
      )
    }
  }
  if (faults.length > 0) throw refuse('resource-invalid', { faults: faults.slice(0, 50) })
  const written = new Map(
    (await writeGuarded(deps, tx, context, writes, { validate: false })).map((one) => [
      `${one.resourceType}/${one.id}`,
      one,
    ]),
  )
  const now = new Date(context.clock.now())
  const patients = new Set([...written.values()].flatMap(({ subject }) => subject ?? []))
  await deps.audit(tx, context, {
    action: 'E',
    interaction: 'transaction',
    entities: [...written.keys()],
    patients: [...patients],
  })
  const answers: string[] = []
  for (const { entry, id, found } of plans) {
    const one = written.get(`${entry.type}/${id}`)
    if (entry.method === 'GET')
      answers.push(entryText(await readEntryAnswer(deps, tx, context, entry, options.base), options.base))
    else if (found) {
      const { content: _, ...answer } = await readOne(deps, tx, context, entry.type, id)
      answers.push(
        entryText({ ...answer, location: `${entry.type}/${id}/_history/${answer.etag?.slice(3, -1)}` }, options.base),
      )
    } else if (one && entry.method !== 'DELETE')
      answers.push(
        entryText(answerWritten(one, one.interaction === 'create' ? 201 : 200, options.prefer, now), options.base),
      )
    else answers.push(entryText({ status: 204 }, options.base))
  }
  return bundleText('transaction-response', { entries: answers })
}

/** Carries out a batch or a transaction. */
export async function runBundle(
  deps: RecordDeps & { database: Database },
  context: CallContext,
  body: unknown,
  options: BundleOptions,
): Promise<Answer> {
  const bundle = readEntries(body)
  if (bundle.type === 'batch') return { status: 200, content: await batch(deps, context, bundle.entries, options) }
  const entries = bundle.entries.map((entry, index) => readEntry(entry, `Bundle.entry[${index}]`))
  return {
    status: 200,
    content: await deps.database.transaction(context.tenant, (tx) => transact(deps, tx, context, entries, options)),
  }
}
