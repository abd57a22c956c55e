import type { z } from 'zod'
import { recordAccess } from '../audit/index.ts'
import type { identity } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'

export type Policy = z.infer<typeof identity.signInPolicy>

/** Of a tenant that has said nothing. */
const usual: Policy = { secondFactor: 'optional', idleMinutes: 60, absoluteHours: 12 }

export async function readPolicy(tx: Tx): Promise<Policy> {
  const [row] = await tx.query<Policy>({
    text: 'select second_factor as "secondFactor", idle_minutes as "idleMinutes", absolute_hours as "absoluteHours" from sign_in_policy where tenant_id = $1',
    values: [tx.tenant],
  })
  return row ?? usual
}

/**
 * Sets the policy. When it comes to demand a second factor, sessions that began with a password alone may from then on set
 * one up and nothing else, so that nobody keeps working under the old rule.
 */
export async function setPolicy(tx: Tx, context: CallContext, policy: Policy): Promise<void> {
  await tx.run({
    text: `insert into sign_in_policy (tenant_id, second_factor, idle_minutes, absolute_hours) values ($1, $2, $3, $4)
           on conflict (tenant_id) do update set second_factor = $2, idle_minutes = $3, absolute_hours = $4`,
    values: [tx.tenant, policy.secondFactor, policy.idleMinutes, policy.absoluteHours],
  })
  await tx.run({
    text: `update session set only_set_up = $2 where tenant_id = $1 and way = 'password'`,
    values: [tx.tenant, policy.secondFactor === 'required'],
  })
  await recordAccess(tx, context, [{ action: 'U', code: 'sign-in-policy-changed', entities: [] }])
}
