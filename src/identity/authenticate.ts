import type { Database } from '../db/index.ts'
import { type Clock, type TenantId, tenantId } from '../kernel/index.ts'
import { callerOfAccessToken } from './access-tokens.ts'
import { recentCallers } from './recent-callers.ts'
import { type Caller, callerOfSession } from './sessions.ts'
import { callerOfToken } from './tokens.ts'

function split(text: string, separator: string): { tenant: TenantId; secret: string } | undefined {
  const cut = text.indexOf(separator)
  try {
    return { tenant: tenantId(text.slice(0, cut)), secret: text.slice(cut + 1) }
  } catch {
    return undefined
  }
}

/**
 * Who a call comes from; undefined when neither the cookie nor the token is good any more. A bearer token is a program's own
 * (`tl_tenant_secret`) or one that the authorization server issued (`tls_tenant_secret`).
 */
export async function authenticate(
  database: Database,
  clock: Clock,
  given: { cookie: string | undefined; authorization: string | undefined; extend?: boolean },
): Promise<Caller | undefined> {
  if (given.authorization !== undefined) {
    const [, kind, token] = /^Bearer (tls?)_(.+)$/i.exec(given.authorization) ?? []
    const bearer = token === undefined ? undefined : split(token, '_')
    return (
      bearer &&
      recentCallers.get(given.authorization, clock.now(), () =>
        database.reading(bearer.tenant, (tx) =>
          kind === 'tls' ? callerOfAccessToken(tx, clock, bearer.secret) : callerOfToken(tx, clock, bearer.secret),
        ),
      )
    )
  }
  const session = given.cookie === undefined ? undefined : split(given.cookie, '.')
  return (
    session &&
    database.transaction(session.tenant, (tx) =>
      callerOfSession(tx, clock, session.secret, { extend: given.extend ?? true }),
    )
  )
}
