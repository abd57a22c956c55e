import { expect, test } from 'vitest'
import { softAuthenticator } from '../../testkit/authenticator.ts'
import { password, useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { createAccount } from './index.ts'
import { codeOfStep, stepAt } from './totp.ts'

const house = useHouse()
const door = useDoor(house)
const codeNow = (secret: string, later = 0) => codeOfStep(secret, stepAt(house.clock.now()) + later)

const codeOf = (body: Record<string, unknown>) => (body['error'] as { code?: string } | undefined)?.code

/** An account of its own for a test; returns its e-mail. */
let people = 0
async function person(roles: readonly string[] = ['triage-nurse']): Promise<string> {
  people += 1
  const email = `person${people}@alpha.example`
  await house.database.transaction(house.alpha, (tx) =>
    createAccount(tx, house.context, { name: `Person ${people}`, email, password, roles }),
  )
  return email
}

const ask = async (url: string, payload: object, ip = '10.1.1.1') => {
  const answer = await door.app.inject({
    method: 'POST',
    url,
    remoteAddress: ip,
    headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' },
    payload: { tenant: 'alpha', ...payload },
  })
  const cookie = String(answer.headers['set-cookie'] ?? '').split(';')[0] ?? ''
  return { status: answer.statusCode, body: JSON.parse(answer.body), cookie }
}
const tryPassword = (email: string, secret = password, ip?: string) =>
  ask('/api/session', { email, password: secret }, ip)

/** Sets up an authenticator app; returns its secret and the recovery codes. */
async function withTotp(cookie: string): Promise<{ secret: string; codes: string[] }> {
  const { body } = await door.call(cookie, 'POST', '/api/account/totp')
  const secret = String(body['secret'])
  const done = await door.call(cookie, 'POST', '/api/account/totp/confirm', {
    ticket: body['ticket'],
    code: codeNow(secret),
  })
  expect(done.status).toBe(200)
  return { secret, codes: done.body['codes'] as string[] }
}

const audited = async (code: string) => {
  const rows = await house.db.asSuperuser<{ content: string }>(
    `select content from throughline.audit_event where content like $1 order by seq`,
    [`%"urn:throughline:act","code":"${code}"%`],
  )
  return rows.map(({ content }) => JSON.parse(content) as { outcome: string })
}

test('of forty guesses sent at once ten are looked at, and the right one among them comes too late', async () => {
  const email = await person()
  const guesses = Array.from({ length: 39 }, (_, n) => `wrong-guess-${n}`)
  const answers = await Promise.all(guesses.map((guess, n) => tryPassword(email, guess, `10.2.0.${n + 1}`)))
  const codes = answers.map(({ body }) => body.error.code)
  expect(codes.filter((code) => code === 'sign-in-failed')).toHaveLength(10)
  expect(codes.filter((code) => code === 'too-many-failures')).toHaveLength(29)
  expect((await tryPassword(email, password, '10.2.0.99')).status).toBe(429)
  expect((await audited('lockout')).length).toBeGreaterThan(0)
  house.clock.advance(15 * 60_000 + 1)
  expect((await tryPassword(email, password, '10.2.0.99')).status).toBe(201)
})

test('one address that goes round many accounts is stopped as well', async () => {
  const answers = await Promise.all(
    Array.from({ length: 61 }, (_, n) => tryPassword(`nobody${n}@alpha.example`, 'guess', '10.3.0.1')),
  )
  const statuses = answers.map(({ status }) => status)
  expect([401, 429].map((status) => statuses.filter((one) => one === status).length)).toEqual([60, 1])
  expect((await tryPassword(await person(), password, '10.3.0.2')).status).toBe(201)
})

test('a password that is easy to guess makes no account, and the place is named', async () => {
  const admin = await door.signIn('admin@alpha.example')
  const make = (secret: string) =>
    door.call(admin, 'POST', '/api/accounts', {
      name: 'Marie Tremblay',
      email: 'marie.tremblay@alpha.example',
      password: secret,
      roles: ['physician'],
    })
  for (const secret of ['123456789012', 'Tremblay-2026!', 'short', 'Alpha-Clinic-26'])
    expect(await make(secret)).toMatchObject({
      status: 422,
      body: { error: { code: 'password-weak', faults: [{ path: 'password' }] } },
    })
})

test('an authenticator app is set up, asked for, and takes each code once', async () => {
  const email = await person()
  const first = await tryPassword(email)
  const { secret, codes } = await withTotp(first.cookie)
  expect(codes).toHaveLength(10)
  const asked = await tryPassword(email)
  expect([asked.status, asked.body, asked.cookie]).toMatchObject([
    202,
    { step: 'second-factor', ways: ['totp', 'recovery-code'] },
    '',
  ])
  const { ticket } = asked.body
  // The code that set it up is used already.
  const finish = (code: string, with_ = ticket) => ask('/api/session/second-factor', { ticket: with_, code })
  expect(codeOf((await finish(codeNow(secret))).body)).toBe('code-wrong')
  house.clock.advance(30_000)
  expect((await finish(codeNow(secret))).status).toBe(201)
  // The ticket is used too.
  expect(codeOf((await finish(codeNow(secret, 1))).body)).toBe('ticket-expired')
  const again = (await tryPassword(email)).body.ticket
  const [recovery = ''] = codes
  expect((await finish(recovery.toUpperCase(), again)).status).toBe(201)
  expect(codeOf((await finish(recovery, (await tryPassword(email)).body.ticket)).body)).toBe('code-wrong')
  // Two who saw the same code over a shoulder: one of them comes in.
  house.clock.advance(60_000)
  const tickets = await Promise.all([tryPassword(email), tryPassword(email)])
  const raced = await Promise.all(tickets.map(({ body }) => finish(codeNow(secret), body.ticket)))
  expect(raced.map(({ status }) => status).sort()).toEqual([201, 401])
})

test('codes cannot be guessed on: ten tries in a quarter of an hour, whatever ticket they come with', async () => {
  const email = await person()
  await withTotp((await tryPassword(email)).cookie)
  const codes: (string | undefined)[] = []
  for (let n = 0; n < 12; n += 1) {
    const { ticket } = (await tryPassword(email)).body
    codes.push(codeOf((await ask('/api/session/second-factor', { ticket, code: '000000' })).body))
  }
  expect(codes).toEqual([...Array(10).fill('code-wrong'), 'too-many-failures', 'too-many-failures'])
})

test('the secret of an authenticator app is unreadable in the database', async () => {
  const email = await person()
  const { secret } = await withTotp((await tryPassword(email)).cookie)
  const [row] = await house.db.asSuperuser<{ text: string; sealed: Buffer }>(
    'select a::text as text, totp_sealed as sealed from throughline.account a where email = $1',
    [email],
  )
  expect(row?.sealed.length).toBeGreaterThan(28)
  expect(row?.text).not.toContain(secret)
  expect(row?.sealed.toString('latin1')).not.toContain(secret)
})

test('a passkey is set up and signs in alone; not without a finger, not from another site, not twice', async () => {
  const email = await person()
  const { cookie } = await tryPassword(email)
  const key = softAuthenticator('http://localhost')
  const begun = await door.call(cookie, 'POST', '/api/account/passkeys/options')
  const kept = await door.call(cookie, 'POST', '/api/account/passkeys', {
    ticket: begun.body['ticket'],
    name: 'My phone',
    answer: key.create(begun.body['options'] as Record<string, unknown>),
  })
  expect(kept.status).toBe(201)
  const challenge = async (more: object = {}) => (await ask('/api/session/passkey/options', more)).body
  const answerTo = async (how: object) => {
    const { ticket, options } = await challenge()
    return ask('/api/session/passkey', { ticket, answer: key.get(options, how) })
  }
  expect((await answerTo({ verified: false })).body.error.code).toBe('passkey-refused')
  expect((await answerTo({ origin: 'https://evil.example' })).body.error.code).toBe('passkey-refused')
  house.clock.advance(1_000)
  const { ticket, options } = await challenge()
  const answer = key.get(options)
  const signed = await ask('/api/session/passkey', { ticket, answer })
  expect(signed.status).toBe(201)
  expect((await ask('/api/session/passkey', { ticket, answer })).body.error.code).toBe('ticket-expired')
  const other = await challenge()
  expect((await ask('/api/session/passkey', { ticket: other.ticket, answer })).body.error.code).toBe('passkey-refused')
  const sessions = await door.call(signed.cookie, 'GET', '/api/sessions')
  expect(sessions.body['items']).toMatchObject([
    { current: true, way: 'passkey', device: 'Firefox, Linux', address: '10.1.1.1' },
    { current: false, way: 'password' },
  ])
  // With a password it is the second factor.
  const asked = await tryPassword(email)
  expect(asked.body).toMatchObject({ step: 'second-factor', ways: ['passkey'] })
  const second = await challenge({ ticket: asked.body.ticket })
  expect(second.options.allowCredentials).toMatchObject([{ id: key.id }])
  const both = await ask('/api/session/passkey', { ticket: second.ticket, answer: key.get(second.options) })
  expect(both.status).toBe(201)
  const stranger = softAuthenticator('http://localhost')
  const third = await challenge()
  expect(
    (await ask('/api/session/passkey', { ticket: third.ticket, answer: stranger.get(third.options) })).status,
  ).toBe(401)
})

test('where a second factor is demanded, a password opens its set-up and nothing else', async () => {
  const admin = await door.signIn('admin@alpha.example')
  const policy = { secondFactor: 'required', idleMinutes: 60, absoluteHours: 12 }
  const working = await tryPassword(await person())
  expect((await door.call(admin, 'PUT', '/api/sign-in-policy', policy)).status).toBe(200)
  // Who is at work already is held to it too.
  expect((await door.call(working.cookie, 'GET', '/api/work')).status).toBe(403)
  const email = await person()
  const { cookie } = await tryPassword(email)
  expect((await door.call(cookie, 'GET', '/api/session')).body).toMatchObject({
    account: { permissions: [] },
    sign: { mustSetUp: 'second-factor' },
  })
  expect((await door.call(cookie, 'GET', '/api/work')).status).toBe(403)
  await withTotp(cookie)
  expect((await door.call(cookie, 'GET', '/api/work')).status).toBe(200)
  expect(await door.call(cookie, 'DELETE', '/api/account/totp')).toMatchObject({
    status: 409,
    body: { error: { code: 'second-factor-needed' } },
  })
  await house.db.asSuperuser('delete from throughline.sign_in_policy')
  await house.db.asSuperuser('update throughline.session set only_set_up = false')
})

test('a sensitive act needs a proof of the last ten minutes; a confirmation gives it, and is not guessed', async () => {
  const email = await person()
  const { cookie } = await tryPassword(email)
  house.clock.advance(11 * 60_000)
  const begin = () => door.call(cookie, 'POST', '/api/account/totp')
  expect(await begin()).toMatchObject({ status: 403, body: { error: { code: 'confirmation-needed' } } })
  const confirm = (body: object) => door.call(cookie, 'POST', '/api/session/confirm', body)
  expect((await confirm({ password: 'not it at all' })).body).toMatchObject({ error: { code: 'password-wrong' } })
  const confirmed = await confirm({ password })
  expect(confirmed.body).toEqual({ confirmedUntil: new Date(house.clock.now() + 600_000).toISOString() })
  expect((await begin()).status).toBe(201)
  for (let n = 0; n < 10; n += 1) await confirm({ password: 'guess' })
  expect((await confirm({ password })).body).toMatchObject({ error: { code: 'too-many-failures' } })
  expect((await audited('confirmed')).map(({ outcome }) => outcome)).toContain('4')
})

test('a changed password ends the other sessions, and only whoever knows the old one changes it', async () => {
  const email = await person()
  const [mine, other] = [await tryPassword(email), await tryPassword(email)]
  const change = (body: object) => door.call(mine.cookie, 'POST', '/api/account/password', body)
  expect((await change({ current: 'guess', password: 'nine-green-herons' })).body).toMatchObject({
    error: { code: 'password-wrong' },
  })
  expect((await change({ current: password, password: 'qwertyuiop12' })).body).toMatchObject({
    error: { code: 'password-weak' },
  })
  expect((await change({ current: password, password: 'nine-green-herons' })).status).toBe(200)
  expect((await door.call(mine.cookie, 'GET', '/api/account')).status).toBe(200)
  expect((await door.call(other.cookie, 'GET', '/api/account')).status).toBe(401)
  expect((await tryPassword(email)).status).toBe(401)
  expect((await tryPassword(email, 'nine-green-herons')).status).toBe(201)
})

test('a person ends their own sessions and nobody else’s; an administrator anybody’s', async () => {
  const [ann, bea] = [await tryPassword(await person()), await tryPassword(await person())]
  const idOf = async (cookie: string) => {
    const { body } = await door.call(cookie, 'GET', '/api/sessions')
    return (body['items'] as { id: string; current: boolean }[]).find(({ current }) => current)?.id
  }
  const bead = await idOf(bea.cookie)
  expect((await door.call(ann.cookie, 'DELETE', `/api/sessions/${bead}`)).status).toBe(404)
  expect((await door.call(ann.cookie, 'GET', '/api/sessions/all')).status).toBe(403)
  const admin = await door.signIn('admin@alpha.example')
  expect((await door.call(admin, 'GET', '/api/sessions/all')).body['items']).toContainEqual(
    expect.objectContaining({ id: bead }),
  )
  expect((await door.call(admin, 'DELETE', `/api/sessions/${bead}`)).status).toBe(200)
  expect((await door.call(bea.cookie, 'GET', '/api/account')).status).toBe(401)
  expect((await door.call(ann.cookie, 'GET', '/api/account')).status).toBe(200)
})

test('a session ends by the tenant’s own limits, idle and in all', async () => {
  const admin = await door.signIn('admin@alpha.example')
  await door.call(admin, 'PUT', '/api/sign-in-policy', { secondFactor: 'optional', idleMinutes: 10, absoluteHours: 1 })
  const { cookie } = await tryPassword(await person())
  const alive = async () => (await door.call(cookie, 'GET', '/api/account')).status
  for (let n = 0; n < 6; n += 1) {
    house.clock.advance(9 * 60_000)
    expect(await alive()).toBe(200)
  }
  house.clock.advance(7 * 60_000)
  expect(await alive()).toBe(401)
  const idle = await tryPassword(await person())
  house.clock.advance(11 * 60_000)
  expect((await door.call(idle.cookie, 'GET', '/api/account')).status).toBe(401)
  await house.db.asSuperuser('delete from throughline.sign_in_policy')
})

test('an administrator takes lost factors from an account, after proving who they are', async () => {
  const email = await person()
  await withTotp((await tryPassword(email)).cookie)
  const admin = await door.signIn('admin@alpha.example')
  const { body } = await door.call(admin, 'GET', '/api/accounts')
  const id = (body['items'] as { id: string; email: string }[]).find((one) => one.email === email)?.id
  const reset = () => door.call(admin, 'POST', `/api/accounts/${id}/reset-second-factor`)
  house.clock.advance(11 * 60_000)
  expect((await reset()).body).toMatchObject({ error: { code: 'confirmation-needed' } })
  await door.call(admin, 'POST', '/api/session/confirm', { password })
  expect((await reset()).status).toBe(200)
  const { cookie, status } = await tryPassword(email)
  expect(status).toBe(201)
  // A lost password too; whoever is in with the old one is out.
  const renew = (secret: string) => door.call(admin, 'PATCH', `/api/accounts/${id}`, { password: secret })
  expect((await renew('123456789012')).status).toBe(422)
  expect((await renew('nine-green-herons')).status).toBe(200)
  expect((await door.call(cookie, 'GET', '/api/account')).status).toBe(401)
  expect((await tryPassword(email, 'nine-green-herons')).status).toBe(201)
})
