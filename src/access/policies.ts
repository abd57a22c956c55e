import type { Tx } from '../db/index.ts'
import { type CallContext, systemClock, type TenantId } from '../kernel/index.ts'
import { forgetCallerFacts } from './caller.ts'
import { checkPolicy, type PolicyFinding } from './check-policy.ts'
import { refuse } from './errors.ts'
import { type Policy, policySchema } from './policy.ts'

/** A policy's text as `main` reads it for this room: what it says, what is wrong with its form, and where a path stands. */
export type ReadSource = (source: string) => {
  content: unknown
  faults: readonly { path: string; line: number | undefined; column: number | undefined; message: string }[]
  locate(path: readonly (string | number)[]): { line: number; column: number } | undefined
}

export interface ActivePolicy {
  version: number
  policy: Policy
}

export interface PolicyVersion {
  version: number
  note: string
  publishedAt: string
  by: string
}

/** The tenants' policies. */
export interface Policies {
  /** What the checker says of a source. */
  check(source: string): PolicyFinding[]
  /** The policy in force; undefined for a tenant without one, where everything is refused. */
  active(tx: Tx): Promise<ActivePolicy | undefined>
  /** A version that has been read before or is read now; versions never change. */
  version(tx: Tx, version: number): Promise<ActivePolicy | undefined>
  /** The policy in force a second ago: enough for what is rebuilt after a policy changes. */
  recent(tx: Tx): Promise<ActivePolicy | undefined>
  source(tx: Tx, version: number): Promise<string>
  list(tx: Tx): Promise<PolicyVersion[]>
  /** Publishes a source as the next version. Throws `policy-invalid` with every fault. `relabel`: the labels say something new. */
  publish(
    tx: Tx,
    context: CallContext,
    source: string,
    note: string,
  ): Promise<{ version: number; changed: boolean; relabel: boolean }>
}

const fresh = 1_000

export function createPolicies(options: { read: ReadSource; roles: readonly string[] }): Policies {
  const versions = new Map<string, ActivePolicy>()
  const newest = new Map<TenantId, { at: number; active: ActivePolicy | undefined }>()
  const newestVersion = async (tx: Tx): Promise<number | undefined> => {
    const [row] = await tx.query<{ version: number | null }>({
      name: 'newest-policy',
      text: 'select max(version) as version from access_policy where tenant_id = $1',
      values: [tx.tenant],
    })
    return row?.version ?? undefined
  }
  const check = (source: string) => {
    const { content, faults, locate } = options.read(source)
    if (faults.length > 0)
      return { findings: faults.map((one): PolicyFinding => ({ ...one, code: 'yaml-syntax', severity: 'error' })) }
    const parsed = policySchema.safeParse(content)
    if (parsed.success) return { policy: parsed.data, findings: checkPolicy(parsed.data, options.roles, locate) }
    return {
      findings: parsed.error.issues.slice(0, 100).map((issue): PolicyFinding => {
        const path = issue.path.filter((part) => typeof part !== 'symbol')
        const at = locate(path)
        return {
          code: 'shape',
          severity: 'error',
          path: path.join('.'),
          line: at?.line,
          column: at?.column,
          message: issue.message,
        }
      }),
    }
  }
  const policies: Policies = {
    check: (source) => check(source).findings,
    async version(tx, version) {
      const key = `${tx.tenant} ${version}`
      const held = versions.get(key)
      if (held) return held
      const [row] = await tx.query<{ definition: string }>({
        name: 'policy-version',
        text: 'select definition from access_policy where tenant_id = $1 and version = $2',
        values: [tx.tenant, version],
      })
      if (!row) return undefined
      const read = { version, policy: policySchema.parse(JSON.parse(row.definition)) }
      versions.set(key, read)
      return read
    },
    async active(tx) {
      const version = await newestVersion(tx)
      const active = version === undefined ? undefined : await policies.version(tx, version)
      newest.set(tx.tenant, { at: systemClock.now(), active })
      return active
    },
    async recent(tx) {
      const held = newest.get(tx.tenant)
      return held && systemClock.now() - held.at < fresh ? held.active : policies.active(tx)
    },
    async source(tx, version) {
      const [row] = await tx.query<{ source: string }>({
        text: 'select source from access_policy where tenant_id = $1 and version = $2',
        values: [tx.tenant, version],
      })
      if (!row)
        throw refuse('policy-not-found', { faults: [{ path: 'params.version', message: 'there is no such version' }] })
      return row.source
    },
    async list(tx) {
      const rows = await tx.query<{ version: number; note: string; published_at: Date; published_by: string }>({
        text: 'select version, note, published_at, published_by from access_policy where tenant_id = $1 order by version desc',
        values: [tx.tenant],
      })
      return rows.map((row) => ({
        version: row.version,
        note: row.note,
        publishedAt: row.published_at.toISOString(),
        by: row.published_by,
      }))
    },
    async publish(tx, context, source, note) {
      const { policy, findings } = check(source)
      const errors = findings.filter((one) => one.severity === 'error')
      if (!policy || errors.length > 0)
        throw refuse('policy-invalid', {
          faults: errors.map((one) => ({
            path: one.line === undefined ? one.path : `${one.path} (${one.line}:${one.column})`,
            message: one.message,
            code: one.code,
          })),
        })
      // Two who publish at once wait for each other here, and get two numbers.
      await tx.run({
        text: `select pg_advisory_xact_lock(hashtextextended('access-policy ' || $1, 0))`,
        values: [tx.tenant],
      })
      const before = await policies.active(tx)
      if (before && JSON.stringify(before.policy) === JSON.stringify(policy))
        return { version: before.version, changed: false, relabel: false }
      const version = (before?.version ?? 0) + 1
      await tx.run({
        text: 'insert into access_policy (tenant_id, version, source, definition, note, published_at, published_by) values ($1, $2, $3, $4, $5, $6, $7)',
        values: [
          tx.tenant,
          version,
          source,
          JSON.stringify(policy),
          note,
          new Date(context.clock.now()),
          context.actor.name,
        ],
      })
      tx.afterCommit(() => newest.delete(tx.tenant))
      forgetCallerFacts(tx)
      return {
        version,
        changed: true,
        relabel: JSON.stringify(before?.policy.labels ?? []) !== JSON.stringify(policy.labels),
      }
    },
  }
  return policies
}
