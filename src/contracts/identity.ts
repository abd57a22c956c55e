import { z } from 'zod'
import { locale } from './shared.ts'

/** Shapes of the API about people who sign in and applications that are let in. Times are ISO 8601 in UTC. */
const time = z.iso.datetime()
const name = z.string().trim().min(1).max(120)
const code = z.string().trim().min(6).max(20)
/** What a browser's authenticator answers, in WebAuthn's JSON form; the server checks it with the challenge it gave. */
const authenticatorAnswer = z.looseObject({ id: z.string().max(2_000) })
const ticket = z.string().min(20).max(200)

// ── Signing in ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** `GET /api/session/ways?tenant=`: what the sign-in page may offer. `tenant` is null when there are several and none is named. */
export const signInWays = z.object({
  tenant: z.string().nullable(),
  /** Whether browsers can use passkeys at this address. */
  passkeys: z.boolean(),
  providers: z.array(z.object({ id: z.string(), title: z.string(), start: z.string() })),
})
/** `POST /api/session` */
export const credentials = z.object({
  email: z.email().max(200),
  password: z.string().min(1).max(200),
  tenant: z.string().optional(),
})
/**
 * Answer to `POST /api/session`: status 201 and `done` (the cookie is set), or 202 and what is still to prove. The ticket is
 * good for five minutes.
 */
export const signInStep = z.discriminatedUnion('step', [
  z.object({ step: z.literal('done') }),
  z.object({
    step: z.literal('second-factor'),
    ticket,
    ways: z.array(z.enum(['totp', 'passkey', 'recovery-code'])),
  }),
])
/** `POST /api/session/second-factor`: six digits of the authenticator app, or a recovery code. */
export const secondFactor = z.object({ ticket, code })
/** `POST /api/session/passkey/options`: with the ticket of a password sign-in as its second factor, without as the only proof. */
export const passkeyWanted = z.object({ tenant: z.string().optional(), ticket: ticket.optional() })
/** Answer: `options` go to the browser as they are (PublicKeyCredentialRequestOptionsJSON or …CreationOptionsJSON). */
export const passkeyAsked = z.object({ ticket, options: z.record(z.string(), z.unknown()) })
/** `POST /api/session/passkey` */
export const passkeyAnswered = z.object({ ticket, answer: authenticatorAnswer })

/** `POST /api/session/confirm`: one fresh proof. `POST /api/session/confirm/options` gives the challenge for a passkey. */
export const confirmation = z.union([
  z.strictObject({ password: z.string().min(1).max(200) }),
  z.strictObject({ code }),
  z.strictObject({ ticket, answer: authenticatorAnswer }),
])
export const confirmed = z.object({ confirmedUntil: time })

// ── My account ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** `GET /api/account` */
export const myAccount = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  locale,
  roles: z.array(z.string()),
  hasPassword: z.boolean(),
  policy: z.enum(['optional', 'required']),
  /** Whether passkeys can be set up at this address. */
  passkeysPossible: z.boolean(),
  totp: z.object({ since: time }).nullable(),
  recoveryCodesLeft: z.number(),
  passkeys: z.array(
    z.object({ id: z.string(), name: z.string(), createdAt: time, usedAt: time.nullable(), synced: z.boolean() }),
  ),
  providers: z.array(z.object({ id: z.string(), title: z.string(), linkedAt: time })),
})
/** `POST /api/account/password`; ends every other session of the account. */
export const passwordChange = z.object({ current: z.string().min(1).max(200), password: z.string().max(200) })
/** Answer of `POST /api/account/totp`: shown once. `qr` is SVG text of `uri`; the secret is base32. */
export const totpBegun = z.object({ ticket, secret: z.string(), uri: z.string(), qr: z.string() })
/** `POST /api/account/totp/confirm` */
export const totpConfirmed = z.object({ ticket, code })
/** Answer of it and of `POST /api/account/recovery-codes`: shown once; codes made before are void. */
export const recoveryCodes = z.object({ codes: z.array(z.string()) })
/** `POST /api/account/passkeys` with the ticket of `POST /api/account/passkeys/options`. */
export const passkeyMade = z.object({ ticket, name, answer: authenticatorAnswer })

