import type { Tx } from '../../db/index.ts'
import { type Level, lowered, levels, type Standing } from '../authority.ts'
import { refuse } from '../errors.ts'
import type { Scope } from '../scope.ts'

export interface Head {
  id: string
  active: number
  candidate: number | null
}

/**
 * The automation's row, locked until the transaction ends. Whoever changes what it may do takes it alone (`update`); whoever
 * lets an answer take effect shares it (`share`): so a stop waits for the answers that are just being written, and no answer
 * that comes after it counts by the former authority.
 */
export async function lockHead(tx: Tx, id: string, how: 'update' | 'share'): Promise<Head> {
  const [row] = await tx.query<{ id: string; active: number; candidate: number | null }>({
    name: `lock-automation-${how}`,
    text: `select id, active_version as active, candidate_version as candidate from automation where tenant_id = $1 and id = $2 for ${how}`,
    values: [tx.tenant, id],
  })
  if (!row) throw refuse('automation-not-found', { faults: [{ path: 'id', message: `there is no automation ${id}` }] })
  return row
}

/** A scope as one text: names in order, lists sorted, so that one scope has one row. */
export function scopeText(scope: Scope): string {
  const { shift, acuity, ...rest } = scope
  const days = shift?.days && [...shift.days].sort((a, b) => a - b)
  const ordered = {
    ...rest,
    ...(acuity ? { acuity: [...acuity].sort() } : {}),
    ...(shift ? { shift: { start: shift.start, end: shift.end, zone: shift.zone, ...(days ? { days } : {}) } } : {}),
  }
  return JSON.stringify(Object.fromEntries(Object.entries(ordered).sort(([a], [b]) => (a < b ? -1 : 1))))
}

export const readScope = (text: string): Scope => JSON.parse(text)

/** A level as it stands in a row; what is not known counts as off. */
export const readLevel = (text: string | null | undefined): Level => levels.find((level) => level === text) ?? 'off'

export async function readStandings(tx: Tx, automation: string, version: number): Promise<Standing[]> {
  const rows = await tx.query<{ scope: string; level: string }>({
    name: 'read-standings',
    text: 'select scope, level from automation_standing where tenant_id = $1 and automation = $2 and version = $3',
    values: [tx.tenant, automation, version],
  })
  return rows.map((row) => ({ scope: readScope(row.scope), level: readLevel(row.level) }))
}

/** Writes what stands now; a row whose level stays keeps the time since when. The caller holds the head alone. */
export async function writeStandings(
  tx: Tx,
  automation: string,
  version: number,
  standings: readonly Standing[],
  now: number,
): Promise<void> {
  if (standings.length === 0) return
  await tx.run({
    text: `insert into automation_standing (tenant_id, automation, version, scope, level, since)
           select $1, $2, $3, * , $6 from unnest($4::text[], $5::text[])
           on conflict (tenant_id, automation, version, scope) do update set level = excluded.level, since = excluded.since
           where automation_standing.level <> excluded.level`,
    values: [
      tx.tenant,
      automation,
      version,
      standings.map((one) => scopeText(one.scope)),
      standings.map((one) => one.level),
      new Date(now),
    ],
  })
}

/** Lowers every version of an automation in a scope, the one that only looks on too, or one version alone. Never refused, never waits for a person. */
export async function lowerStandings(
  tx: Tx,
  automation: string,
  fall: { scope: Scope; to: Level; version?: number | undefined },
  now: number,
): Promise<void> {
  const rows = await tx.query<{ version: number }>({
    text: 'select distinct version from automation_standing where tenant_id = $1 and automation = $2 and ($3::int is null or version = $3)',
    values: [tx.tenant, automation, fall.version ?? null],
  })
  for (const { version } of rows)
    await writeStandings(tx, automation, version, lowered(await readStandings(tx, automation, version), fall), now)
}

/** What a version's health allows; without a word against it, everything. */
export async function readHealth(
  tx: Tx,
  automation: string,
  version: number,
): Promise<{ level: Level; reason: string | undefined }> {
  const [row] = await tx.query<{ level: string; reason: string }>({
    name: 'read-health',
    text: 'select level, reason from automation_health where tenant_id = $1 and automation = $2 and version = $3',
    values: [tx.tenant, automation, version],
  })
  return row ? { level: readLevel(row.level), reason: row.reason } : { level: 'autonomous', reason: undefined }
}

/** Lowers what a version's health allows, with the reason; without one, gives it back. */
export async function setHealth(
  tx: Tx,
  asked: { automation: string; version: number; level: Level; reason: string | undefined; now: number },
): Promise<void> {
  const { automation, version, level, reason, now } = asked
  if (reason === undefined)
    await tx.run({
      text: 'delete from automation_health where tenant_id = $1 and automation = $2 and version = $3',
      values: [tx.tenant, automation, version],
    })
  else
    await tx.run({
      text: `insert into automation_health (tenant_id, automation, version, level, reason, at) values ($1, $2, $3, $4, $5, $6)
             on conflict (tenant_id, automation, version) do update set level = excluded.level, reason = excluded.reason, at = excluded.at`,
      values: [tx.tenant, automation, version, level, reason, new Date(now)],
    })
}
