import { basename } from 'node:path'
import { recordAccess } from '../audit/index.ts'
import type { Database } from '../db/index.ts'
import { type CallContext, CodedError, type Logger, newId, type TenantId } from '../kernel/index.ts'
import type { LoadKind } from './content.ts'
import { refuse } from './errors.ts'
import { openFiles } from './files.ts'
import { kinds } from './kinds.ts'
import { keepValueSets } from './project-terminology.ts'
import {
  beginSystem,
  finishSystem,
  ownTransactions,
  type Phase,
  removeSystem,
  storeConcepts,
  storeMap,
} from './store-system.ts'

export interface LoadAsked {
  kind: LoadKind
  /** A folder, a zip or a file. */
  path: string
  /** Where the files do not tell it, or another name is wanted. */
  version?: string | undefined
  /** Take the place of the same version, loaded before. */
  replace?: boolean | undefined
  /** Hears of the progress as it is kept. */
  hear?: ((phase: Phase, done: number, total: number) => void) | undefined
}

export interface Loaded {
  url: string
  version: string
  concepts: number
  maps: number
  valueSets: number
}

/** A load that says nothing for so long has died with its process; its rows are taken away by the next. */
const silence = 120_000
const saysEvery = 500

/** The licence's notice that the organisation has confirmed, or nothing. */
export async function confirmLicence(database: Database, context: CallContext, kind: LoadKind): Promise<void> {
  await database.transaction(context.tenant, async (tx) => {
    await tx.run({
      text: `insert into term_licence (tenant_id, kind, notice, by_account) values ($1, $2, $3, $4)
             on conflict (tenant_id, kind) do update set notice = excluded.notice, by_account = excluded.by_account, at = now()`,
      values: [tx.tenant, kind, kinds[kind].notice.en, context.actor.id],
    })
    await recordAccess(tx, context, [
      { action: 'C', code: 'terminology-licence', entities: [], about: [{ kind: 'terminology', id: kind }] },
    ])
  })
}

/**
 * Begins a load and answers at once with its id; `done` is the rest of it. Nothing of it is seen before all is there. A load
 * that broke off is begun anew: what it left is taken away first. One at a time for a tenant.
 */
export async function beginLoad(
  { database, log }: { database: Database; log: Logger },
  context: CallContext,
  asked: LoadAsked,
): Promise<{ id: string; done: Promise<Loaded> }> {
  const { tenant } = context
  const id = newId(context.clock)
  const leftovers = await database.transaction(tenant, async (tx) => {
    const [licence] = await tx.query({
      text: 'select kind from term_licence where tenant_id = $1 and kind = $2',
      values: [tenant, asked.kind],
    })
    if (!licence) throw refuse('licence-needed', { faults: [{ path: 'kind', message: kinds[asked.kind].notice.en }] })
    await tx.run({ text: `select pg_advisory_xact_lock(hashtext('term-load'), hashtext($1))`, values: [tenant] })
    // By the database's clock: the process that died may have run elsewhere.
    const [running] = await tx.query({
      text: `select id from term_load where tenant_id = $1 and status = 'running' and updated_at > now() - make_interval(secs => $2)`,
      values: [tenant, silence / 1_000],
    })
    if (running) throw refuse('load-runs')
    await tx.run({
      text: `update term_load set status = 'failed', fault = 'broken-off', updated_at = now() where tenant_id = $1 and status = 'running'`,
      values: [tenant],
    })
    await tx.run({
      text: `insert into term_load (tenant_id, id, kind, source, status, phase, started_by) values ($1, $2, $3, $4, 'running', 'reading', $5)`,
      values: [tenant, id, asked.kind, basename(asked.path), context.actor.name],
    })
    return tx.query<{ id: number }>({
      text: 'select id from term_system where tenant_id = $1 and not ready',
      values: [tenant],
    })
  })
  const done = (async () => {
    for (const leftover of leftovers) await removeSystem(ownTransactions(database, tenant), leftover.id)
    return load(database, context, asked, id)
  })()
  done.catch(async (error: unknown) => {
    log.warn({ tenant, load: id, err: error }, 'terminology-load-failed')
  })
  return { id, done }
}

