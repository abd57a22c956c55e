import type { z } from 'zod'
import { recordAccess } from '../audit/index.ts'
import type { Client, identity } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { type CallContext, type Fault, newId, newSecret, parseScope } from '../kernel/index.ts'
import { refuse } from './errors.ts'
import { endGrantsOf } from './grants.ts'
import { forgetCallers } from './recent-callers.ts'
import { sha256 } from './tickets.ts'

export type ClientGiven = z.infer<typeof identity.clientGiven>
export type ClientChange = z.infer<typeof identity.clientChange>

/** Words of `scope` that are about the launch and the person, and not over resources. */
export const wordScopes: readonly string[] = [
  'openid',
  'fhirUser',
  'profile',
  'launch',
  'launch/patient',
  'launch/encounter',
  'online_access',
  'offline_access',
]

const loopbacks = new Set(['localhost', '127.0.0.1', '[::1]'])

/** https, or http on this machine; `native`: also a scheme of the app's own, with a dot in it (RFC 8252, 7.1). */
function faultOfAddress(text: string, { native }: { native: boolean }): string | undefined {
  if (!URL.canParse(text)) return 'is not an absolute address'
  const url = new URL(text)
  if (url.hash !== '' || text.includes('#')) return 'has a fragment'
  if (url.username !== '' || url.password !== '') return 'carries a name or a password'
  if (url.protocol === 'https:') return undefined
  if (url.protocol === 'http:') return loopbacks.has(url.hostname) ? undefined : 'is neither https nor on this machine'
  return native && /^[a-z][a-z0-9+-]*\.[a-z0-9.+-]+:$/.test(url.protocol) ? undefined : 'is not https'
}

type Asked = Omit<ClientGiven, 'authentication'> & { authentication: Client['authentication'] }

const secretParts = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']

/** Everything that is wrong with a registration, each with its path. */
function faultsOf(asked: Asked): Fault[] {
  const faults: Fault[] = []
  const say = (path: string, message: string | undefined) => {
    if (message !== undefined) faults.push({ path, message })
  }
  asked.redirectUris.forEach((text, index) =>
    say(`redirectUris.${index}`, faultOfAddress(text, { native: asked.kind === 'public' })),
  )
  if (asked.kind === 'backend' && asked.redirectUris.length > 0) say('redirectUris', 'a backend client has none')
  if (asked.kind !== 'backend' && asked.redirectUris.length === 0) say('redirectUris', 'at least one is needed')
  if (asked.launchUri !== null) say('launchUri', faultOfAddress(asked.launchUri, { native: false }))
  if (asked.kind !== 'backend' && asked.roles.length > 0) say('roles', 'only a backend client has roles of its own')
  if (asked.kind === 'backend' && asked.roles.length === 0)
    say('roles', 'a backend client may do nothing without a role')
  const signs = asked.authentication === 'private-key'
  if (signs && (asked.jwks === null) === (asked.jwksUri === null)) say('jwks', 'give either jwks or jwksUri')
  if (!signs && (asked.jwks !== null || asked.jwksUri !== null)) say('jwks', 'only a client that signs has keys')
  if (asked.jwksUri !== null) say('jwksUri', faultOfAddress(asked.jwksUri, { native: false }))
  asked.jwks?.keys.forEach((key, index) => {
    if (key.kty !== 'RSA' && key.kty !== 'EC') say(`jwks.keys.${index}.kty`, 'is neither RSA nor EC')
    const private_ = secretParts.find((part) => key[part] !== undefined)
    if (private_ !== undefined) say(`jwks.keys.${index}.${private_}`, 'is the private part: keep it to yourself')
  })
  asked.scope.split(/\s+/).forEach((word, index) => {
    const scope = parseScope(word)
    if (!scope && !wordScopes.includes(word)) say(`scope.${index}`, `${word.slice(0, 80)} is no scope`)
    if (scope && (scope.level === 'system') !== (asked.kind === 'backend'))
      say(`scope.${index}`, `${word.slice(0, 80)} is not for this kind of client`)
    if (!scope && wordScopes.includes(word) && asked.kind === 'backend') say(`scope.${index}`, `${word} needs a person`)
  })
  return faults
}

const refuseFaulty = (asked: Asked): void => {
  const faults = faultsOf(asked)
  if (faults.length > 0) throw refuse('client-invalid', { faults })
}

