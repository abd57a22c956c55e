import type { Flag, FlagChangeItem, FlagHistory, FlagItem, FlagList } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { type CallContext, newId } from '../../kernel/index.ts'
import { levels, lower } from '../authority.ts'
import { refuse } from '../errors.ts'
import { tellEvent } from '../ladder/events.ts'
import { lockHead, readLevel, readScope, scopeText } from '../ladder/standings.ts'
import { contains, type Scope } from '../scope.ts'
import { expired } from './flags.ts'
import { writeFlag } from './write-flag.ts'

interface FlagRow {
  key: string
  automation: string
  owner: string
  clinical_owner: string
  allows: string
  scope: string
  expires_at: Date
  retire_at: Date
  retirement_test: string
  changed_at: Date
  changed_by: string
}

interface ChangeRow {
  id: string
  flag: string
  automation: string
  before: Flag | null
  after: Flag | null
  reason: string
  status: FlagChangeItem['status']
  asked_at: Date
  asked_account: string
  asked_by: string
  decided_at: Date | null
  decided_by: string | null
}

/** The last day of what ends at midnight. */
const dayBefore = (end: Date): string => new Date(end.getTime() - 86_400_000).toISOString().slice(0, 10)

const flagOf = (row: FlagRow): Flag => ({
  automation: row.automation,
  owner: row.owner,
  clinicalOwner: row.clinical_owner,
  allows: readLevel(row.allows),
  scope: readScope(row.scope) as Flag['scope'],
  expires: dayBefore(row.expires_at),
  retires: dayBefore(row.retire_at),
  retirementTest: row.retirement_test,
})

const changeOf = (row: ChangeRow): FlagChangeItem => ({
  id: row.id,
  before: row.before,
  after: row.after,
  reason: row.reason,
  status: row.status,
  askedAt: row.asked_at.toISOString(),
  askedBy: row.asked_by,
  decidedAt: row.decided_at?.toISOString() ?? null,
  decidedBy: row.decided_by,
})

const scopeIn = (flag: Flag): Scope => JSON.parse(JSON.stringify(flag.scope))

/** One text for what a flag says, so that two can be held against each other. */
const said = (flag: Flag | null): string =>
  flag === null
    ? ''
    : JSON.stringify(Object.entries({ ...flag, scope: scopeText(scopeIn(flag)) }).sort(([a], [b]) => (a < b ? -1 : 1)))

/**
 * Whether a change lets the automation do more than before: a higher level, for longer, or without the flag somewhere. A
 * flag that was not there held nothing down, so a new one never does.
 */
export function raises(before: Flag | null, after: Flag | null): boolean {
  if (before === null) return false
  if (after === null) return true
  return (
    levels.indexOf(after.allows) > levels.indexOf(before.allows) ||
    after.expires > before.expires ||
    !contains(scopeIn(after), scopeIn(before))
  )
}

async function flagRow(tx: Tx, key: string, how: '' | 'for update'): Promise<FlagRow | undefined> {
  const [row] = await tx.query<FlagRow>({
    text: `select * from automation_flag where tenant_id = $1 and key = $2 ${how}`,
    values: [tx.tenant, key],
  })
  return row
}

/** Puts a flag as it shall be, or takes it away, and tells the automation's history. The caller holds the automation's row alone. */
async function apply(
  tx: Tx,
  context: CallContext,
  key: string,
  change: Pick<ChangeRow, 'before' | 'after' | 'reason'>,
) {
  const { before, after, reason } = change
  if (after === null)
    await tx.run({ text: 'delete from automation_flag where tenant_id = $1 and key = $2', values: [tx.tenant, key] })
  else await writeFlag(tx, context, key, after)
  const about = after ?? before
  if (about === null) return
  const { active } = await lockHead(tx, about.automation, 'update')
  await tellEvent(tx, context, {
    automation: about.automation,
    version: active,
    kind: 'flag',
    data: { flag: key, scope: about.scope, to: after?.allows ?? 'autonomous', reason },
  })
}

