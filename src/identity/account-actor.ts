import type { Tx } from '../db/index.ts'
import type { Actor } from '../kernel/index.ts'

/** An account as it would act; undefined when there is none of this id, or it is disabled. */
export async function actorOfAccount(tx: Tx, id: string): Promise<Actor | undefined> {
  const [row] = await tx.query<{ name: string; roles: string[]; practitioner: string | null }>({
    text: 'select name, roles, practitioner from account where tenant_id = $1 and id = $2 and not disabled',
    values: [tx.tenant, id],
  })
  return (
    row && {
      kind: 'account',
      id,
      name: row.name,
      roles: row.roles,
      ...(row.practitioner === null ? {} : { reference: row.practitioner }),
    }
  )
}

/** `Practitioner/…` of everybody who has a role and an account that is not disabled. */
export async function practitionersWith(tx: Tx, role: string): Promise<string[]> {
  const rows = await tx.query<{ practitioner: string }>({
    text: 'select distinct practitioner from account where tenant_id = $1 and $2 = any (roles) and practitioner is not null and not disabled order by 1',
    values: [tx.tenant, role],
  })
  return rows.map((row) => row.practitioner)
}
