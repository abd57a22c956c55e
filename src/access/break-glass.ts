import { recordAccess } from '../audit/index.ts'
import type { AllGlass, MyGlass } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { type CallContext, newId } from '../kernel/index.ts'
import { forgetCallerFacts } from './caller.ts'
import { refuse } from './errors.ts'
import type { Guard, Sight } from './guard.ts'

/** Why somebody opens a record that is closed to them. */
export const glassReasons = [
  { code: 'emergency', title: { en: 'Medical emergency', fr: 'Urgence médicale' } },
  { code: 'unconscious', title: { en: 'The patient cannot consent', fr: 'Le patient ne peut pas consentir' } },
  { code: 'public-safety', title: { en: 'Danger to others', fr: 'Danger pour autrui' } },
  { code: 'covering', title: { en: 'Covering for a colleague', fr: 'Remplacement d’un collègue' } },
] as const

export interface BreakGlassDependencies {
  guard: Guard
  /** Throws unless the person has proved anew, a moment ago, that it is them. */
  refuseUnconfirmed(tx: Tx, context: CallContext): Promise<void>
  /** Whether a patient exists and this sight reaches them. */
  sees(tx: Tx, sight: Sight, patient: string): Promise<boolean>
  /** Asks a supervisor for a review and tells all of them at once; the id of the Task. */
  askReview(
    tx: Tx,
    context: CallContext,
    asked: { glass: string; patient: string; supervisor: string; due: number; reason: { en: string; fr: string } },
  ): Promise<string>
  /** Names by reference, of those that exist. */
  names(tx: Tx, patients: readonly string[]): Promise<ReadonlyMap<string, string>>
}

interface GlassRow {
  id: string
  account: string
  account_name: string
  patient: string
  reason: string
  note: string
  started_at: Date
  until: Date
  ended_at: Date | null
  task: string
}
const columns = 'id, account, account_name, patient, reason, note, started_at, until, ended_at, task'

/**
 * Opens one patient's record to one person for the policy's minutes. It is granted only if it opens the patient: where a
 * rule or a consent holds against emergencies too, nothing is written, and the answer is that for a patient who does not
 * exist.
 */
