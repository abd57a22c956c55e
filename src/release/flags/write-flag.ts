import type { Flag } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { scopeText } from '../ladder/standings.ts'

/** The moment at which a day is over, in UTC. */
const endOf = (day: string) => new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000)

/** Puts a flag into the store, or brings it up to date. */
export async function writeFlag(tx: Tx, context: CallContext, key: string, flag: Flag): Promise<void> {
  await tx.run({
    text: `insert into automation_flag (tenant_id, key, automation, owner, clinical_owner, allows, scope, expires_at, retire_at, retirement_test, changed_at, changed_by)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
           on conflict (tenant_id, key) do update set automation = excluded.automation, owner = excluded.owner, clinical_owner = excluded.clinical_owner,
             allows = excluded.allows, scope = excluded.scope, expires_at = excluded.expires_at, retire_at = excluded.retire_at,
             retirement_test = excluded.retirement_test, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
    values: [
      tx.tenant,
      key,
      flag.automation,
      flag.owner,
      flag.clinicalOwner,
      flag.allows,
      scopeText(JSON.parse(JSON.stringify(flag.scope))),
      endOf(flag.expires),
      endOf(flag.retires),
      flag.retirementTest,
      new Date(context.clock.now()),
      context.actor.name,
    ],
  })
}
