import { createHash, createSign, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import * as oidc from 'openid-client'
import { beforeAll, expect, test } from 'vitest'
import { useDoor } from '../../../testkit/door.ts'
import { useHouse } from '../../../testkit/house.ts'
import { PlainBrowser } from '../../../testkit/plain-browser.ts'
import { type ClientGiven, registerClient } from '../index.ts'

const house = useHouse()
const door = useDoor(house, { listen: true })
const after = 'https://app.example/after'
const verifier = 'v'.repeat(64)
const challenge = createHash('sha256').update(verifier).digest('base64url')

const register = (given: Partial<ClientGiven> & Pick<ClientGiven, 'kind' | 'scope'>) =>
  house.database.transaction(house.alpha, (tx) =>
    registerClient(tx, house.context, {
      name: 'Client',
      redirectUris: given.kind === 'backend' ? [] : [after],
      launchUri: null,
      roles: given.kind === 'backend' ? ['client-read'] : [],
      jwksUri: null,
      jwks: null,
      trusted: false,
      introspects: false,
      ...given,
    }),
  )
const issuer = () => `${door.url}/oauth/alpha`
const aud = () => `${door.url}/t/alpha/fhir`
const post = async (path: string, form: Record<string, string>, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${issuer()}${path}`, { method: 'POST', headers, body: new URLSearchParams(form) })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? {} : JSON.parse(text) }
}
const read = (path: string, token: string) =>
  fetch(`${door.url}/fhir/${path}`, { headers: { authorization: `Bearer ${token}` } })

/** The nurse allows everything; returns where the browser is sent. */
async function allow(parameters: Record<string, string>, as = 'nurse@alpha.example'): Promise<URL> {
  const browser = new PlainBrowser(door.url)
  browser.keep(await door.signIn(as))
  const page = await browser.go(`${issuer()}/authorize?${new URLSearchParams(parameters)}`)
  if (page.status !== 200) return page.url
  return (await browser.send(page, { do: 'allow' })).url
}
const question = (client_id: string, scope: string, more: Record<string, string> = {}) => ({
  response_type: 'code',
  client_id,
  redirect_uri: after,
  scope,
  aud: aud(),
  code_challenge: challenge,
  code_challenge_method: 'S256',
  state: 'xyz',
  ...more,
})

beforeAll(async () => {
  await door.fhir('PUT', '/fhir/Patient/ann', { resourceType: 'Patient', id: 'ann', name: [{ family: 'Appleby' }] })
})

const jwkOf = (key: KeyObject, kid: string, alg: string) => ({ ...key.export({ format: 'jwk' }), kid, alg, use: 'sig' })
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const now = () => Math.floor(Date.now() / 1000)

/** An assertion of RFC 7523, made by hand, so that it can be wrong. */
function assertion(
  client: string,
  key: KeyObject | undefined,
  { header = {}, claims = {} }: { header?: object; claims?: object } = {},
): string {
  const ec = key?.asymmetricKeyType === 'ec'
  const head = part({ alg: ec ? 'ES384' : 'RS384', kid: 'k1', typ: 'JWT', ...header })
  const body = part({
    iss: client,
    sub: client,
    aud: `${issuer()}/token`,
    jti: randomUUID(),
    iat: now(),
    exp: now() + 240,
    ...claims,
  })
  const signed = `${head}.${body}`
  const signature =
    key === undefined
      ? ''
      : createSign('sha384').update(signed).sign({ key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
  return `${signed}.${signature}`
}
const byAssertion = (client_assertion: string, scope: string) =>
  post('/token', {
    grant_type: 'client_credentials',
    scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion,
  })

test('openid-client signs a person in with a code and PKCE, reads who they are, refreshes, introspects and revokes', async () => {
  const { id, secret } = await register({
    kind: 'confidential',
    scope: 'openid fhirUser profile offline_access user/Patient.rs',
  })
  const configuration = await oidc.discovery(new URL(issuer()), id, undefined, oidc.ClientSecretBasic(secret ?? ''), {
    execute: [oidc.allowInsecureRequests],
  })
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const url = oidc.buildAuthorizationUrl(configuration, {
    redirect_uri: after,
    scope: 'openid fhirUser profile offline_access user/Patient.rs',
    aud: aud(),
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    nonce: 'n-1',
    state: 's-1',
  })
  const back = await allow(Object.fromEntries(url.searchParams))
  const tokens = await oidc.authorizationCodeGrant(configuration, back, {
    pkceCodeVerifier,
    expectedNonce: 'n-1',
    expectedState: 's-1',
    idTokenExpected: true,
  })
  expect(tokens.claims()).toMatchObject({
    iss: issuer(),
    aud: id,
    name: 'nurse of alpha',
    fhirUser: `${aud()}/Practitioner/nurse`,
  })
  expect((await read('Patient/ann', tokens.access_token)).status).toBe(200)
  expect(await oidc.tokenIntrospection(configuration, tokens.access_token)).toMatchObject({
    active: true,
    client_id: id,
    scope: 'openid fhirUser profile offline_access user/Patient.rs',
    fhirUser: `${aud()}/Practitioner/nurse`,
  })
  const fresh = await oidc.refreshTokenGrant(configuration, tokens.refresh_token ?? '')
  expect((await read('Patient/ann', fresh.access_token)).status).toBe(200)
  await oidc.tokenRevocation(configuration, fresh.access_token)
  expect((await read('Patient/ann', fresh.access_token)).status).toBe(401)
  expect(await oidc.tokenIntrospection(configuration, fresh.access_token)).toMatchObject({ active: false })
})

test('an authorization that is not as it should be goes nowhere', async () => {
  const { id } = await register({ kind: 'public', scope: 'user/Patient.rs' })
  const asked = question(id, 'user/Patient.rs')
  const errorOf = (url: URL) => [
    url.origin === 'https://app.example',
    url.searchParams.get('error') ?? new URLSearchParams(url.hash.slice(1)).get('error'),
  ]
  const { code_challenge: _c, code_challenge_method: _m, ...withoutPkce } = asked
  const { aud: _a, ...withoutAud } = asked
  expect(errorOf(await allow(withoutPkce))).toEqual([true, 'invalid_request'])
  expect(errorOf(await allow({ ...asked, code_challenge_method: 'plain' }))).toEqual([true, 'invalid_request'])
  expect(errorOf(await allow(withoutAud))).toEqual([true, 'invalid_request'])
  expect(errorOf(await allow({ ...asked, aud: 'https://other.example/fhir' }))).toEqual([true, 'invalid_request'])
  expect(errorOf(await allow({ ...asked, response_type: 'token' }))).toEqual([true, 'unsupported_response_type'])
  expect(errorOf(await allow({ ...asked, scope: 'user/Observation.rs' }))).toEqual([true, 'access_denied'])
  // To an address that is not the app's, not even a fault is told.
  for (const redirect_uri of [
    'https://evil.example/after',
    'https://app.example/after/more',
    'https://app.example.evil.example/after',
  ]) {
    const arrived = await allow({ ...asked, redirect_uri })
    expect(arrived.origin).toBe(door.url)
  }
  expect((await allow({ ...asked, client_id: 'nobody' })).origin).toBe(door.url)
})

test('a code is good once, with its own verifier, at its own client; a replay takes back what it brought', async () => {
  const { id } = await register({ kind: 'public', scope: 'user/Patient.rs' })
  const other = await register({ kind: 'public', scope: 'user/Patient.rs' })
  const codeOf = async () => (await allow(question(id, 'user/Patient.rs'))).searchParams.get('code') ?? ''
  const redeem = (code: string, more: Record<string, string> = {}) =>
    post('/token', {
      grant_type: 'authorization_code',
      code,
      redirect_uri: after,
      client_id: id,
      code_verifier: verifier,
      ...more,
    })
  const denied = { status: 400, body: { error: 'invalid_grant' } }
  expect(await redeem(await codeOf(), { code_verifier: 'w'.repeat(64) })).toMatchObject(denied)
  expect(await redeem(await codeOf(), { client_id: other.id })).toMatchObject(denied)
  expect(await redeem(await codeOf(), { redirect_uri: 'https://app.example/other' })).toMatchObject(denied)
  const code = await codeOf()
  const first = await redeem(code)
  expect(first.status).toBe(200)
  expect((await read('Patient/ann', first.body.access_token)).status).toBe(200)
  expect(await redeem(code)).toMatchObject(denied)
  expect((await read('Patient/ann', first.body.access_token)).status).toBe(401)
  // Brought many times at once, it is good for one at most.
  const raced = await codeOf()
  const answers = await Promise.all(Array.from({ length: 8 }, () => redeem(raced)))
  expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
})

test('a public client’s refresh token is good once; its reuse ends the whole access', async () => {
  const { id } = await register({ kind: 'public', scope: 'offline_access user/Patient.rs' })
  const code = (await allow(question(id, 'offline_access user/Patient.rs'))).searchParams.get('code') ?? ''
  const issued = await post('/token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri: after,
    client_id: id,
    code_verifier: verifier,
  })
  const refresh = (refresh_token: string) =>
    post('/token', { grant_type: 'refresh_token', refresh_token, client_id: id })
  const second = await refresh(issued.body.refresh_token)
  expect(second.status).toBe(200)
  expect(await refresh(issued.body.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  expect((await refresh(second.body.refresh_token)).status).toBe(400)
  expect((await read('Patient/ann', second.body.access_token)).status).toBe(401)
})

test.each([
  ['RS384', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ['ES384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
] as const)(
  'a backend service proves itself with %s, and does what its scopes and its roles both allow',
  async (alg, make) => {
    const { publicKey, privateKey } = make()
    const { id } = await register({
      kind: 'backend',
      scope: 'system/*.rs system/Observation.c',
      jwks: { keys: [jwkOf(publicKey, 'k1', alg) as { kty: string }] },
    })
    const { status, body } = await byAssertion(assertion(id, privateKey), 'system/Patient.rs system/Observation.c')
    expect([status, body]).toMatchObject([
      200,
      { token_type: 'Bearer', expires_in: 300, scope: 'system/Patient.rs system/Observation.c' },
    ])
    expect((await read('Patient/ann', body.access_token)).status).toBe(200)
    expect((await read('Condition?_count=1', body.access_token)).status).toBe(403)
    // The role is client-read: the scope alone writes nothing.
    const write = await fetch(`${door.url}/fhir/Observation`, {
      method: 'POST',
      headers: { authorization: `Bearer ${body.access_token}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify({ resourceType: 'Observation', status: 'final', code: { text: 'x' } }),
    })
    expect(write.status).toBe(403)
    expect(
      (await fetch(`${door.url}/api/work`, { headers: { authorization: `Bearer ${body.access_token}` } })).status,
    ).toBe(403)
    // Five minutes on it is over.
    house.clock.advance(301_000)
    expect((await read('Patient/ann', body.access_token)).status).toBe(401)
  },
)