export async function openGlass(
  tx: Tx,
  context: CallContext,
  dependencies: BreakGlassDependencies,
  asked: { patient: string; reason: string; note: string },
): Promise<MyGlass['items'][number]> {
  const { guard } = dependencies
  const reason = glassReasons.find(({ code }) => code === asked.reason)
  if (!reason)
    throw refuse('glass-reason-unknown', {
      faults: [{ path: 'body.reason', message: `is none of ${glassReasons.map(({ code }) => code).join(', ')}` }],
    })
  const caller = await guard.caller(tx, context)
  const rules = caller?.policy?.['break-glass']
  if (caller?.kind !== 'account' || !rules || !caller.roles.some((role) => rules.roles.includes(role)))
    throw refuse('glass-not-for-role')
  await dependencies.refuseUnconfirmed(tx, context)
  // One at a time: two clicks make one opening and one review.
  await tx.run({
    text: `select pg_advisory_xact_lock(hashtextextended($1, 0))`,
    values: [`glass ${tx.tenant} ${caller.id} ${asked.patient}`],
  })
  const supposed = guard.sightOf({ ...caller, glass: [...caller.glass, asked.patient] })
  if (!(await dependencies.sees(tx, supposed, asked.patient)))
    throw refuse('glass-refused', { faults: [{ path: 'body.patient', message: 'cannot be opened' }] })
  const [open] = await tx.query<GlassRow>({
    text: `select ${columns} from access_glass where tenant_id = $1 and account = $2 and patient = $3 and until > $4 and ended_at is null`,
    values: [tx.tenant, caller.id, asked.patient, caller.now],
  })
  const keep = (action: 'E' | 'R', id: string) =>
    recordAccess(tx, context, [
      {
        action,
        code: 'break-glass',
        entities: [asked.patient],
        patients: [asked.patient],
        about: [{ kind: 'break-glass', id }],
      },
    ])
  if (open) {
    await keep('R', open.id)
    return (await shown(tx, dependencies, [open]))[0] ?? unreachable()
  }
  const now = caller.now.getTime()
  const id = newId(context.clock)
  const row: GlassRow = {
    id,
    account: caller.id,
    account_name: context.actor.name,
    patient: asked.patient,
    reason: reason.code,
    note: asked.note,
    started_at: caller.now,
    until: new Date(now + rules.minutes * 60_000),
    ended_at: null,
    task: await dependencies.askReview(tx, context, {
      glass: id,
      patient: asked.patient,
      supervisor: rules.supervisor,
      due: now + rules['review-hours'] * 3_600_000,
      reason: reason.title,
    }),
  }
  forgetCallerFacts(tx)
  await tx.run({
    text: `insert into access_glass (tenant_id, ${columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    values: [
      tx.tenant,
      row.id,
      row.account,
      row.account_name,
      row.patient,
      row.reason,
      row.note,
      row.started_at,
      row.until,
      row.ended_at,
      row.task,
    ],
  })
  await keep('E', row.id)
  return (await shown(tx, dependencies, [row]))[0] ?? unreachable()
}

function unreachable(): never {
  throw new TypeError('one row gives one')
}

async function shown(
  tx: Tx,
  { names }: Pick<BreakGlassDependencies, 'names'>,
  rows: readonly GlassRow[],
): Promise<MyGlass['items']> {
  const known = await names(
    tx,
    rows.map((row) => row.patient),
  )
  return rows.map((row) => ({
    id: row.id,
    patient: { reference: row.patient, name: known.get(row.patient) ?? row.patient },
    reason: row.reason,
    note: row.note,
    startedAt: row.started_at.toISOString(),
    until: row.until.toISOString(),
  }))
}

/** What is open to the caller now. */
export async function myGlass(
  tx: Tx,
  context: CallContext,
  dependencies: Pick<BreakGlassDependencies, 'names'>,
): Promise<MyGlass> {
  const now = new Date(context.clock.now())
  const rows = await tx.query<GlassRow>({
    text: `select ${columns} from access_glass where tenant_id = $1 and account = $2 and until > $3 and ended_at is null order by until`,
    values: [tx.tenant, context.actor.id, now],
  })
  return { items: await shown(tx, dependencies, rows), now: now.toISOString() }
}

/** Ends an opening early; only its own person may. */
export async function endGlass(tx: Tx, context: CallContext, id: string): Promise<void> {
  const [ended] = await tx.query<{ patient: string }>({
    text: `update access_glass set ended_at = $4 where tenant_id = $1 and id = $2 and account = $3 and until > $4 and ended_at is null returning patient`,
    values: [tx.tenant, id, context.actor.id, new Date(context.clock.now())],
  })
  forgetCallerFacts(tx)
  if (!ended)
    throw refuse('glass-not-found', { faults: [{ path: 'params.id', message: 'nothing is open by this id' }] })
  await recordAccess(tx, context, [
    { action: 'E', code: 'break-glass-ended', entities: [ended.patient], about: [{ kind: 'break-glass', id }] },
  ])
}

const page = 50

/** Every opening, newest first, a page at a time. */
export async function allGlass(
  tx: Tx,
  dependencies: Pick<BreakGlassDependencies, 'names'>,
  after: string | undefined,
): Promise<AllGlass> {
  const [at = '', last = ''] = after?.split(' ') ?? []
  const before = Number.isNaN(Date.parse(at)) ? null : new Date(at)
  const rows = await tx.query<GlassRow>({
    text: `select ${columns} from access_glass where tenant_id = $1 and ($2::timestamptz is null or (started_at, id) < ($2, $3))
           order by started_at desc, id desc limit ${page + 1}`,
    values: [tx.tenant, before, last],
  })
  const some = rows.slice(0, page)
  const items = await shown(tx, dependencies, some)
  const end = some.at(-1)
  return {
    items: items.map((item, index) => {
      const row = some[index]
      return {
        ...item,
        account: { id: row?.account ?? '', name: row?.account_name ?? '' },
        endedAt: row?.ended_at?.toISOString() ?? null,
        task: row?.task ?? '',
      }
    }),
    next: rows.length > page && end ? `${end.started_at.toISOString()} ${end.id}` : null,
  }
}
