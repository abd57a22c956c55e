import type { Tx } from '../db/index.ts'
import { type Clock, parseScopes } from '../kernel/index.ts'
import { type Account, actorOf } from './accounts.ts'
import type { Caller } from './sessions.ts'
import { sha256 } from './tickets.ts'

/** What an access token is called in full: kinds of artifact that open the API. */
export const accessTokenKinds = ['AccessToken', 'ClientCredentials'] as const

export const accessTokenOf = (tenant: string, secret: string): string => `tls_${tenant}_${secret}`

type Row = { kind: string; scope: string | null; client: string; client_name: string; client_roles: string[] } & (
  | ({ account: string; patient: string | null } & Omit<Account, 'id'>)
  | { account: null }
)

/**
 * Who an access token of the authorization server speaks for: a person, through an application, within the scopes they
 * granted; or an application for itself. Nobody once the application, the account or the grant is gone.
 */
export async function callerOfAccessToken(tx: Tx, clock: Clock, secret: string): Promise<Caller | undefined> {
  const [row] = await tx.query<Row>({
    name: 'access-token',
    text: `select t.kind, t.payload ->> 'scope' as scope, c.id as client, c.name as client_name, c.roles as client_roles,
             a.id as account, a.name, a.email, a.roles, a.practitioner, a.locale, a.disabled, g.patient
           from oauth_artifact t
           join oauth_client c on c.tenant_id = t.tenant_id and c.id = t.payload ->> 'clientId' and not c.disabled
           left join oauth_grant g on g.tenant_id = t.tenant_id and g.id = t.grant_id
           left join account a on a.tenant_id = t.tenant_id and a.id = g.account and not a.disabled
           where t.tenant_id = $1 and t.kind = any($2) and t.hash = $3 and t.expires_at > $4`,
    values: [tx.tenant, accessTokenKinds, sha256(accessTokenOf(tx.tenant, secret)), new Date(clock.now())],
  })
  if (!row) return undefined
  const scopes = parseScopes(row.scope ?? '')
  if (row.kind === 'ClientCredentials')
    return {
      tenant: tx.tenant,
      // A program has no person behind it, whatever else its token says.
      actor: {
        kind: 'client',
        id: row.client,
        name: row.client_name,
        roles: row.client_roles,
        clientId: row.client,
        scopes: scopes.filter(({ level }) => level === 'system'),
      },
      locale: 'en',
      session: undefined,
    }
  if (row.account === null) return undefined
  return {
    tenant: tx.tenant,
    actor: {
      ...actorOf({ ...row, id: row.account }),
      clientId: row.client,
      scopes: scopes.filter(({ level }) => level !== 'system'),
      ...(row.patient === null ? {} : { patient: row.patient }),
    },
    locale: row.locale,
    session: undefined,
  }
}
