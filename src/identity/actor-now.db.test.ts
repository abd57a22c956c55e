import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'
import { type Actor, movedClock } from '../kernel/index.ts'
import { actorNow } from './index.ts'

let db: FreshDatabase
const clock = movedClock(Date.UTC(2026, 2, 2))
beforeAll(async () => {
  db = await freshDatabase()
  await db.asSuperuser(
    `insert into throughline.account (tenant_id, id, email, name, password_hash, roles, created_at) values ('alpha', 'nurse', 'n@a', 'N', '', '{triage-nurse}', now())`,
  )
  await db.asSuperuser(
    `insert into throughline.oauth_client (tenant_id, id, name, kind, authentication, redirect_uris, scope, roles, trusted, introspects, created_at)
     values ('alpha', 'app', 'App', 'backend', 'private-key', '{}', 'system/*.rs', '{client-read}', false, false, now())`,
  )
  await db.asSuperuser(
    `insert into throughline.oauth_grant (tenant_id, id, client, account, offline, scope, created_at, used_at) values ('alpha', 'g', 'app', 'nurse', true, '', now(), now())`,
  )
  await db.asSuperuser(
    `insert into throughline.api_token (tenant_id, id, hash, name, roles, created_at, expires_at) values ('alpha', 't', 'h', 'T', '{client-write}', now(), '2026-03-03')`,
  )
})
afterAll(() => db.close())

const actor = (given: Partial<Actor>): Actor => ({
  kind: 'account',
  id: 'nurse',
  name: 'N',
  roles: ['former'],
  ...given,
})
const rolesOf = async (given: Partial<Actor>) =>
  (await db.database.transaction(db.alpha, (tx) => actorNow(tx, clock, actor(given))))?.roles

test('whoever asked acts with today’s roles, and not at all once their right is gone', async () => {
  const app = { kind: 'client', id: 'app', clientId: 'app' } as const
  const through = { clientId: 'app' }
  const token = { kind: 'client', id: 't' } as const
  expect(await rolesOf({})).toEqual(['triage-nurse'])
  expect(await rolesOf(through)).toEqual(['triage-nurse'])
  expect(await rolesOf(app)).toEqual(['client-read'])
  expect(await rolesOf(token)).toEqual(['client-write'])
  expect(await rolesOf({ kind: 'system' })).toEqual(['former'])
  await db.asSuperuser(`delete from throughline.oauth_grant`)
  expect(await rolesOf(through)).toBeUndefined()
  expect(await rolesOf({})).toEqual(['triage-nurse'])
  await db.asSuperuser(`update throughline.oauth_client set disabled = true`)
  expect(await rolesOf(app)).toBeUndefined()
  clock.advance(2 * 86_400_000)
  expect(await rolesOf(token)).toBeUndefined()
  await db.asSuperuser(`update throughline.account set disabled = true`)
  expect(await rolesOf({})).toBeUndefined()
})