// ── Sessions and applications that are let in ───────────────────────────────────────────────────────────────────────

/** `GET /api/sessions` (one's own), `GET /api/sessions/all` (everybody's, for administrators). Ended by `DELETE /api/sessions/:id`. */
export const sessions = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      account: z.object({ id: z.string(), name: z.string() }),
      current: z.boolean(),
      /** How it began. */
      way: z.enum(['password', 'password-totp', 'password-recovery', 'password-passkey', 'passkey', 'provider']),
      /** Browser and system as far as they are told, e.g. `Firefox, Linux`. */
      device: z.string(),
      address: z.string(),
      createdAt: time,
      seenAt: time,
      endsAt: time,
    }),
  ),
})
/** `GET /api/applications` (one's own), `GET /api/applications/all` (administrators). Ended by `DELETE /api/applications/:id`. */
export const applications = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      client: z.object({ id: z.string(), name: z.string() }),
      account: z.object({ id: z.string(), name: z.string() }),
      scopes: z.array(z.string()),
      patient: z.string().nullable(),
      offline: z.boolean(),
      since: time,
      usedAt: time,
    }),
  ),
})

// ── Administration ──────────────────────────────────────────────────────────────────────────────────────────────────

/** `GET /api/sign-in-policy`, `PUT /api/sign-in-policy` */
export const signInPolicy = z.object({
  /** `required`: a password alone opens nothing but the set-up of a second factor. */
  secondFactor: z.enum(['optional', 'required']),
  /** A session ends after this long without a call. */
  idleMinutes: z.number().int().min(5).max(1_440),
  /** A session ends after this long in any case. */
  absoluteHours: z.number().int().min(1).max(168),
})

/** `PATCH /api/accounts/:id`; to disable one ends its sessions and its applications, a new password its sessions. */
export const accountChange = z
  .object({ name, roles: z.array(z.string()).max(12), disabled: z.boolean(), password: z.string().max(200) })
  .partial()
  .refine((change) => Object.keys(change).length > 0, 'changes nothing')

const uri = z.string().max(2_000)
const publicKeys = z.object({
  keys: z
    .array(z.looseObject({ kty: z.string() }))
    .min(1)
    .max(20),
})
const clientShape = z.object({
  name,
  /** Where a code may be sent to: https, http on this machine, or an app's own scheme. */
  redirectUris: z.array(uri).max(20),
  /** Where an EHR launch opens the app. */
  launchUri: uri.nullable(),
  /** All that it may ever ask for, as OAuth writes it: `launch/patient openid fhirUser patient/*.rs`. */
  scope: z.string().trim().min(1).max(4_000),
  /** What a `backend` client may do besides its scopes: roles of Throughline. */
  roles: z.array(z.string()).max(12),
  /** Public keys of a client that signs: their address, or themselves. */
  jwksUri: uri.nullable(),
  jwks: publicKeys.nullable(),
  /** Its people are not asked for consent. */
  trusted: z.boolean(),
  /** May ask about tokens of other clients (RFC 7662): for resource servers. */
  introspects: z.boolean(),
})
/** `POST /api/clients`: what an administrator says of an application. */
export const clientGiven = clientShape.extend({
  /**
   * `public`: an app in a browser or on a phone, PKCE alone. `confidential`: a program on a server, with a secret or a key of
   * its own. `backend`: a program without a person, SMART Backend Services, by signed assertion.
   */
  kind: z.enum(['public', 'confidential', 'backend']),
  /** For `confidential`: how it proves itself; by secret unless told. */
  authentication: z.enum(['secret', 'private-key']).optional(),
  redirectUris: clientShape.shape.redirectUris.default([]),
  launchUri: clientShape.shape.launchUri.default(null),
  roles: clientShape.shape.roles.default([]),
  jwksUri: clientShape.shape.jwksUri.default(null),
  jwks: clientShape.shape.jwks.default(null),
  trusted: z.boolean().default(false),
  introspects: z.boolean().default(false),
})
/** `PATCH /api/clients/:id`; to disable one ends all that it was granted. */
export const clientChange = clientShape.extend({ disabled: z.boolean() }).partial()
export const client = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['public', 'confidential', 'backend']),
  authentication: z.enum(['none', 'secret', 'private-key']),
  redirectUris: z.array(z.string()),
  launchUri: z.string().nullable(),
  scope: z.string(),
  roles: z.array(z.string()),
  jwksUri: z.string().nullable(),
  jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }).nullable(),
  trusted: z.boolean(),
  introspects: z.boolean(),
  disabled: z.boolean(),
  createdAt: time,
  usedAt: time.nullable(),
})
/** `GET /api/clients` */
export const clients = z.object({ items: z.array(client) })
/** `POST /api/clients` and `POST /api/clients/:id/secret`: the secret is told this once. `id` is the `client_id`. */
export const clientMade = z.object({ id: z.string(), secret: z.string().nullable() })

