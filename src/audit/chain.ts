import { createHash } from 'node:crypto'
import type { Database, Tx } from '../db/index.ts'
import type { TenantId } from '../kernel/index.ts'

const batch = 1_000
const first = '0'.repeat(64)

const linkHash = (previous: string, id: string, content: string): string =>
  createHash('sha256').update(`${previous}\n${id}\n${content}`).digest('hex')

/**
 * Links events that are not in the chain yet, in order of insertion; returns how many. One chainer per tenant at a time,
 * by a transaction lock. An event becomes visible only at its commit, perhaps after a later number: whatever is not
 * linked yet is taken, so none is left out.
 */
export async function extendChain(database: Database, tenant: TenantId): Promise<number> {
  let total = 0
  for (;;) {
    const done = await database.transaction(tenant, async (tx) => {
      const [lock] = await tx.query<{ mine: boolean }>({
        text: `select pg_try_advisory_xact_lock(hashtext('audit-chain'), hashtext($1)) as mine`,
        values: [tenant],
      })
      if (lock?.mine !== true) return 0
      const [head] = await tx.query<{ link: string; hash: string; settled: string }>({
        name: 'audit-head',
        text: `select link, hash, greatest(event_seq - 5000, 0) as settled from audit_link where tenant_id = $1 order by link desc limit 1`,
        values: [tenant],
      })
      // Events committed late carry numbers below the head's; looking 5,000 numbers back finds them cheaply.
      const events = await tx.query<{ id: string; seq: string; content: string }>({
        name: 'audit-unlinked',
        text: `select e.id, e.seq, e.content from audit_event e
               where e.tenant_id = $1 and e.seq > $2 and not exists (select from audit_link l where l.tenant_id = $1 and l.event = e.id)
               order by e.seq limit $3`,
        values: [tenant, head?.settled ?? 0, batch],
      })
      if (events.length === 0) return 0
      let hash = head?.hash ?? first
      const hashes = events.map((event) => {
        hash = linkHash(hash, event.id, event.content)
        return hash
      })
      const start = Number(head?.link ?? 0) + 1
      await tx.run({
        name: 'audit-link',
        text: 'insert into audit_link (tenant_id, link, event, event_seq, hash) select $1, * from unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[])',
        values: [
          tenant,
          events.map((_event, index) => start + index),
          events.map((event) => event.id),
          events.map((event) => event.seq),
          hashes,
        ],
      })
      return events.length
    })
    total += done
    if (done < batch) return total
  }
}

export interface ChainReport {
  ok: boolean
  links: number
  head: string
  /** The first link that does not hold, and why. */
  firstBad: { link: number; event: string; fault: 'changed' | 'missing' | 'gap' } | undefined
}

/** Recomputes the whole chain of a tenant. */
export async function verifyChain(tx: Tx): Promise<ChainReport> {
  let hash = first
  let link = 0
  for (;;) {
    const rows = await tx.query<{ link: string; event: string; hash: string; content: string | null }>({
      text: `select l.link, l.event, l.hash, e.content from audit_link l left join audit_event e on e.tenant_id = l.tenant_id and e.id = l.event
             where l.tenant_id = $1 and l.link > $2 order by l.link limit $3`,
      values: [tx.tenant, link, batch],
    })
    for (const row of rows) {
      const bad = (fault: 'changed' | 'missing' | 'gap'): ChainReport => ({
        ok: false,
        links: link,
        head: hash,
        firstBad: { link: Number(row.link), event: row.event, fault },
      })
      if (Number(row.link) !== link + 1) return bad('gap')
      if (row.content === null) return bad('missing')
      hash = linkHash(hash, row.event, row.content)
      if (hash !== row.hash) return bad('changed')
      link += 1
    }
    if (rows.length < batch) return { ok: true, links: link, head: hash, firstBad: undefined }
  }
}
