import { createHash } from 'node:crypto'
import type { Tx } from '../../db/index.ts'
import type { TypeTable } from '../../expressions/index.ts'
import { enqueueJobs } from '../../jobs/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import type { Finding } from '../../pathways/index.ts'
import { refuse } from '../errors.ts'
import { tellEvent } from '../ladder/events.ts'
import { lockHead } from '../ladder/standings.ts'
import { watching } from '../watching/watch-handler.ts'
import { type CompiledAutomation, compileAutomation, readAutomation } from './compile.ts'
import type { AutomationDefinition } from './definition.ts'

export interface PublishedAutomations {
  /** Publishes a source as a frozen version. The first one answers at once, under no authority; a later one only looks on until it is promoted. A source that is the newest already changes nothing. */
  publish(
    tx: Tx,
    context: CallContext,
    source: string,
    note: string,
  ): Promise<{ automation: string; version: number; changed: boolean }>
  check(source: string): Finding[]
  /** One version, compiled once. */
  version(tx: Tx, automation: string, version: number): Promise<CompiledAutomation>
  /** Names that a pathway may ask. */
  names(tx: Tx): Promise<string[]>
}

export function createPublishedAutomations(around: {
  table: TypeTable
  roles: readonly string[]
}): PublishedAutomations {
  // A version is frozen, so what was compiled once stays right.
  const compiled = new Map<string, CompiledAutomation>()
  return {
    check: (source) => readAutomation(source, 0, around).findings,
    async names(tx) {
      const rows = await tx.query<{ id: string }>({
        text: 'select id from automation where tenant_id = $1 order by id',
        values: [tx.tenant],
      })
      return rows.map((row) => row.id)
    },
    async version(tx, automation, version) {
      const key = `${tx.tenant} ${automation} ${version}`
      const known = compiled.get(key)
      if (known) return known
      const [row] = await tx.query<{ definition: AutomationDefinition }>({
        text: 'select definition from automation_version where tenant_id = $1 and automation = $2 and version = $3',
        values: [tx.tenant, automation, version],
      })
      if (!row)
        throw refuse('automation-not-found', {
          faults: [{ path: 'version', message: `${automation} has no version ${version}` }],
        })
      const made = compileAutomation(row.definition, version, around.table)
      compiled.set(key, made)
      return made
    },
    async publish(tx, context, source, note) {
      const { automation, findings } = readAutomation(source, 0, around)
      if (!automation)
        throw refuse('automation-refused', {
          faults: findings.map(({ code, path, line, column, message }) => ({
            code,
            path,
            message: line === undefined ? message : `${message} (line ${line}, column ${column})`,
          })),
        })
      const id = automation.definition.automation
      await tx.run({
        text: 'insert into automation (tenant_id, id, active_version) values ($1, $2, 0) on conflict do nothing',
        values: [tx.tenant, id],
      })
      const head = await lockHead(tx, id, 'update')
      const [newest] = await tx.query<{ version: number; source: string }>({
        text: 'select version, source from automation_version where tenant_id = $1 and automation = $2 order by version desc limit 1',
        values: [tx.tenant, id],
      })
      if (newest?.source === source) return { automation: id, version: newest.version, changed: false }
      const version = (newest?.version ?? 0) + 1
      const hash = createHash('sha256').update(source).digest('hex')
      await tx.run({
        text: `insert into automation_version (tenant_id, automation, version, source, definition, artefact_hash, note, published_at, published_by)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        values: [
          tx.tenant,
          id,
          version,
          source,
          JSON.stringify(automation.definition),
          hash,
          note,
          new Date(context.clock.now()),
          context.actor.name,
        ],
      })
      await tx.run({
        text: `update automation set ${head.active === 0 ? 'active_version' : 'candidate_version'} = $3 where tenant_id = $1 and id = $2`,
        values: [tx.tenant, id, version],
      })
      await enqueueJobs(tx, context.clock, [watching(id)])
      await tellEvent(tx, context, { automation: id, version, kind: 'published', data: { hash } })
      return { automation: id, version, changed: true }
    },
  }
}

/** The version that only looked on answers from now on, with the authority that it has risen to itself. */
export async function promote(tx: Tx, context: CallContext, automation: string): Promise<number> {
  const head = await lockHead(tx, automation, 'update')
  if (head.candidate === null) throw refuse('no-candidate')
  await tx.run({
    text: 'update automation set active_version = candidate_version, candidate_version = null where tenant_id = $1 and id = $2',
    values: [tx.tenant, automation],
  })
  await tellEvent(tx, context, { automation, version: head.candidate, kind: 'promoted', data: { from: head.active } })
  return head.candidate
}
