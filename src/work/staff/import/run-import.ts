import { createHash } from 'node:crypto'
import type { Resource } from '@medplum/fhirtypes'
import type { Database, Tx } from '../../../db/index.ts'
import {
  type FhirRecord,
  type LineFault,
  type PlannedFile,
  type ResourceWrite,
  type Sight,
  versionsOf,
} from '../../../fhir/index.ts'
import { enqueueJobs, type JobHandler, PermanentFailure } from '../../../jobs/index.ts'
import { type CallContext, type Clock, CodedError, newId, readExact, type TenantId } from '../../../kernel/index.ts'
import { importNotFound, refuse } from '../../errors.ts'
import type { HouseOntology } from '../../ontology/house-ontology.ts'
import { readFhirFile } from './fhir-file.ts'
import { readLicenceTable } from './licence-table.ts'
import { readPanelTable } from './panel-table.ts'
import { readPeopleTable } from './people-table.ts'
import {
  addImport,
  type ImportKind,
  keepCounts,
  keepFaults,
  keepLines,
  keepProgress,
  keepWrites,
  moveOn,
  readContent,
  readImport,
  readWrites,
  type StaffImport,
} from './store.ts'

const kind = 'staff-import'
/** So many resources are written between two looks at everything else. */
const slice = 100

export interface ImportDependencies {
  database: Database
  clock: Clock
  record: FhirRecord
  ontology: HouseOntology
  /** The scheduling room's reader of times at work and away. */
  readShifts(tx: Tx, csv: string): Promise<PlannedFile>
  /** Whoever brought the file, as they are now; undefined when they may not act any more. */
  actorNow(tx: Tx, actor: StaffImport['actor']): Promise<StaffImport['actor'] | undefined>
  sight(tx: Tx, context: CallContext): Promise<Sight | undefined>
  audit(tx: Tx, context: CallContext, entities: readonly string[]): Promise<void>
}

const wake = (tx: Tx, clock: Clock, id: string): Promise<void> =>
  enqueueJobs(tx, clock, [{ kind, key: `${kind}/${newId(clock)}`, payload: { import: id } }])

/** Keeps a file to be read by a job; answers its id. */
export async function beginImport(
  tx: Tx,
  context: CallContext,
  { what, name, content }: { what: ImportKind; name: string; content: string },
): Promise<string> {
  const id = newId(context.clock)
  const actor = { ...context.actor, ...(context.purpose === undefined ? {} : { purpose: context.purpose }) }
  await addImport(tx, { id, what, name, content, actor, madeAt: new Date(context.clock.now()) })
  await wake(tx, context.clock, id)
  return id
}

/** Has a job write what was shown. Throws `import-not-ready` when the file was not read, has faults or is in the record. */
export async function takeImport(tx: Tx, context: CallContext, id: string): Promise<void> {
  if (!(await moveOn(tx, id, ['ready'], 'writing'))) throw await notNow(tx, id)
  await wake(tx, context.clock, id)
}

/** Has a job undo what a file changed. Throws `import-not-ready` when it changed nothing or is undone. */
export async function undoImport(tx: Tx, context: CallContext, id: string): Promise<void> {
  if (!(await moveOn(tx, id, ['done'], 'undoing'))) throw await notNow(tx, id)
  await wake(tx, context.clock, id)
}

async function notNow(tx: Tx, id: string): Promise<Error> {
  const found = await readImport(tx, id)
  if (!found) return importNotFound()
  return refuse('import-not-ready', { faults: [{ path: 'state', message: `is ${found.state}` }] })
}

/**
 * Reads, writes and undoes files of people. Each is one transaction: a file is taken whole or not at all, and what was shown
 * is what is written, or it is shown anew. How far it is, is kept beside that transaction, so that others see it meanwhile.
 */
