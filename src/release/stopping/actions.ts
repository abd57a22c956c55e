import type { PostmortemActions } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { type CallContext, newId } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'

interface Row {
  id: string
  incident: string
  says: string
  strength: PostmortemActions['items'][number]['strength']
  owner: string
  due: string
  opened_at: Date
  opened_by: string
  closed_at: Date | null
  closed_by: string | null
  watch_kind: 'test' | 'metric' | null
  watch: string | null
}

/** What is done after an incident, the strongest first. */
export async function listActions(tx: Tx, incident: string): Promise<PostmortemActions> {
  const rows = await tx.query<Row>({
    text: `select id, incident, says, strength, owner, due::text as due, opened_at, opened_by, closed_at, closed_by, watch_kind, watch from postmortem_action
           where tenant_id = $1 and incident = $2 order by array_position(array['strong', 'intermediate', 'weak'], strength), id`,
    values: [tx.tenant, incident],
  })
  return {
    items: rows.map((row) => ({
      id: row.id,
      says: row.says,
      strength: row.strength,
      owner: row.owner,
      due: row.due,
      openedAt: row.opened_at.toISOString(),
      by: row.opened_by,
      closed:
        row.closed_at && row.watch !== null && row.watch_kind !== null
          ? { at: row.closed_at.toISOString(), by: row.closed_by ?? '', kind: row.watch_kind, watch: row.watch }
          : null,
    })),
  }
}

async function lockOpen(tx: Tx, incident: string): Promise<{ automation: string }> {
  const [row] = await tx.query<{ automation: string; closed_at: Date | null }>({
    text: 'select automation, closed_at from incident where tenant_id = $1 and id = $2 for update',
    values: [tx.tenant, incident],
  })
  if (!row) throw refuse('incident-not-found')
  if (row.closed_at) throw refuse('incident-closed')
  return row
}

/** Adds an action to an open incident, which is not closed before it. */
export async function addAction(
  tx: Tx,
  context: CallContext,
  incident: string,
  asked: { says: string; strength: string; owner: string; due: string },
): Promise<{ id: string; automation: string }> {
  const { automation } = await lockOpen(tx, incident)
  const id = newId(context.clock)
  await tx.run({
    text: `insert into postmortem_action (tenant_id, id, incident, says, strength, owner, due, opened_at, opened_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [
      tx.tenant,
      id,
      incident,
      asked.says,
      asked.strength,
      asked.owner,
      asked.due,
      new Date(context.clock.now()),
      context.actor.name,
    ],
  })
  return { id, automation }
}

/** Closes an action with what watches from now on: a test or metric that no incident and no closed action has named before. */
export async function closeAction(
  tx: Tx,
  context: CallContext,
  id: string,
  asked: { kind: 'test' | 'metric'; watch: string },
): Promise<{ automation: string; incident: string }> {
  const [row] = await tx.query<{ incident: string; automation: string; closed_at: Date | null }>({
    text: `select a.incident, a.closed_at, i.automation from postmortem_action a join incident i on i.tenant_id = a.tenant_id and i.id = a.incident
           where a.tenant_id = $1 and a.id = $2 for update of a`,
    values: [tx.tenant, id],
  })
  if (!row) throw refuse('action-not-found')
  if (row.closed_at) throw refuse('action-closed')
  const [known] = await tx.query<{ id: string }>({
    text: `select id from postmortem_action where tenant_id = $1 and lower(watch) = lower($2)
           union all select id from incident where tenant_id = $1 and lower(watched_by) = lower($2) limit 1`,
    values: [tx.tenant, asked.watch],
  })
  if (known) throw refuse('watch-not-new', { faults: [{ path: 'watch', message: `it watches since ${known.id}` }] })
  await tx.run({
    text: 'update postmortem_action set closed_at = $3, closed_by = $4, watch_kind = $5, watch = $6 where tenant_id = $1 and id = $2',
    values: [tx.tenant, id, new Date(context.clock.now()), context.actor.name, asked.kind, asked.watch],
  })
  return { automation: row.automation, incident: row.incident }
}