test('an assertion that is replayed, unsigned, expired, too long, for another server or by another key is refused', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { id } = await register({
    kind: 'backend',
    scope: 'system/Patient.rs',
    jwks: { keys: [jwkOf(publicKey, 'k1', 'RS384') as { kty: string }] },
  })
  const once = assertion(id, privateKey)
  expect((await byAssertion(once, 'system/Patient.rs')).status).toBe(200)
  const refused = {
    replayed: once,
    unsigned: assertion(id, undefined, { header: { alg: 'none' } }),
    'signed with what the key is public for': assertion(id, privateKey, { header: { alg: 'HS256' } }),
    expired: assertion(id, privateKey, { claims: { iat: now() - 900, exp: now() - 600 } }),
    'good for an hour': assertion(id, privateKey, { claims: { exp: now() + 3_600 } }),
    'for another server': assertion(id, privateKey, { claims: { aud: 'https://other.example/token' } }),
    'by another key': assertion(id, stranger.privateKey),
    'without jti': assertion(id, privateKey, { claims: { jti: undefined } }),
    'about another client': assertion(id, privateKey, { claims: { sub: 'somebody' } }),
  }
  const passed: string[] = []
  for (const [what, text] of Object.entries(refused))
    if ((await byAssertion(text, 'system/Patient.rs')).status === 200) passed.push(what)
  expect(passed).toEqual([])
  const raced = assertion(id, privateKey)
  const answers = await Promise.all(Array.from({ length: 6 }, () => byAssertion(raced, 'system/Patient.rs')))
  expect(answers.map(({ status }) => status).filter((status) => status === 200)).toEqual([200])
  expect(await byAssertion(assertion(id, privateKey), 'system/Observation.rs')).toMatchObject({
    status: 400,
    body: { error: 'invalid_scope' },
  })
})