/** `GET /api/keys`: what identity tokens are signed with. `POST /api/keys` makes a new one and retires the one before. */
export const signingKeys = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      algorithm: z.string(),
      /** `active` signs; `retired` is published until what it signed has expired. */
      state: z.enum(['active', 'retired']),
      createdAt: time,
      retiredAt: time.nullable(),
    }),
  ),
})

/** `POST /api/providers`, `PUT /api/providers/:id`: an OpenID Connect provider that people sign in by. */
export const providerGiven = z.object({
  title: name,
  issuer: uri,
  clientId: z.string().min(1).max(400),
  /** Left out of a change: stays as it is. */
  clientSecret: z.string().min(1).max(400).optional(),
  /** An account is found by a verified e-mail the first time; `false`: only accounts linked already, by subject. */
  linkByEmail: z.boolean().default(true),
  /** Roles of an account made at the first sign-in; null: nobody comes in without an account. */
  createWithRoles: z.array(z.string()).min(1).max(12).nullable().default(null),
  disabled: z.boolean().default(false),
})
/** `GET /api/providers`; `callback` is the redirect address to register there. */
export const providers = z.object({
  items: z.array(
    providerGiven.omit({ clientSecret: true }).extend({ id: z.string(), callback: z.string(), createdAt: time }),
  ),
})

const fhirId = (type: string) => z.string().regex(new RegExp(`^${type}/[A-Za-z0-9.-]{1,64}$`))
/** `POST /api/launches`: an EHR launch of an app for a patient. Answer: the address to open, good for five minutes and once. */
export const launchGiven = z.object({
  client: z.string().max(100),
  patient: fhirId('Patient').optional(),
  encounter: fhirId('Encounter').optional(),
  intent: z.string().max(200).optional(),
})
export const launchMade = z.object({ launch: z.string(), url: z.string().nullable(), expiresAt: time })

export type SignInWays = z.infer<typeof signInWays>
export type SignInStep = z.infer<typeof signInStep>
export type PasskeyAsked = z.infer<typeof passkeyAsked>
export type MyAccount = z.infer<typeof myAccount>
export type TotpBegun = z.infer<typeof totpBegun>
export type RecoveryCodes = z.infer<typeof recoveryCodes>
export type SessionList = z.infer<typeof sessions>
export type ApplicationList = z.infer<typeof applications>
export type SignInPolicy = z.infer<typeof signInPolicy>
export type Client = z.infer<typeof client>
export type ClientList = z.infer<typeof clients>
export type ClientMade = z.infer<typeof clientMade>
export type SigningKeyList = z.infer<typeof signingKeys>
export type ProviderList = z.infer<typeof providers>
export type LaunchMade = z.infer<typeof launchMade>
