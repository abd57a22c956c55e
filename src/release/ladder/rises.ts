import type { Tx } from '../../db/index.ts'
import { type CallContext, newId } from '../../kernel/index.ts'
import { type Level, levels, raised, type Rise, refusalOf, type RiseRefusal, type Signature } from '../authority.ts'
import { refuse } from '../errors.ts'
import { contains, type Scope } from '../scope.ts'
import { drillFor } from '../runbooks/drills.ts'
import { tellEvent } from './events.ts'
import { lockHead, readLevel, readScope, readStandings, scopeText, writeStandings } from './standings.ts'

const rank = (level: Level) => levels.indexOf(level)

/** Refusals that more signatures would mend: they do not keep a rise from being asked for. */
const mendable: readonly RiseRefusal[] = [
  'clinical-signature-missing',
  'technical-signature-missing',
  'one-person-signed-twice',
]

/** The evidence as the rules want it, if it is for this version, covers the scope and supports the level. */
async function evidenceFor(
  tx: Tx,
  asked: { automation: string; version: number; scope: Scope; level: Level; evidence: string | null },
): Promise<Rise['evidence']> {
  if (asked.evidence === null) return undefined
  const [row] = await tx.query<{ id: string; scope: string; supports: string; until: Date }>({
    text: 'select id, scope, supports, until from automation_evidence where tenant_id = $1 and id = $2 and automation = $3 and version = $4',
    values: [tx.tenant, asked.evidence, asked.automation, asked.version],
  })
  const fits =
    row !== undefined &&
    contains(readScope(row.scope), asked.scope) &&
    rank(readLevel(row.supports)) >= rank(asked.level)
  return fits ? { id: row.id, until: row.until.getTime() } : undefined
}

/** Asks for one level more. Signatures come after; whatever they could not mend is refused at once. */
export async function askRise(
  tx: Tx,
  context: CallContext,
  asked: { automation: string; version: number; scope: Scope; level: Level; evidence: string | null; reason: string },
): Promise<string> {
  await lockHead(tx, asked.automation, 'update')
  const now = context.clock.now()
  const [version] = await tx.query({
    text: 'select from automation_version where tenant_id = $1 and automation = $2 and version = $3',
    values: [tx.tenant, asked.automation, asked.version],
  })
  if (!version)
    throw refuse('automation-not-found', {
      faults: [{ path: 'version', message: `there is no version ${asked.version}` }],
    })
  const standings = await readStandings(tx, asked.automation, asked.version)
  const rise: Rise = {
    scope: asked.scope,
    to: asked.level,
    signatures: [],
    evidence: await evidenceFor(tx, asked),
    drill: await drillFor(tx, asked),
  }
  const refusal = refusalOf(standings, rise, now)
  if (refusal !== undefined && !mendable.includes(refusal)) throw refuse(refusal)
  const scope = scopeText(asked.scope)
  const [open] = await tx.query<{ id: string }>({
    text: `select id from automation_rise where tenant_id = $1 and automation = $2 and version = $3 and scope = $4 and status = 'open'`,
    values: [tx.tenant, asked.automation, asked.version, scope],
  })
  if (open) throw refuse('rise-open', { faults: [{ path: 'scope', message: `asked for already: ${open.id}` }] })
  const id = newId(context.clock)
  await tx.run({
    text: `insert into automation_rise (tenant_id, id, automation, version, scope, level, evidence, reason, asked_at, asked_by, status)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open')`,
    values: [
      tx.tenant,
      id,
      asked.automation,
      asked.version,
      scope,
      asked.level,
      asked.evidence,
      asked.reason,
      new Date(now),
      context.actor.name,
    ],
  })
  await tellEvent(tx, context, {
    automation: asked.automation,
    version: asked.version,
    kind: 'rise-asked',
    data: { rise: id, scope: asked.scope, to: asked.level, evidence: asked.evidence },
  })
  return id
}

interface OpenRise {
  automation: string
  version: number
  scope: string
  level: string
  evidence: string | null
}

async function openRise(tx: Tx, id: string): Promise<OpenRise> {
  const [row] = await tx.query<OpenRise>({
    text: `select automation, version, scope, level, evidence from automation_rise where tenant_id = $1 and id = $2 and status = 'open'`,
    values: [tx.tenant, id],
  })
  if (!row) throw refuse('rise-not-found')
  return row
}

async function signaturesOf(tx: Tx, rise: string): Promise<Signature[]> {
  const rows = await tx.query<{ side: 'clinical' | 'technical'; account: string; at: Date }>({
    text: 'select side, account, at from automation_signature where tenant_id = $1 and rise = $2',
    values: [tx.tenant, rise],
  })
  return rows.map((row) => ({ by: row.account, as: row.side, at: row.at.getTime() }))
}

/**
 * One person's signature. With the second one the rise happens, in the same transaction, if it still may: the level and
 * the evidence are looked at again, since either may have fallen or expired meanwhile.
 * @returns whether the level has risen
 */
export async function signRise(
  tx: Tx,
  context: CallContext,
  id: string,
  side: Signature['as'],
): Promise<{ automation: string; version: number; risen: boolean }> {
  const { automation } = await openRise(tx, id)
  await lockHead(tx, automation, 'update')
  const row = await openRise(tx, id)
  const now = context.clock.now()
  const before = await signaturesOf(tx, id)
  if (before.some((one) => one.as === side))
    throw refuse('already-signed', { faults: [{ path: 'side', message: side }] })
  if (before.some((one) => one.by === context.actor.id)) throw refuse('one-person-signed-twice')
  await tx.run({
    text: 'insert into automation_signature (tenant_id, rise, side, account, name, at) values ($1, $2, $3, $4, $5, $6)',
    values: [tx.tenant, id, side, context.actor.id, context.actor.name, new Date(now)],
  })
  const { version } = row
  const scope = readScope(row.scope)
  const to = readLevel(row.level)
  await tellEvent(tx, context, { automation, version, kind: 'rise-signed', data: { rise: id, side, to } })
  const standings = await readStandings(tx, automation, version)
  const rise: Rise = {
    scope,
    to,
    signatures: await signaturesOf(tx, id),
    evidence: await evidenceFor(tx, { ...row, scope, level: to }),
    drill: await drillFor(tx, { automation, version, scope }),
  }
  const refusal = refusalOf(standings, rise, now)
  // The other side has yet to sign.
  if (refusal === 'clinical-signature-missing' || refusal === 'technical-signature-missing')
    return { automation, version, risen: false }
  if (refusal !== undefined) throw refuse(refusal)
  await writeStandings(tx, automation, version, raised(standings, { scope, to }), now)
  await endRise(tx, id, 'done')
  await tellEvent(tx, context, {
    automation,
    version,
    kind: 'risen',
    data: { rise: id, scope, to, evidence: row.evidence },
  })
  return { automation, version, risen: true }
}

const endRise = (tx: Tx, id: string, status: 'done' | 'dropped') =>
  tx.run({
    text: 'update automation_rise set status = $3 where tenant_id = $1 and id = $2',
    values: [tx.tenant, id, status],
  })

/** Takes a request back, with the signatures it has. */
export async function dropRise(tx: Tx, context: CallContext, id: string): Promise<{ automation: string }> {
  const { automation, version } = await openRise(tx, id)
  await lockHead(tx, automation, 'update')
  await openRise(tx, id)
  await endRise(tx, id, 'dropped')
  await tellEvent(tx, context, { automation, version, kind: 'rise-dropped', data: { rise: id } })
  return { automation }
}