/** Registers an application; its secret, if it has one, is told this once. */
export async function registerClient(
  tx: Tx,
  context: CallContext,
  given: ClientGiven,
): Promise<{ id: string; secret: string | null }> {
  const authentication =
    given.kind === 'public' ? 'none' : given.kind === 'backend' ? 'private-key' : (given.authentication ?? 'secret')
  refuseFaulty({ ...given, authentication })
  const id = newId(context.clock)
  const secret = authentication === 'secret' ? newSecret() : null
  await tx.run({
    text: `insert into oauth_client (tenant_id, id, name, kind, authentication, secret_hash, redirect_uris, launch_uri, scope, roles, jwks_uri, jwks, trusted, introspects, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    values: [
      tx.tenant,
      id,
      given.name,
      given.kind,
      authentication,
      secret === null ? null : sha256(secret),
      given.redirectUris,
      given.launchUri,
      given.scope.split(/\s+/).join(' '),
      given.roles,
      given.jwksUri,
      given.jwks === null ? null : JSON.stringify(given.jwks),
      given.trusted,
      given.introspects,
      new Date(context.clock.now()),
    ],
  })
  await recordAccess(tx, context, [
    { action: 'C', code: 'client-registered', entities: [], about: [{ kind: 'client', id }] },
  ])
  return { id, secret }
}

interface Row extends Omit<Client, 'createdAt' | 'usedAt'> {
  created_at: Date
  used_at: Date | null
  secret_hash: string | null
}
const columns = `id, name, kind, authentication, redirect_uris as "redirectUris", launch_uri as "launchUri", scope, roles,
  jwks_uri as "jwksUri", jwks, trusted, introspects, disabled, created_at, used_at, secret_hash`

const shown = ({ created_at, used_at, secret_hash: _, ...row }: Row): Client => ({
  ...row,
  createdAt: created_at.toISOString(),
  usedAt: used_at?.toISOString() ?? null,
})

export async function listClients(tx: Tx): Promise<Client[]> {
  const rows = await tx.query<Row>({
    text: `select ${columns} from oauth_client where tenant_id = $1 order by name, id limit 500`,
    values: [tx.tenant],
  })
  return rows.map(shown)
}

/** A client with the hash of its secret, for the authorization server. */
export async function findClient(tx: Tx, id: string): Promise<(Client & { secretHash: string | null }) | undefined> {
  const [row] = await tx.query<Row>({
    text: `select ${columns} from oauth_client where tenant_id = $1 and id = $2`,
    values: [tx.tenant, id],
  })
  return row && { ...shown(row), secretHash: row.secret_hash }
}

export async function readClient(tx: Tx, id: string): Promise<Client> {
  const found = await findClient(tx, id)
  if (!found) throw refuse('client-not-found', { faults: [{ path: 'id', message: 'no application has this id' }] })
  const { secretHash: _, ...client } = found
  return client
}

/** Changes a registration. To disable a client ends what it was granted; its scopes, cut back, hold for new grants. */
export async function changeClient(tx: Tx, context: CallContext, id: string, change: ClientChange): Promise<void> {
  const before = await readClient(tx, id)
  const { disabled = before.disabled, ...rest } = change
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  const after = { ...before, ...given, jwks: change.jwks === undefined ? before.jwks : change.jwks } as Asked
  refuseFaulty(after)
  await tx.run({
    text: `update oauth_client set name = $3, redirect_uris = $4, launch_uri = $5, scope = $6, roles = $7, jwks_uri = $8, jwks = $9,
             trusted = $10, introspects = $11, disabled = $12 where tenant_id = $1 and id = $2`,
    values: [
      tx.tenant,
      id,
      after.name,
      after.redirectUris,
      after.launchUri,
      after.scope.split(/\s+/).join(' '),
      after.roles,
      after.jwksUri,
      after.jwks === null ? null : JSON.stringify(after.jwks),
      after.trusted,
      after.introspects,
      disabled,
    ],
  })
  forgetCallers(tx)
  if (disabled && !before.disabled) await endClient(tx, context, id)
  await recordAccess(tx, context, [
    { action: 'U', code: 'client-changed', entities: [], about: [{ kind: 'client', id }] },
  ])
}

/** Ends everything that was issued to a client. */
async function endClient(tx: Tx, context: CallContext, id: string): Promise<void> {
  await endGrantsOf(tx, context, { client: id })
  await tx.run({
    text: `delete from oauth_artifact where tenant_id = $1 and kind = 'ClientCredentials' and payload ->> 'clientId' = $2`,
    values: [tx.tenant, id],
  })
}

/** A new secret in place of the one before, told this once. What was issued before goes on. */
export async function renewSecret(tx: Tx, context: CallContext, id: string): Promise<{ id: string; secret: string }> {
  const client = await readClient(tx, id)
  if (client.authentication !== 'secret')
    throw refuse('client-invalid', { faults: [{ path: 'authentication', message: 'this client has no secret' }] })
  const secret = newSecret()
  await tx.run({
    text: 'update oauth_client set secret_hash = $3 where tenant_id = $1 and id = $2',
    values: [tx.tenant, id, sha256(secret)],
  })
  await recordAccess(tx, context, [
    { action: 'U', code: 'client-secret-renewed', entities: [], about: [{ kind: 'client', id }] },
  ])
  return { id, secret }
}