/** What a change of a flag names; what is not named stays. */
export type FlagAsked = { remove: true } | Partial<Omit<Flag, 'automation'>>

/**
 * Changes a flag. What holds the automation down further counts at once; what lets it do more waits for a second person.
 * Whoever lets an answer take effect shares the automation's row, so that no answer given after a change counts by the
 * former flag.
 */
export async function changeFlag(
  tx: Tx,
  context: CallContext,
  key: string,
  asked: FlagAsked,
  reason: string,
): Promise<{ change: string; waits: boolean; automation: string }> {
  const seen = await flagRow(tx, key, '')
  if (!seen) throw refuse('flag-not-found', { faults: [{ path: 'key', message: `there is no flag ${key}` }] })
  await lockHead(tx, seen.automation, 'update')
  const row = await flagRow(tx, key, 'for update')
  if (!row) throw refuse('flag-moved')
  const before = flagOf(row)
  const named =
    'remove' in asked ? {} : Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
  return keepChange(tx, context, key, before, 'remove' in asked ? null : { ...before, ...named }, reason)
}

async function keepChange(
  tx: Tx,
  context: CallContext,
  key: string,
  before: Flag | null,
  after: Flag | null,
  reason: string,
): Promise<{ change: string; waits: boolean; automation: string }> {
  if (said(before) === said(after)) throw refuse('flag-unchanged')
  if (after !== null && after.retires < after.expires)
    throw refuse('flag-retires-too-early', {
      faults: [{ path: 'retires', message: `${after.retires}, and it expires on ${after.expires}` }],
    })
  const [open] = await tx.query<{ id: string }>({
    text: `select id from automation_flag_change where tenant_id = $1 and flag = $2 and status = 'open'`,
    values: [tx.tenant, key],
  })
  const waits = raises(before, after)
  if (open && waits) throw refuse('flag-change-open', { faults: [{ path: 'key', message: open.id }] })
  const id = newId(context.clock)
  const now = new Date(context.clock.now())
  const automation = (after ?? before)?.automation ?? ''
  await tx.run({
    text: `insert into automation_flag_change (tenant_id, id, flag, automation, before, after, reason, status, asked_at, asked_account, asked_by, decided_at, decided_by)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    values: [
      tx.tenant,
      id,
      key,
      automation,
      before === null ? null : JSON.stringify(before),
      after === null ? null : JSON.stringify(after),
      reason,
      waits ? 'open' : 'done',
      now,
      context.actor.id,
      context.actor.name,
      waits ? null : now,
      waits ? null : context.actor.name,
    ],
  })
  if (!waits) await apply(tx, context, key, { before, after, reason })
  return { change: id, waits, automation }
}

/** Makes a flag. It holds its automation down from now on. */
export async function makeFlag(tx: Tx, context: CallContext, key: string, flag: Flag, reason: string) {
  await lockHead(tx, flag.automation, 'update')
  if (await flagRow(tx, key, '')) throw refuse('flag-known', { faults: [{ path: 'key', message: key }] })
  return keepChange(tx, context, key, null, flag, reason)
}

async function changeRow(tx: Tx, id: string): Promise<ChangeRow> {
  const [row] = await tx.query<ChangeRow>({
    text: 'select * from automation_flag_change where tenant_id = $1 and id = $2 for update',
    values: [tx.tenant, id],
  })
  if (!row) throw refuse('flag-change-not-found')
  return row
}

const decide = (tx: Tx, context: CallContext, id: string, status: 'done' | 'dropped') =>
  tx.run({
    text: 'update automation_flag_change set status = $3, decided_at = $4, decided_by = $5 where tenant_id = $1 and id = $2',
    values: [tx.tenant, id, status, new Date(context.clock.now()), context.actor.name],
  })

/** A second person lets a change happen, if the flag still is what it was when the change was asked for. */
export async function confirmChange(tx: Tx, context: CallContext, id: string): Promise<{ automation: string }> {
  const row = await changeRow(tx, id)
  if (row.status !== 'open') throw refuse('flag-change-decided')
  if (row.asked_account === context.actor.id) throw refuse('second-person-needed')
  await lockHead(tx, row.automation, 'update')
  const now = await flagRow(tx, row.flag, 'for update')
  if (said(now ? flagOf(now) : null) !== said(row.before)) throw refuse('flag-moved')
  await apply(tx, context, row.flag, row)
  await decide(tx, context, id, 'done')
  return { automation: row.automation }
}

/** Takes back what was asked and not yet confirmed. */
export async function dropChange(tx: Tx, context: CallContext, id: string): Promise<{ automation: string }> {
  const row = await changeRow(tx, id)
  if (row.status !== 'open') throw refuse('flag-change-decided')
  await decide(tx, context, id, 'dropped')
  return { automation: row.automation }
}

/** Puts a flag back as it was before its last change; by the same rule as any change, which may want a second person. */
export async function undoChange(tx: Tx, context: CallContext, id: string, reason: string) {
  const row = await changeRow(tx, id)
  if (row.status !== 'done') throw refuse('flag-change-not-found')
  await lockHead(tx, row.automation, 'update')
  const now = await flagRow(tx, row.flag, 'for update')
  const current = now ? flagOf(now) : null
  if (said(current) !== said(row.after)) throw refuse('flag-moved')
  return keepChange(tx, context, row.flag, current, row.before, reason)
}

const select = `select f.*, v.definition->'title' as title, to_jsonb(c) as open from automation_flag f
  left join automation a on a.tenant_id = f.tenant_id and a.id = f.automation
  left join automation_version v on v.tenant_id = a.tenant_id and v.automation = a.id and v.version = a.active_version
  left join automation_flag_change c on c.tenant_id = f.tenant_id and c.flag = f.key and c.status = 'open'`

type ItemRow = FlagRow & {
  title: FlagItem['title'] | null
  open: (Omit<ChangeRow, 'asked_at' | 'decided_at'> & { asked_at: string }) | null
}

function item(row: ItemRow, now: number): FlagItem {
  const flag = flagOf(row)
  const ended = row.expires_at.getTime() <= now
  return {
    ...flag,
    key: row.key,
    title: row.title ?? { en: row.automation, fr: row.automation },
    state: row.retire_at.getTime() <= now ? 'retired' : ended ? 'expired' : 'holds',
    lets: ended ? lower(flag.allows, expired) : flag.allows,
    changedAt: row.changed_at.toISOString(),
    changedBy: row.changed_by,
    open: row.open && changeOf({ ...row.open, asked_at: new Date(row.open.asked_at), decided_at: null }),
  }
}

/** All flags; those that soonest let their automation do less, first. */
export async function listFlags(tx: Tx, now: number): Promise<FlagList> {
  const rows = await tx.query<ItemRow>({
    text: `${select} where f.tenant_id = $1 order by f.expires_at, f.key`,
    values: [tx.tenant],
  })
  return { items: rows.map((row) => item(row, now)) }
}

/** A flag with its last hundred changes, also after it was taken away. */
export async function readFlagHistory(tx: Tx, key: string, now: number): Promise<FlagHistory> {
  const [row] = await tx.query<ItemRow>({
    text: `${select} where f.tenant_id = $1 and f.key = $2`,
    values: [tx.tenant, key],
  })
  const changes = await tx.query<ChangeRow>({
    text: 'select * from automation_flag_change where tenant_id = $1 and flag = $2 order by id desc limit 100',
    values: [tx.tenant, key],
  })
  if (!row && changes.length === 0)
    throw refuse('flag-not-found', { faults: [{ path: 'key', message: `there is no flag ${key}` }] })
  return { key, flag: row ? item(row, now) : null, changes: changes.map(changeOf) }
}