export function createStaffImportHandler(dependencies: ImportDependencies): JobHandler {
  const { database, clock, record, ontology } = dependencies
  return {
    kind,
    tries: 3,
    atOnce: 1,
    async perform(tenant, job, signal) {
      const id = String(job.payload['import'])
      const found = await database.reading(tenant, (tx) => readImport(tx, id))
      try {
        if (found?.state === 'reading') await read(tenant, found)
        else if (found?.state === 'writing') await write(tenant, found, signal)
        else if (found?.state === 'undoing') await undo(tenant, found, signal)
      } catch (error) {
        // What the record refuses it refuses again: it is told, and nothing is tried once more.
        if (!(error instanceof CodedError) || !found) throw error
        await database.transaction(tenant, (tx) =>
          keepFaults(tx, id, faultsFrom(error), found.state === 'undoing' ? 'done' : 'faulty'),
        )
      }
      return async () => {}
    },
    async givenUp(tx, job) {
      await moveOn(tx, String(job.payload['import']), ['reading', 'writing', 'undoing'], 'failed')
    },
  }

  async function contextFor(tx: Tx, { actor: asked }: StaffImport): Promise<CallContext> {
    const actor = await dependencies.actorNow(tx, asked)
    if (!actor) throw new PermanentFailure('whoever brought the file may not act any more')
    const { purpose, ...who } = actor
    return {
      tenant: tx.tenant,
      actor: who,
      clock,
      requestId: newId(clock),
      locale: 'en',
      ...(purpose === undefined ? {} : { purpose }),
    }
  }

  async function planned(
    tx: Tx,
    context: CallContext,
    { id, what }: StaffImport,
  ): Promise<{ plan: PlannedFile; digest: string; shown: string | null }> {
    const stored = await readContent(tx, id)
    if (!stored) throw new PermanentFailure('the file is not kept any more')
    const { content, digest: shown } = stored
    const plan = await readerOf(what, tx, context, content)
    const digest = createHash('sha256').update(JSON.stringify(plan.writes)).digest('hex')
    return { plan, digest, shown }
  }

  async function readerOf(what: ImportKind, tx: Tx, context: CallContext, content: string): Promise<PlannedFile> {
    switch (what) {
      case 'people':
        return readPeopleTable(tx, { record, ontology }, content)
      case 'licences':
        return readLicenceTable(tx, { record, ontology }, content)
      case 'shifts':
        return dependencies.readShifts(tx, content)
      case 'panel':
        return readPanelTable(tx, { record, sight: await dependencies.sight(tx, context) }, content)
      case 'fhir':
        return readFhirFile(tx, { record, ontology }, content)
    }
  }

  async function read(tenant: TenantId, found: StaffImport): Promise<void> {
    await database.transaction(tenant, async (tx) => {
      const context = await contextFor(tx, found)
      await show(tx, found, await planned(tx, context, found))
    })
  }

  async function show(
    tx: Tx,
    { id, state }: StaffImport,
    { plan, digest }: { plan: PlannedFile; digest: string },
  ): Promise<void> {
    if (plan.faults.length > 0) {
      await keepFaults(tx, id, plan.faults, 'faulty')
      return
    }
    const count = (wanted: string) => plan.lines.filter(({ act }) => act === wanted).length
    await keepLines(tx, id, plan.lines)
    await keepCounts(tx, id, { new: count('new'), changed: count('changed'), same: count('same') }, digest)
    await moveOn(tx, id, [state], 'ready')
  }

  async function write(tenant: TenantId, found: StaffImport, signal: AbortSignal): Promise<void> {
    await database.transaction(tenant, async (tx) => {
      const context = await contextFor(tx, found)
      const { plan, digest, shown } = await planned(tx, context, found)
      // The record has changed since somebody looked: they look again.
      if (digest !== shown) return show(tx, found, { plan, digest })
      await inSlices(tenant, found, plan.writes, signal, async (part, from) => {
        const written = await record.write(
          tx,
          context,
          part.map((resource): ResourceWrite => {
            const version = resource.meta?.versionId
            return { interaction: 'update', resource, ...(version === undefined ? {} : { ifMatch: Number(version) }) }
          }),
        )
        await keepWrites(
          tx,
          found.id,
          from,
          written.map(({ resourceType, id, version }) => ({ resource: `${resourceType}/${id}`, version })),
        )
      })
      await dependencies.audit(
        tx,
        context,
        plan.writes.map(({ resourceType, id }) => `${resourceType}/${id}`),
      )
      await moveOn(tx, found.id, ['writing'], 'done')
    })
  }

  async function undo(tenant: TenantId, found: StaffImport, signal: AbortSignal): Promise<void> {
    await database.transaction(tenant, async (tx) => {
      const context = await contextFor(tx, found)
      const writes = (await readWrites(tx, found.id)).toReversed()
      let back = 0
      await inSlices(tenant, found, writes, signal, async (part) => {
        const present = await record.readMany(
          tx,
          part.map(({ resource }) => resource),
        )
        // What somebody has changed since is theirs.
        const untouched = part.filter(
          ({ resource, version }) => present.get(resource)?.meta?.versionId === String(version),
        )
        const former = await versionsOf(
          tx,
          untouched.flatMap(({ resource, version }) => (version > 1 ? [`${resource}/${version - 1}`] : [])),
        )
        const formers = new Map(former.map(({ type, id, content }) => [`${type}/${id}`, content]))
        back += untouched.length
        await record.write(
          tx,
          context,
          untouched.flatMap(({ resource: reference, version }): ResourceWrite[] => {
            const now = present.get(reference)
            if (now?.id === undefined) return []
            const content = formers.get(reference)
            if (content == null)
              return [{ interaction: 'delete', resourceType: now.resourceType, id: now.id, ifMatch: version }]
            const { meta: _meta, ...before } = readExact(content) as Resource
            return [
              {
                interaction: 'update',
                resource: { ...before, id: now.id } as Resource & { id: string },
                ifMatch: version,
              },
            ]
          }),
          // As it stood in the record once.
          { validate: false },
        )
      })
      await keepCounts(tx, found.id, { back, stay: writes.length - back })
      await dependencies.audit(
        tx,
        context,
        writes.map(({ resource }) => resource),
      )
      await moveOn(tx, found.id, ['undoing'], 'undone')
    })
  }

  async function inSlices<T>(
    tenant: TenantId,
    { id }: StaffImport,
    all: readonly T[],
    signal: AbortSignal,
    act: (part: readonly T[], from: number) => Promise<void>,
  ): Promise<void> {
    for (let from = 0; from < all.length; from += slice) {
      if (signal.aborted) throw new Error('the program ends')
      await act(all.slice(from, from + slice), from)
      await database.transaction(tenant, (tx) => keepProgress(tx, id, Math.min(all.length, from + slice), all.length))
    }
  }
}

/** Faults of a refusal with the line and the column that their paths name: `row 3, column until`. */
function faultsFrom({ faults, message, code }: CodedError): LineFault[] {
  const list = faults.map((one): LineFault => {
    const [, line = '1', column] = /^row (\d+)(?:, column (.+))?$/.exec(one.path) ?? []
    return {
      line: Number(line),
      column: column ?? (one.path.startsWith('row ') ? undefined : one.path),
      code: one.code ?? code,
      message: one.message,
    }
  })
  return list.length > 0 ? list : [{ line: 1, column: undefined, code, message }]
}
