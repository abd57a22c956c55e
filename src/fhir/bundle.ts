import type { Database, Tx } from '../db/index.ts'
import { type CallContext, CodedError } from '../kernel/index.ts'
import { type Answer, answerWritten, bundleText, type Prefer } from './answer.ts'
import { type BundleEntry, readEntries, readEntry } from './bundle-entry.ts'
import { isRead, planTransaction, type Plan, writesOf } from './bundle-plan.ts'
import { type ConditionalDelete, deleteMatching, patchMatching, updateMatching } from './conditional-write.ts'
import { refuse } from './errors.ts'
import { writeGuarded } from './guard.ts'
import { historyOf } from './history.ts'
import { createOne, deleteOne, patchOne, readOne, readOneVersion, type RecordDeps, updateOne } from './interact.ts'
import { runOperation } from './operations.ts'
import { outcomeOf } from './outcome.ts'
import type { WrittenResource } from './record.ts'
import { searchOne } from './search-bundle.ts'

export interface BundleOptions {
  base: string
  prefer: Prefer
  conditionalDelete: ConditionalDelete
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

/** Reads, searches, histories and operations: the same in a batch and at the end of a transaction. */
async function readEntryAnswer(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  entry: BundleEntry,
  base: string,
): Promise<Answer> {
  const { type, id, version } = entry
  const query = new URLSearchParams(entry.query)
  if (entry.operation !== undefined) {
    const method = entry.method === 'POST' ? 'POST' : 'GET'
    return runOperation(deps, tx, { context, base, type, id, query, body: entry.resource }, entry.operation, method)
  }
  const answer =
    version !== undefined && id !== undefined
      ? await readOneVersion(deps, tx, context, type, id, version)
      : entry.history
        ? await historyOf(
            deps,
            tx,
            context,
            { ...(type && { type }), ...(id === undefined ? {} : { id }) },
            query,
            base,
          )
        : id === undefined
          ? await searchOne(deps, tx, context, type, query, { base, strict: false })
          : await readOne(deps, tx, context, type, id, entry)
  if (entry.method === 'GET') return answer
  const { content: _, ...head } = answer
  return head
}

function writeEntryAnswer(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  entry: BundleEntry,
  { prefer, conditionalDelete }: BundleOptions,
): Promise<Answer> {
  const { type, id, query, resource, patch = [], ifMatch, ifNoneExist } = entry
  switch (entry.method) {
    case 'DELETE':
      return id === undefined
        ? deleteMatching(deps, tx, context, type, query, conditionalDelete, ifMatch)
        : deleteOne(deps, tx, context, type, id, ifMatch)
    case 'PUT':
      return id === undefined
        ? updateMatching(deps, tx, context, type, query, resource, { prefer, ifMatch })
        : updateOne(deps, tx, context, type, id, resource, { prefer, ifMatch })
    case 'PATCH':
      return id === undefined
        ? patchMatching(deps, tx, context, type, query, patch, { prefer, ifMatch })
        : patchOne(deps, tx, context, type, id, patch, { prefer, ifMatch })
    default:
      return createOne(deps, tx, context, type, resource, { prefer, ifNoneExist })
  }
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
      const entry = readEntry(raw, `Bundle.entry[${index}]`, options.base)
      const answer = await deps.database.transaction(context.tenant, (tx) =>
        isRead(entry)
          ? readEntryAnswer(deps, tx, context, entry, options.base)
          : writeEntryAnswer(deps, tx, context, entry, options),
      )
      answers.push(entryText(answer, options.base))
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      answers.push(entryText({ status: error.status }, options.base, outcomeOf(error)))
    }
  }
  return bundleText('batch-response', { entries: answers })
}

async function answerPlan(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  { entry, ids, found }: Plan,
  written: ReadonlyMap<string, WrittenResource>,
  options: BundleOptions,
): Promise<Answer> {
  if (isRead(entry)) return readEntryAnswer(deps, tx, context, entry, options.base)
  const [id = ''] = ids
  if (found) {
    const { content: _, ...answer } = await readOne(deps, tx, context, entry.type, id)
    return { ...answer, location: `${entry.type}/${id}/_history/${answer.etag?.slice(3, -1)}` }
  }
  const one = written.get(`${entry.type}/${id}`)
  if (!one || entry.method === 'DELETE') return { status: 204 }
  const updated = new Date(context.clock.now())
  return answerWritten(one, one.interaction === 'create' ? 201 : 200, options.prefer, updated)
}

/** All entries or none: writes as one batch, then reads, which see them. */
async function transact(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  entries: readonly BundleEntry[],
  options: BundleOptions,
): Promise<string> {
  const plans = await planTransaction(deps, tx, context, entries, {
    base: options.base,
    policy: options.conditionalDelete,
  })
  const writes = writesOf(plans)
  const done = writes.length > 0 ? await writeGuarded(deps, tx, context, writes, { validate: false }) : []
  const written = new Map(done.map((one) => [`${one.resourceType}/${one.id}`, one]))
  await deps.audit(tx, context, {
    action: 'E',
    interaction: 'transaction',
    entities: [...written.keys()],
    patients: [...new Set(done.flatMap(({ subject }) => subject ?? []))],
  })
  const answers: string[] = []
  for (const plan of plans)
    answers.push(entryText(await answerPlan(deps, tx, context, plan, written, options), options.base))
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
  const entries = bundle.entries.map((entry, index) => readEntry(entry, `Bundle.entry[${index}]`, options.base))
  for (const { operation, method, path } of entries)
    if (operation !== undefined && method !== 'GET' && operation !== '$validate')
      throw refuse('bundle-invalid', {
        faults: [{ path: `${path}.request.url`, message: 'is an operation that a transaction does not carry out' }],
      })
  return {
    status: 200,
    content: await deps.database.transaction(context.tenant, (tx) => transact(deps, tx, context, entries, options)),
  }
}