test('a backend service may keep its keys at an address of its own', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const keys = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ keys: [jwkOf(publicKey, 'k1', 'ES384')] }))
  })
  await new Promise<void>((done) => keys.listen(0, '127.0.0.1', done))
  const address = keys.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const { id } = await register({
    kind: 'backend',
    scope: 'system/Patient.rs',
    jwksUri: `http://127.0.0.1:${port}/keys`,
  })
  expect((await byAssertion(assertion(id, privateKey), 'system/Patient.rs')).status).toBe(200)
  keys.close()
})

test('only a resource server may ask about the tokens of others, and nobody without proof', async () => {
  const { id } = await register({ kind: 'public', scope: 'user/Patient.rs' })
  const code = (await allow(question(id, 'user/Patient.rs'))).searchParams.get('code') ?? ''
  const { body } = await post('/token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri: after,
    client_id: id,
    code_verifier: verifier,
  })
  const ask = async (client: { id: string; secret: string | null }) =>
    (
      await post(
        '/introspect',
        { token: body.access_token },
        { authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` },
      )
    ).body
  const nosy = await register({ kind: 'confidential', scope: 'openid' })
  const server = await register({ kind: 'confidential', scope: 'openid', introspects: true })
  expect(await ask(nosy)).toEqual({ active: false })
  expect(await ask(server)).toMatchObject({ active: true, client_id: id, scope: 'user/Patient.rs' })
  expect(await ask({ id: server.id, secret: 'guessed' })).toMatchObject({ error: 'invalid_client' })
  expect((await post('/introspect', { token: body.access_token, client_id: id })).body).toEqual({ active: false })
})

test('an access that has run out is no longer listed, and is forgotten when the next is granted', async () => {
  const { id } = await register({ kind: 'public', scope: 'user/Patient.rs' })
  const grant = async () => {
    const code = (await allow(question(id, 'user/Patient.rs'))).searchParams.get('code') ?? ''
    const given = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: after,
      client_id: id,
      code_verifier: verifier,
    }
    return post('/token', given)
  }
  const listed = async () => {
    const { body } = await door.call(await door.signIn('nurse@alpha.example'), 'GET', '/api/applications')
    return (body['items'] as { client: { id: string } }[]).filter(({ client }) => client.id === id).length
  }
  await grant()
  expect(await listed()).toBe(1)
  house.clock.advance(3_601_000)
  expect(await listed()).toBe(0)
  house.clock.advance(86_400_000)
  await grant()
  const kept = await house.db.asSuperuser('select 1 from throughline.oauth_grant where client = $1', [id])
  expect(kept).toHaveLength(1)
})

test('a disabled client, a disabled account and another tenant’s address end a token at once', async () => {
  const { id } = await register({ kind: 'public', scope: 'user/Patient.rs' })
  const tokenFor = async (as: string) => {
    const code = (await allow(question(id, 'user/Patient.rs'), as)).searchParams.get('code') ?? ''
    const given = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: after,
      client_id: id,
      code_verifier: verifier,
    }
    return String((await post('/token', given)).body.access_token)
  }
  const token = await tokenFor('clerk@alpha.example')
  expect((await read('Patient/ann', token)).status).toBe(200)
  const elsewhere = await fetch(`${door.url}/t/beta/fhir/Patient/ann`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(elsewhere.status).toBe(401)
  const admin = await door.signIn('admin@alpha.example')
  const { body } = await door.call(admin, 'GET', '/api/accounts')
  const clerk = (body['items'] as { id: string; email: string }[]).find(({ email }) => email === 'clerk@alpha.example')
  expect((await door.call(admin, 'PATCH', `/api/accounts/${clerk?.id}`, { disabled: true })).status).toBe(200)
  expect((await read('Patient/ann', token)).status).toBe(401)
  const another = await tokenFor('nurse@alpha.example')
  expect((await door.call(admin, 'PATCH', `/api/clients/${id}`, { disabled: true })).status).toBe(200)
  expect((await read('Patient/ann', another)).status).toBe(401)
})

test('a new key signs, the one before is shown still, and neither shows its private part', async () => {
  const admin = await door.signIn('admin@alpha.example')
  const made = await door.call(admin, 'POST', '/api/keys')
  expect((made.body['items'] as { state: string }[]).map(({ state }) => state)).toEqual(['active', 'retired'])
  house.clock.advance(61_000)
  const { keys } = (await (await fetch(`${issuer()}/jwks`)).json()) as { keys: Record<string, unknown>[] }
  expect(keys.map(({ kid }) => kid)).toEqual((made.body['items'] as { id: string }[]).map(({ id }) => id))
  expect(keys.filter((key) => 'd' in key || 'p' in key)).toEqual([])
})

test('no secret, code or token stands in the database in the clear', async () => {
  const { id, secret } = await register({ kind: 'confidential', scope: 'offline_access user/Patient.rs' })
  const code = (await allow(question(id, 'offline_access user/Patient.rs'))).searchParams.get('code') ?? ''
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
  const { body } = await post(
    '/token',
    { grant_type: 'authorization_code', code, redirect_uri: after, code_verifier: verifier },
    { authorization },
  )
  const { rows } = await house.db
    .asSuperuser<{ text: string }>(
      `select coalesce(string_agg(t::text, ' '), '') as text from throughline.oauth_artifact t
       union all select coalesce(string_agg(t::text, ' '), '') from throughline.oauth_client t
       union all select coalesce(string_agg(content, ' '), '') from throughline.audit_event`,
    )
    .then((all) => ({ rows: all.map(({ text }) => text).join(' ') }))
  const clear = { secret, code, access: body.access_token, refresh: body.refresh_token }
  expect(Object.entries(clear).filter(([, value]) => typeof value !== 'string' || rows.includes(value))).toEqual([])
})
