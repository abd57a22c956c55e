import type { Tx } from '../db/index.ts'
import { type CallContext, createRecent, type SmartScope } from '../kernel/index.ts'
import type { ReadShapes, Shapes } from './consent-store.ts'
import type { Policies } from './policies.ts'
import { type Policy, type Purpose, purposeCodes, purposes } from './policy.ts'
import { refuse } from './errors.ts'
import { factsForm } from './store-facts.ts'

/** Who calls and all that is known of them, as of one moment. */
export interface Caller {
  tenant: string
  now: Date
  id: string
  kind: 'account' | 'client'
  roles: readonly string[]
  /** Every reference they answer to: their own, their PractitionerRoles, organisations and care teams. */
  who: readonly string[]
  /** Whether anybody says that they are a patient here, or a patient's family. */
  kin: boolean
  purpose: Purpose
  policy: Policy | undefined
  /** Whether the facts that rules go by are whole in this tenant. */
  built: boolean
  /** `Patient/…` whose record is open to them in an emergency. */
  glass: readonly string[]
  shapes: Shapes
  scopes: readonly SmartScope[] | undefined
  /** The patient of a SMART launch. */
  launched: string | undefined
}

export function purposeFor(policy: Policy | undefined, roles: readonly string[], claimed: string | undefined): Purpose {
  if (claimed !== undefined) {
    const known = purposes.find((one) => one === claimed || purposeCodes[one] === claimed.toUpperCase())
    if (!known)
      throw refuse('purpose-unknown', {
        faults: [{ path: 'headers.x-purpose-of-use', message: `is none of ${purposes.join(', ')}` }],
      })
    return known
  }
  const byRole = roles.map((role) => policy?.purpose.roles?.[role]).find((purpose) => purpose !== undefined)
  return byRole ?? policy?.purpose.otherwise ?? 'treatment'
}

interface Facts {
  policy: number | null
  built: number | null
  stands_for: string[] | null
  glass: string[] | null
  kin: boolean
  shapes: number
  newest: string | null
}

const recentFacts = createRecent<Facts>(1_000)

const changing = new WeakSet<Tx>()

/** With this transaction's commit nothing counts that was known of callers before; inside it, nothing from now on. */
export function forgetCallerFacts(tx: Tx): void {
  changing.add(tx)
  tx.afterCommit(recentFacts.forget)
}

/**
 * Everything in one round trip, or none where `recent` will do; undefined for the engine and the program itself, which no
 * policy binds. `recent`: what is known may be a second old, for those who look; never for those who change.
 */
export async function readCaller(
  tx: Tx,
  context: CallContext,
  dependencies: { policies: Policies; shapes: ReadShapes; recent?: boolean },
): Promise<Caller | undefined> {
  const { actor } = context
  if (actor.kind !== 'account' && actor.kind !== 'client') return undefined
  const now = new Date(context.clock.now())
  const ask = () => readFacts(tx, actor.reference ?? '', actor.id, now)
  const key = `${tx.tenant} ${actor.id} ${actor.reference ?? ''}`
  const row = await (dependencies.recent === true && !changing.has(tx)
    ? recentFacts.get(key, now.getTime(), ask)
    : ask())
  const active =
    row?.policy === null || row === undefined ? undefined : await dependencies.policies.version(tx, row.policy)
  const { patient } = actor
  return {
    tenant: tx.tenant,
    now,
    id: actor.id,
    kind: actor.kind,
    roles: actor.roles,
    who: [...new Set([...(actor.reference === undefined ? [] : [actor.reference]), ...(row?.stands_for ?? [])])],
    kin: row?.kin ?? true,
    purpose: purposeFor(active?.policy, actor.roles, context.purpose),
    policy: active?.policy,
    built: row?.built === factsForm,
    glass: row?.glass ?? [],
    shapes: await dependencies.shapes(tx, row?.shapes ?? 0, row?.newest ?? null),
    scopes: actor.scopes,
    launched: patient,
  }
}

async function readFacts(tx: Tx, reference: string, account: string, now: Date): Promise<Facts | undefined> {
  const [row] = await tx.query<Facts>({
    name: 'access-caller',
    text: `
      select (select max(version) from access_policy where tenant_id = $1) as policy,
        (select built from access_state where tenant_id = $1) as built,
        (select array_agg(stands_for) from access_member where tenant_id = $1 and member = $2 and (until is null or until > $4)) as stands_for,
        (select array_agg(patient) from access_glass where tenant_id = $1 and account = $3 and until > $4 and ended_at is null) as glass,
        exists (select from access_relation where tenant_id = $1 and kind in ('self', 'kin')
          and (who = $2 or who in (select stands_for from access_member where tenant_id = $1 and member = $2))) as kin,
        s.count as shapes, s.newest
      from (select count(*)::int as count, max(seq) as newest from access_shape where tenant_id = $1) s`,
    values: [tx.tenant, reference, account, now],
  })
  return row
}
