import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { recordAccess } from '../audit/index.ts'
import type { PasskeyAsked } from '../contracts/index.ts'
import type { Database, Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import { myAccountOf, readAccount } from './accounts.ts'
import { refuse } from './errors.ts'
import { giveBack } from './gate.ts'
import { countPasskeys, keepPasskey, listPasskeys, notePasskeyUse, type Passkey, readPasskey } from './passkey-store.ts'
import { beginSession, liftSetUp } from './sessions.ts'
import { readPolicy } from './sign-in-policy.ts'
import { type Cookie, countFactorTry, noteFailure } from './sign-in.ts'
import { giveTicket, lookAtTicket, takeTicket } from './tickets.ts'

// Loaded when a passkey is first used: it brings a whole certificate library along.
const webAuthn = () => import('@simplewebauthn/server')

/** The name that passkeys are bound to, and the address they may be used from. */
export interface Site {
  rpId: string
  origin: string
}

/** Undefined where browsers have no passkeys: on plain http beside this machine, and under a bare address. */
export function siteOf(publicUrl: string): Site | undefined {
  const { hostname, origin, protocol } = new URL(publicUrl)
  const bare = /^[\d.]+$/.test(hostname) || hostname.startsWith('[')
  const safe = protocol === 'https:' || hostname === 'localhost' || hostname.endsWith('.localhost')
  return bare || !safe ? undefined : { rpId: hostname, origin }
}

function needSite(site: Site | undefined): Site {
  if (!site) throw refuse('passkeys-unavailable')
  return site
}

const descriptorOf = ({ id, transports }: Passkey) => ({ id, transports })

type PasskeyPurpose = 'passkey-sign-in' | 'passkey-confirm'

/**
 * A challenge for one of an account's passkeys, or for any passkey that the browser holds for this site. `password`: the
 * account has given its password already and this is its second factor.
 */
export async function askForPasskey(
  tx: Tx,
  context: CallContext,
  site: Site | undefined,
  { purpose, account, password }: { purpose: PasskeyPurpose; account: string | null; password: boolean },
): Promise<PasskeyAsked> {
  const { rpId } = needSite(site)
  const options = await (await webAuthn()).generateAuthenticationOptions({
    rpID: rpId,
    userVerification: 'required',
    allowCredentials: account === null ? [] : (await listPasskeys(tx, account)).map(descriptorOf),
  })
  const data = { challenge: options.challenge, password }
  const ticket = await giveTicket(tx, context, purpose, { account, data })
  return { ticket, options: { ...options } }
}

/** Checks an answer against its ticket; returns the passkey, or undefined when it does not hold. */
async function checkAnswer(
  tx: Tx,
  context: CallContext,
  site: Site | undefined,
  purpose: PasskeyPurpose,
  given: { ticket: string; answer: { id: string } },
): Promise<{ passkey: Passkey; password: boolean } | undefined> {
  const { rpId, origin } = needSite(site)
  const { account, data } = await takeTicket<{ challenge: string; password: boolean }>(
    tx,
    context,
    purpose,
    given.ticket,
  )
  const passkey = await readPasskey(tx, given.answer.id)
  if (!passkey || (account !== null && passkey.account !== account)) return undefined
  const checked = await (await webAuthn())
    .verifyAuthenticationResponse({
      response: given.answer as unknown as AuthenticationResponseJSON,
      expectedChallenge: data.challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      credential: {
        id: passkey.id,
        publicKey: new Uint8Array(passkey.public_key),
        counter: Number(passkey.counter),
        transports: passkey.transports,
      },
    })
    .catch(() => undefined)
  if (!checked?.verified) return undefined
  await notePasskeyUse(tx, context, passkey.id, checked.authenticationInfo.newCounter)
  return { passkey, password: data.password }
}

/** Signs in with a passkey: alone it is two factors, since the authenticator asks for a finger, a face or a PIN. */
export async function signInByPasskey(
  database: Database,
  context: CallContext,
  site: Site | undefined,
  given: { ticket: string; answer: { id: string }; userAgent: string },
): Promise<Cookie> {
  const { tenant } = context
  const found = await database.transaction(tenant, async (tx) => {
    const { account } = await lookAtTicket(tx, context, 'passkey-sign-in', given.ticket)
    return account ?? (await readPasskey(tx, given.answer.id))?.account
  })
  const { last, success } = await countFactorTry(database, context, found ?? 'nobody')
  const done = await database.transaction(tenant, async (tx): Promise<Cookie | undefined> => {
    const checked = await checkAnswer(tx, context, site, 'passkey-sign-in', given)
    const account = checked && (await readAccount(tx, { id: checked.passkey.account }))
    if (!account || account.disabled) return undefined
    await giveBack(tx, context, success)
    return beginSession(tx, context, account, {
      way: checked.password ? 'password-passkey' : 'passkey',
      userAgent: given.userAgent,
    })
  })
  if (done) return done
  await noteFailure(database, context, { last, account: found, reason: 'passkey-refused' })
  throw refuse('passkey-refused')
}

/** Whether the caller has shown one of their own passkeys. */
export async function confirmsByPasskey(
  tx: Tx,
  context: CallContext,
  site: Site | undefined,
  given: { ticket: string; answer: { id: string } },
): Promise<boolean> {
  const checked = await checkAnswer(tx, context, site, 'passkey-confirm', given)
  return checked?.passkey.account === context.actor.id
}

/** Begins to set up a passkey for the caller. */
export async function beginPasskey(tx: Tx, context: CallContext, site: Site | undefined): Promise<PasskeyAsked> {
  const { rpId } = needSite(site)
  const account = await myAccountOf(tx, context)
  const options = await (await webAuthn()).generateRegistrationOptions({
    rpName: 'Throughline',
    rpID: rpId,
    userID: new TextEncoder().encode(account.id),
    userName: account.email,
    userDisplayName: account.name,
    attestationType: 'none',
    excludeCredentials: (await listPasskeys(tx, account.id)).map(descriptorOf),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
  const ticket = await giveTicket(tx, context, 'passkey-set-up', {
    account: account.id,
    data: { challenge: options.challenge },
  })
  return { ticket, options: { ...options } }
}

const changed = (tx: Tx, context: CallContext, what: string, passkey: string) =>
  recordAccess(tx, context, [
    {
      action: 'U',
      code: 'second-factor-changed',
      entities: [],
      about: [
        { kind: 'account', id: context.actor.id },
        { kind: 'second-factor', id: what },
        { kind: 'passkey', id: passkey },
      ],
    },
  ])

/** Keeps a passkey that the browser has made; returns its id. */
export async function keepNewPasskey(
  tx: Tx,
  context: CallContext,
  site: Site | undefined,
  given: { ticket: string; name: string; answer: { id: string } },
): Promise<string> {
  const { rpId, origin } = needSite(site)
  const { account, data } = await takeTicket<{ challenge: string }>(tx, context, 'passkey-set-up', given.ticket)
  if (account !== context.actor.id) throw refuse('ticket-expired')
  const answer = given.answer as unknown as RegistrationResponseJSON
  const checked = await (await webAuthn())
    .verifyRegistrationResponse({
      response: answer,
      expectedChallenge: data.challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
    })
    .catch(() => undefined)
  if (!checked?.verified) throw refuse('passkey-refused')
  const { credential, credentialBackedUp } = checked.registrationInfo
  const kept = await keepPasskey(tx, context, {
    id: credential.id,
    account: context.actor.id,
    name: given.name,
    public_key: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: credential.transports ?? [],
    synced: credentialBackedUp,
  })
  if (kept === 0) throw refuse('passkey-refused')
  await changed(tx, context, 'passkey-set-up', credential.id)
  await liftSetUp(tx, context, 'password-passkey')
  return credential.id
}

/** Takes one of the caller's passkeys away; not the last factor where one is demanded. */
export async function removePasskey(tx: Tx, context: CallContext, id: string): Promise<void> {
  const account = await myAccountOf(tx, context)
  const removed = await tx.run({
    text: 'delete from passkey where tenant_id = $1 and id = $2 and account = $3',
    values: [tx.tenant, id, account.id],
  })
  if (removed === 0) throw refuse('passkey-not-found', { faults: [{ path: 'id', message: 'no passkey has this id' }] })
  const none = account.totp_sealed === null && (await countPasskeys(tx, account.id)) === 0
  if (none && (await readPolicy(tx)).secondFactor === 'required') throw refuse('second-factor-needed')
  await changed(tx, context, 'passkey-removed', id)
}
