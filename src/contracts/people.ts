import { z } from 'zod'
import { locale, localized } from './shared.ts'

/** Shapes of the API: who is signed in, accounts, roles and tokens. Times are ISO 8601 in UTC; references are FHIR's `Type/id`. */
const time = z.iso.datetime()

export const session = z.object({
  setupNeeded: z.boolean(),
  account: z
    .object({
      id: z.string(),
      name: z.string(),
      roles: z.array(z.string()),
      permissions: z.array(z.string()),
      locale,
      practitioner: z.string().nullable(),
    })
    .nullable(),
  /** Set for a person: until when a fresh proof of who they are holds, and what they must set up before anything else. */
  sign: z.object({ confirmedUntil: time.nullable(), mustSetUp: z.enum(['second-factor']).nullable() }).nullable(),
  tenant: z.object({ id: z.string(), name: z.string() }).nullable(),
  version: z.string(),
  zone: z.string(),
  now: time,
})

export const people = z.object({
  items: z.array(z.object({ reference: z.string(), name: z.string(), roles: z.array(z.string()) })),
})

export const roles = z.object({ items: z.array(z.object({ id: z.string(), title: localized })) })

export const accounts = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      email: z.string(),
      roles: z.array(z.string()),
      locale,
      disabled: z.boolean(),
    }),
  ),
})

/** `GET /api/tokens`: never the secret, which is told once by `POST /api/tokens`. */
export const tokens = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      roles: z.array(z.string()),
      createdAt: time,
      expiresAt: time.nullable(),
      revoked: z.boolean(),
    }),
  ),
})

export const tokenMade = z.object({ id: z.string(), token: z.string() })
export type Session = z.infer<typeof session>
export type AccountList = z.infer<typeof accounts>
export type TokenList = z.infer<typeof tokens>
export type TokenMade = z.infer<typeof tokenMade>
export type PeopleList = z.infer<typeof people>
export type RoleList = z.infer<typeof roles>
