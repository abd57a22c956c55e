import type { z } from 'zod'
import { recordAccess } from '../audit/index.ts'
import type { identity, LaunchMade } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { type CallContext, newSecret } from '../kernel/index.ts'
import { readClient } from './clients.ts'
import { refuse } from './errors.ts'
import { sha256 } from './tickets.ts'

const lasts = 5 * 60_000

/** What an EHR launch is about: references. */
export interface Launch {
  patient: string | null
  encounter: string | null
  intent: string | null
}

/** Begins an EHR launch: the token stands for the context, for this person and this app, once. `issuer`: address of the record. */
export async function makeLaunch(
  tx: Tx,
  context: CallContext,
  given: z.infer<typeof identity.launchGiven>,
  issuer: string,
): Promise<LaunchMade> {
  if (context.actor.kind !== 'account' || context.actor.scopes !== undefined) throw refuse('people-only')
  const client = await readClient(tx, given.client)
  if (client.disabled || client.kind === 'backend')
    throw refuse('client-not-found', { faults: [{ path: 'client', message: 'cannot be launched' }] })
  const launch = newSecret()
  const now = context.clock.now()
  await tx.run({
    text: 'delete from oauth_launch where tenant_id = $1 and expires_at <= $2',
    values: [tx.tenant, new Date(now)],
  })
  await tx.run({
    text: `insert into oauth_launch (tenant_id, hash, client, account, patient, encounter, intent, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [
      tx.tenant,
      sha256(launch),
      client.id,
      context.actor.id,
      given.patient ?? null,
      given.encounter ?? null,
      given.intent ?? null,
      new Date(now + lasts),
    ],
  })
  await recordAccess(tx, context, [
    {
      action: 'E',
      code: 'application-launched',
      entities: [given.patient, given.encounter].filter((reference) => reference !== undefined),
      about: [{ kind: 'client', id: client.id }],
    },
  ])
  const url = client.launchUri === null ? null : new URL(client.launchUri)
  url?.searchParams.set('iss', issuer)
  url?.searchParams.set('launch', launch)
  return { launch, url: url?.href ?? null, expiresAt: new Date(now + lasts).toISOString() }
}

const whose = 'tenant_id = $1 and hash = $2 and client = $3 and account = $4 and expires_at > $5'
const valuesOf = (tx: Tx, context: CallContext, launch: string, client: string) => [
  tx.tenant,
  sha256(launch),
  client,
  context.actor.id,
  new Date(context.clock.now()),
]

/** The context of a launch made for this app by the person who is signed in; undefined otherwise. */
export async function readLaunch(
  tx: Tx,
  context: CallContext,
  launch: string,
  client: string,
): Promise<Launch | undefined> {
  const [row] = await tx.query<Launch>({
    text: `select patient, encounter, intent from oauth_launch where ${whose}`,
    values: valuesOf(tx, context, launch, client),
  })
  return row
}

/** Uses a launch up; false when somebody was quicker. */
export const useLaunch = async (tx: Tx, context: CallContext, launch: string, client: string): Promise<boolean> =>
  (await tx.run({ text: `delete from oauth_launch where ${whose}`, values: valuesOf(tx, context, launch, client) })) ===
  1
