import type { Server } from 'node:http'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { PlainBrowser } from '../../testkit/plain-browser.ts'
import { freePort } from '../../testkit/spawned-server.ts'

// Somebody else's OpenID provider: whoever it is told to let in, it says so of.
const house = useHouse()
const door = useDoor(house, { listen: true })
let issuer = ''
let there: Server
let says: { sub: string; email?: string; email_verified?: boolean; name?: string }

beforeAll(async () => {
  issuer = `http://localhost:${await freePort()}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'throughline',
        client_secret: 'a-secret-between-the-two-of-us',
        redirect_uris: [`${door.url}/api/session/provider/callback`],
      },
    ],
    cookies: { keys: ['any'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    findAccount: () => ({ accountId: says.sub, claims: async () => says }),
    interactions: { url: (_ctx, { uid }) => `/let-in/${uid}` },
  })
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/let-in/')) return next()
    const details = await provider.interactionDetails(ctx.req, ctx.res)
    const grant = new provider.Grant({ accountId: says.sub, clientId: String(details.params['client_id']) })
    grant.addOIDCScope(String(details.params['scope']))
    const grantId = await grant.save()
    ctx.redirect(
      await provider.interactionResult(ctx.req, ctx.res, {
        login: { accountId: says.sub, remember: false },
        consent: { grantId },
      }),
    )
  })
  there = provider.listen(Number(new URL(issuer).port))
})
afterAll(() => {
  there.close()
})

const register = async (more: object = {}) => {
  const admin = await door.signIn('admin@alpha.example')
  const { status, body } = await door.call(admin, 'POST', '/api/providers', {
    title: 'The region',
    issuer,
    clientId: 'throughline',
    clientSecret: 'a-secret-between-the-two-of-us',
    ...more,
  })
  return { status, body, id: String(body['id']) }
}

/** Goes to the provider and back; returns where the browser ends and with what cookie. */
async function visit(id: string, change: (back: URL) => URL = (back) => back) {
  const own = new PlainBrowser(door.url)
  const away = await own.go(`/api/session/provider/${id}?tenant=alpha`)
  expect(away.url.origin).toBe(issuer)
  const stranger = new PlainBrowser(issuer)
  const { url } = await stranger.go(away.url)
  expect(url.pathname).toBe('/api/session/provider/callback')
  const home = await own.go(change(url))
  const session = own.cookie('tl_session')
  const me = session === undefined ? undefined : await door.call(`tl_session=${session}`, 'GET', '/api/account')
  return { home, me, own, url }
}

test('a person is known by a verified e-mail the first time, and by the provider’s own name for them after that', async () => {
  const { id } = await register()
  says = { sub: 'region-17', email: 'nurse@alpha.example', email_verified: true }
  const { home, me } = await visit(id)
  expect(home.url.pathname).toBe('/')
  expect(me?.body).toMatchObject({ email: 'nurse@alpha.example', providers: [{ id, title: 'The region' }] })
  says = { sub: 'region-17' }
  expect((await visit(id)).me?.body).toMatchObject({ email: 'nurse@alpha.example' })
  // The address went to somebody else there: it does not open the account of whoever had it before.
  says = { sub: 'region-99', email: 'nurse@alpha.example', email_verified: true }
  const other = await visit(id)
  expect([other.me, other.home.url.search]).toEqual([undefined, '?failed=account-unknown-there'])
})

test('who is unknown, unverified or disabled does not come in', async () => {
  const { id } = await register()
  for (const who of [
    { sub: 'a', email: 'stranger@alpha.example', email_verified: true },
    { sub: 'b', email: 'lead@alpha.example', email_verified: false },
    { sub: 'c' },
  ]) {
    says = who
    expect((await visit(id)).home.url.search).toBe('?failed=account-unknown-there')
  }
  const strict = await register({ linkByEmail: false })
  says = { sub: 'd', email: 'lead@alpha.example', email_verified: true }
  expect((await visit(strict.id)).me).toBeUndefined()
})

test('an account is made at the first visit only where the administrator said so, with the roles they said', async () => {
  expect((await register({ createWithRoles: ['no-such-role'] })).status).toBe(422)
  const { id } = await register({ createWithRoles: ['care-coordinator'] })
  says = { sub: 'new', email: 'New.Person@alpha.example', email_verified: true, name: 'New Person' }
  expect((await visit(id)).me?.body).toMatchObject({
    email: 'new.person@alpha.example',
    name: 'New Person',
    roles: ['care-coordinator'],
    hasPassword: false,
  })
  const password = await door.app.inject({
    method: 'POST',
    url: '/api/session',
    payload: { email: 'new.person@alpha.example', password: 'anything at all', tenant: 'alpha' },
  })
  expect(password.statusCode).toBe(401)
})

test('an answer that was not asked for, or is brought twice, signs nobody in', async () => {
  const { id } = await register()
  says = { sub: 'region-17' }
  const forged = await visit(id, (back) => {
    back.searchParams.set('state', 'another')
    return back
  })
  expect(forged.home.url.search).toBe('?failed=provider-refused')
  const { own, url } = await visit(id)
  expect((await own.go(url)).url.search).toBe('?failed=ticket-expired')
  const victim = new PlainBrowser(door.url)
  expect((await victim.go(url)).status).toBe(410)
})

test('a provider that cannot be reached, or is none, is not kept; its secret is never shown', async () => {
  const none = await register({ issuer: door.url })
  expect([none.status, none.body]).toMatchObject([
    422,
    { error: { code: 'provider-unusable', faults: [{ path: 'issuer' }] } },
  ])
  await register()
  const admin = await door.signIn('admin@alpha.example')
  const { body } = await door.call(admin, 'GET', '/api/providers')
  expect(JSON.stringify(body)).not.toContain('a-secret-between')
  const [row] = await house.db.asSuperuser<{ text: string }>(
    `select string_agg(p::text, ' ') as text from throughline.outside_provider p`,
  )
  expect(row?.text).not.toContain('a-secret-between')
})
