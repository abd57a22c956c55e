import type { Database, Tx } from '../db/index.ts'
import type { TenantId } from '../kernel/index.ts'
import { firstHash, linkHash } from './link-hash.ts'
import { type LogReport, type LogRow, verifyLog } from './verify-log.ts'

const batch = 1_000
/**
 * Links events that are not in the chain yet, in the order of their transactions and within each of insertion; returns how
 * many. One chainer per tenant at a time, by a transaction lock.
 *
 * An event becomes visible only at its commit, perhaps after later ones were linked. So each link keeps a horizon: the
 * oldest transaction that was still open when it was made. Only from there on can anything be unlinked.
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
      // The snapshot is taken before the events are read: what opens in between is at or after this horizon.
      // A restored database counts its transactions anew; a horizon from its former life says nothing, all is looked at.
      const [head] = await tx.query<{ link: string | null; hash: string | null; since: string; oldest: string }>({
        name: 'audit-head',
        text: `select l.link, l.hash, s.oldest,
                 case when l.horizon <= s.oldest then l.horizon else '0'::xid8 end as since
               from (select pg_snapshot_xmin(pg_current_snapshot()) as oldest) s
               left join lateral (select link, hash, horizon from audit_link where tenant_id = $1 order by link desc limit 1) l on true`,
        values: [tenant],
      })
      const events = await tx.query<{ id: string; seq: string; content: string; written_in: string }>({
        // Unnamed, and the link looked up event by event: a plan kept from when the tables were small, or a hash of all
        // links ever made, costs seconds a round.
        text: `select e.id, e.seq, e.content, e.written_in from audit_event e
               left join lateral (select l.link from audit_link l where l.tenant_id = $1 and l.event = e.id limit 1) linked on true
               where e.tenant_id = $1 and e.written_in >= $2::xid8 and linked.link is null
               order by e.written_in, e.seq limit $3`,
        values: [tenant, head?.since ?? '0', batch],
      })
      const last = events.at(-1)
      if (!last || !head) return 0
      // A full batch may have left events of its last transaction, and later ones, behind.
      const horizon = events.length < batch ? head.oldest : older(head.oldest, last.written_in)
      let hash = head.hash ?? firstHash
      const hashes = events.map((event) => {
        hash = linkHash(hash, event.id, event.content)
        return hash
      })
      const start = Number(head.link ?? 0) + 1
      await tx.run({
        text: 'insert into audit_link (tenant_id, horizon, link, event, event_seq, hash) select $1, $6::xid8, * from unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[])',
        values: [
          tenant,
          events.map((_event, index) => start + index),
          events.map((event) => event.id),
          events.map((event) => event.seq),
          hashes,
          horizon,
        ],
      })
      return events.length
    })
    total += done
    if (done < batch) return total
  }
}

const older = (one: string, other: string): string => (BigInt(one) < BigInt(other) ? one : other)

/** The log of a tenant in pages, from the link after `after`. Each page is a statement of the given transaction. */
export async function* readLog(tx: Tx, after = 0): AsyncGenerator<LogRow[]> {
  for (let link = after; ; ) {
    const rows = await tx.query<{ link: string; event: string; hash: string; content: string | null }>({
      text: `select l.link, l.event, l.hash, e.content from audit_link l left join audit_event e on e.tenant_id = l.tenant_id and e.id = l.event
             where l.tenant_id = $1 and l.link > $2 order by l.link limit $3`,
      values: [tx.tenant, link, batch],
    })
    const last = rows.at(-1)
    if (!last) return
    yield rows.map((row) => ({ ...row, link: Number(row.link) }))
    link = Number(last.link)
  }
}

/** Recomputes the whole chain of a tenant, by itself alone. */
export const verifyChain = (tx: Tx): Promise<LogReport> =>
  verifyLog(readLog(tx), { checkpoints: [], leaves: undefined })
