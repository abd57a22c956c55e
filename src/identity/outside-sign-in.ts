import * as oidc from 'openid-client'
import { recordAccess } from '../audit/index.ts'
import type { Database, Tx } from '../db/index.ts'
import { type CallContext, newSecret } from '../kernel/index.ts'
import { createAccount, foldEmail, readAccount, type StoredAccount } from './accounts.ts'
import { refuse } from './errors.ts'
import { takeTries, tries } from './gate.ts'
import { type OutsideProvider, readProvider, secretOf } from './providers.ts'
import type { Vault } from './vault.ts'
import { beginSession } from './sessions.ts'
import type { Cookie } from './sign-in.ts'
import { giveTicket, takeTicket } from './tickets.ts'

interface Begun {
  provider: string
  state: string
  nonce: string
  verifier: string
  onward: string | null
}

const loopbacks = new Set(['localhost', '127.0.0.1', '[::1]'])

/** What the provider says of itself (OpenID Connect Discovery). Plain http only on this machine. */
async function discover(provider: OutsideProvider, secret: string | undefined): Promise<oidc.Configuration> {
  const issuer = new URL(provider.issuer)
  const plain = issuer.protocol === 'http:' && loopbacks.has(issuer.hostname)
  try {
    return await oidc.discovery(
      issuer,
      provider.clientId,
      undefined,
      secret === undefined ? oidc.None() : oidc.ClientSecretBasic(secret),
      {
        timeout: 10,
        ...(plain ? { execute: [oidc.allowInsecureRequests] } : {}),
      },
    )
  } catch (cause) {
    throw refuse('provider-unusable', {
      faults: [{ path: 'issuer', message: 'does not answer as an OpenID provider' }],
      cause,
    })
  }
}

/** Refuses a provider that cannot be reached or is none, before it is kept. */
export const tryProvider = async (given: Pick<OutsideProvider, 'issuer' | 'clientId'>): Promise<void> => {
  if (!URL.canParse(given.issuer))
    throw refuse('provider-unusable', { faults: [{ path: 'issuer', message: 'is not an absolute address' }] })
  await discover({ ...given } as OutsideProvider, undefined)
}

async function open(database: Database, context: CallContext, vault: Vault, id: string) {
  const { provider, secret } = await database.transaction(context.tenant, async (tx) => {
    const found = await readProvider(tx, id)
    return { provider: found, secret: secretOf(tx, vault, found) }
  })
  if (provider.disabled) throw refuse('provider-not-found')
  return { provider, configuration: await discover(provider, secret) }
}

/** Begins a sign-in at an outside provider: where to send the browser, and the ticket that its cookie keeps. */
export async function beginOutside(
  database: Database,
  context: CallContext,
  vault: Vault,
  { id, callback, onward }: { id: string; callback: string; onward: string | null },
): Promise<{ address: string; ticket: string }> {
  const { configuration } = await open(database, context, vault, id)
  const begun: Begun = {
    provider: id,
    state: newSecret(),
    nonce: newSecret(),
    verifier: oidc.randomPKCECodeVerifier(),
    onward,
  }
  const address = oidc.buildAuthorizationUrl(configuration, {
    redirect_uri: callback,
    scope: 'openid email profile',
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(begun.verifier),
    code_challenge_method: 'S256',
  })
  const ticket = await database.transaction(context.tenant, (tx) =>
    giveTicket(tx, context, 'outside', { account: null, data: begun }),
  )
  return { address: address.href, ticket }
}

/** Ends a sign-in at an outside provider: `url` is the whole address that the browser came back to. */
export async function finishOutside(
  database: Database,
  context: CallContext,
  vault: Vault,
  given: { ticket: string; url: URL; userAgent: string },
): Promise<Cookie & { onward: string | null }> {
  const { tenant } = context
  await database.transaction(tenant, (tx) => takeTries(tx, context, [tries.address(context.address ?? '')]))
  const { data } = await database.transaction(tenant, (tx) => takeTicket<Begun>(tx, context, 'outside', given.ticket))
  const { provider, configuration } = await open(database, context, vault, data.provider)
  const tokens = await oidc
    .authorizationCodeGrant(configuration, given.url, {
      pkceCodeVerifier: data.verifier,
      expectedState: data.state,
      expectedNonce: data.nonce,
      idTokenExpected: true,
    })
    .catch((cause: unknown) => {
      throw refuse('provider-refused', { cause })
    })
  const claims = tokens.claims()
  if (!claims) throw refuse('provider-refused')
  const account = await database.transaction(tenant, (tx) =>
    accountFor(tx, context, provider, {
      subject: claims.sub,
      // Only an address that the provider has verified says who somebody is.
      email: claims['email_verified'] === true && typeof claims['email'] === 'string' ? claims['email'] : undefined,
      name: typeof claims['name'] === 'string' ? claims['name'] : undefined,
    }),
  )
  if (!account || account.disabled) throw refuse('account-unknown-there')
  const cookie = await database.transaction(tenant, (tx) =>
    beginSession(tx, context, account, { way: 'provider', userAgent: given.userAgent }),
  )
  return { ...cookie, onward: data.onward }
}

/** The account that an outside identity stands for: linked before, or by its verified e-mail, or made if the provider may. */
async function accountFor(
  tx: Tx,
  context: CallContext,
  provider: OutsideProvider,
  who: { subject: string; email: string | undefined; name: string | undefined },
): Promise<StoredAccount | undefined> {
  const [known] = await tx.query<{ account: string }>({
    text: 'select account from outside_identity where tenant_id = $1 and provider = $2 and subject = $3',
    values: [tx.tenant, provider.id, who.subject],
  })
  if (known) return readAccount(tx, { id: known.account })
  if (who.email === undefined) return undefined
  let account = provider.linkByEmail ? await readAccount(tx, { email: who.email }) : undefined
  if (!account && provider.createWithRoles !== null && !(await readAccount(tx, { email: who.email }))) {
    const email = foldEmail(who.email)
    const id = await createAccount(tx, context, { email, name: who.name ?? email, roles: provider.createWithRoles })
    account = await readAccount(tx, { id })
  }
  if (!account || account.disabled) return account
  // An address that was given to somebody else there must not open the account of the one who had it before.
  const linked = await tx.query({
    text: 'select 1 from outside_identity where tenant_id = $1 and provider = $2 and account = $3',
    values: [tx.tenant, provider.id, account.id],
  })
  if (linked.length > 0) return undefined
  await tx.run({
    text: 'insert into outside_identity (tenant_id, provider, subject, account, linked_at) values ($1, $2, $3, $4, $5)',
    values: [tx.tenant, provider.id, who.subject, account.id, new Date(context.clock.now())],
  })
  await recordAccess(tx, context, [
    {
      action: 'C',
      code: 'provider-linked',
      entities: [],
      about: [
        { kind: 'provider', id: provider.id },
        { kind: 'account', id: account.id },
      ],
    },
  ])
  return account
}