async function load(database: Database, context: CallContext, asked: LoadAsked, id: string): Promise<Loaded> {
  const { tenant } = context
  const batches = ownTransactions(database, tenant)
  const say = (
    status: 'running' | 'done' | 'failed',
    phase: Phase,
    more: { done?: number; total?: number; fault?: string; system?: number } = {},
  ) =>
    database.transaction(tenant, (tx) =>
      tx.run({
        text: `update term_load set status = $3, phase = $4, done = $5, total = $6, fault = $7, system = coalesce($8, system), updated_at = now() where tenant_id = $1 and id = $2`,
        values: [tenant, id, status, phase, more.done ?? 0, more.total ?? 0, more.fault ?? null, more.system ?? null],
      }),
    )
  let said = 0
  const progress = async (phase: Phase, done: number, total: number) => {
    if (context.clock.now() - said < saysEvery) return
    said = context.clock.now()
    asked.hear?.(phase, done, total)
    await say('running', phase, { done, total })
  }
  let phase: Phase = 'reading'
  let system: number | undefined
  const files = await openFiles(asked.path).catch(async (error: unknown) => {
    await say('failed', phase, { fault: faultOf(error) })
    throw error
  })
  const watch = setInterval(() => {
    // Kilobytes: a release has more bytes than the column holds.
    if (phase === 'reading') void progress('reading', kilo(files.read.bytes), kilo(files.read.of)).catch(() => {})
  }, saysEvery)
  try {
    const content = await kinds[asked.kind].read(files, asked.version)
    phase = 'concepts'
    const former = await sameVersion(database, tenant, content)
    if (former !== undefined && !asked.replace)
      throw refuse('already-loaded', { faults: [{ path: 'version', message: `${content.version} is loaded` }] })
    await database.transaction(tenant, async (tx) => {
      system = await beginSystem(tx, content, { kind: asked.kind })
    })
    const own = system ?? 0
    await storeConcepts(batches, [{ system: own, content }], (at, done, total) => {
      phase = at
      return progress(at, done, total)
    })
    phase = 'maps'
    for (const map of content.maps ?? [])
      await storeMap(batches, map, { kind: asked.kind, system: own }, (done) =>
        progress('maps', done, map.entries.length),
      )
    phase = 'finishing'
    const { concepts } = content
    const valueSets = content.valueSets ?? []
    await database.transaction(tenant, async (tx) => {
      await keepValueSets(tx, valueSets, { kind: asked.kind, system: own })
      await finishSystem(tx, own, content.url, concepts.length)
      await recordAccess(tx, context, [
        {
          action: 'C',
          code: 'terminology-loaded',
          entities: [],
          about: [{ kind: 'terminology', id: `${content.url}|${content.version}` }],
        },
      ])
    })
    // The new one is in use already when the former goes.
    if (former !== undefined) await removeSystem(batches, former)
    await say('done', 'finishing', { done: concepts.length, total: concepts.length, system: own })
    return {
      url: content.url,
      version: content.version,
      concepts: concepts.length,
      maps: content.maps?.length ?? 0,
      valueSets: valueSets.length,
    }
  } catch (error) {
    if (system !== undefined) await removeSystem(batches, system)
    await say('failed', phase, { fault: faultOf(error) })
    throw error
  } finally {
    clearInterval(watch)
    files.close()
  }
}

const kilo = (bytes: number): number => Math.ceil(bytes / 1_024)

async function sameVersion(
  database: Database,
  tenant: TenantId,
  { url, version }: { url: string; version: string },
): Promise<number | undefined> {
  const [row] = await database.transaction(tenant, (tx) =>
    tx.query<{ id: number }>({
      text: 'select id from term_system where tenant_id = $1 and url = $2 and version = $3 and ready',
      values: [tenant, url, version],
    }),
  )
  return row?.id
}

/** What is told to people: the refusal and where it is; never the text of an unexpected failure. */
const faultOf = (error: unknown): string =>
  error instanceof CodedError
    ? [error.code, ...error.faults.slice(0, 1).map(({ path, message }) => `${path} ${message}`)].join(': ')
    : 'load-failed'
