import { spawnSync } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { picture, seriousFaults } from '../testkit/browser.ts'
import { findChromium } from '../testkit/chromium.ts'
import { freePort, type SpawnedServer, spawnServer } from '../testkit/spawned-server.ts'

const email = 'ada@river.example'
const password = 'forty-two-otters'
const asked = 'openid fhirUser user/Patient.rs user/Observation.rs?category=laboratory user/Task.cruds'
/** What an authenticator app shows in a half minute: RFC 6238, written a second time. */
function codeOfStep(secret: string, step: number): string {
  const bits = Array.from(secret, (one) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(one).toString(2).padStart(5, '0'),
  ).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const mac = createHmac('sha1', key)
    .update(Buffer.from(step.toString(16).padStart(16, '0'), 'hex'))
    .digest()
  const at = mac.readUInt8(19) & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
const slow = { timeout: 90_000 }

/** A first run, lived through in a browser with an authenticator of its own, and an application that asks to be let in. */
describe.skipIf(findChromium() === undefined)('signing in, in a browser', () => {
  let server: SpawnedServer
  let browser: Browser
  let page: Page
  let folder: string
  let app: Server
  let appUrl: string
  let home: string
  let clientId: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'throughline-sign-in-'))
    await chmod(folder, 0o755)
    const port = await freePort()
    home = `http://localhost:${port}`
    // Browsers have passkeys on localhost, and none under a bare address.
    const environment = { THROUGHLINE_DATA: folder, PUBLIC_URL: home }
    server = await spawnServer(['start'], environment, port)
    app = createServer((request, response) => response.end(`back with ${request.url}`))
    appUrl = `http://127.0.0.1:${await freePort()}`
    app.listen(Number(new URL(appUrl).port), '127.0.0.1')
    const executablePath = findChromium()
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    })
    const context = await browser.newContext({ locale: 'en-CA', baseURL: home })
    page = await context.newPage()
    const devtools = await context.newCDPSession(page)
    await devtools.send('WebAuthn.enable')
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    app?.close()
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const question = () =>
    `${home}/oauth/river-clinic/authorize?${new URLSearchParams({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: `${appUrl}/after`,
      scope: asked,
      aud: `${home}/fhir`,
      code_challenge: createHash('sha256').update('v'.repeat(64)).digest('base64url'),
      code_challenge_method: 'S256',
      state: 's',
    })}`
  const signOut = () => page.getByRole('button', { name: 'Sign out' }).click()
  const givePassword = async () => {
    await page.locator('input[type=email]').fill(email)
    await page.locator('input[name=password]').fill(password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  }

  test('the first administrator sets up the organisation with a password alone', slow, async () => {
    await page.goto('/')
    await page.getByLabel('Organisation').fill('River Clinic')
    await page.getByLabel('Your name').fill('Ada')
    await page.getByLabel('E-mail').fill(email)
    await page.locator('input[name=password]').fill(password)
    await page.getByRole('button', { name: 'Set up' }).click()
    await page.getByRole('navigation').first().waitFor()
  })

  test('a passkey is added in the account, and alone signs in', slow, async () => {
    await page.getByRole('link', { name: 'Ada', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'My account' }).waitFor()
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByLabel('Name of the passkey').fill('This computer')
    await page.getByRole('dialog').getByRole('button', { name: 'Continue' }).click()
    await page.getByTestId('passkey-row').getByText('This computer').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await picture(page, 'account')
    await signOut()
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByRole('navigation').first().waitFor()
  })

  test('an authenticator app is set up, and the password then asks for its code', slow, async () => {
    await page.goto('/account')
    await page.getByRole('region', { name: 'Authenticator app' }).getByRole('button', { name: 'Set up' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByAltText('QR code').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    const secret = (await dialog.getByLabel('Key').inputValue()).replaceAll(' ', '')
    const used = Math.floor(Date.now() / 30_000)
    await dialog.getByLabel('Code that the app shows').fill(codeOfStep(secret, used))
    await dialog.getByRole('button', { name: 'Set up' }).click()
    await page.getByRole('button', { name: 'I have kept them' }).waitFor()
    expect(await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').count()).toBe(10)
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await signOut()
    await givePassword()
    await page.getByRole('heading', { name: 'One more step' }).waitFor()
    expect(await seriousFaults(page)).toEqual([])
    // The present code set it up; the server takes the next one already.
    await page.getByLabel('Code').fill(codeOfStep(secret, used + 1))
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('navigation').first().waitFor()
  })

  test('an application on another site sends its person to us, and has them back with a code', slow, async () => {
    const registered = await page.evaluate(
      async ({ redirectUri, scope }) => {
        const answer = await fetch('/api/clients', {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-throughline': 'test' },
          body: JSON.stringify({
            name: 'Growth chart',
            kind: 'public',
            redirectUris: [redirectUri],
            scope,
          }),
        })
        return (await answer.json()) as { id: string }
      },
      { redirectUri: `${appUrl}/after`, scope: asked },
    )
    clientId = registered.id
    // From the app's own page, as a person would: the browser leaves strict cookies out at first.
    await page.goto(appUrl)
    await page.evaluate((address) => window.location.assign(address), question())
    await page.getByRole('heading', { name: 'Growth chart wants to use Throughline' }).waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await picture(page, 'consent')
    await page.getByRole('checkbox', { name: /tasks/ }).uncheck()
    await page.getByRole('button', { name: 'Allow', exact: true }).click()
    await page.getByText('back with /after?code=').waitFor()
    expect(new URL(page.url()).searchParams.get('state')).toBe('s')
  })

  test('an operator registers an application by command, while the server runs', slow, async () => {
    const cli = new URL('../src/main/cli.ts', import.meta.url).pathname
    const run = (...args: string[]) =>
      spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', cli, 'client', ...args], {
        env: { ...process.env, THROUGHLINE_DATA: folder },
        encoding: 'utf8',
      })
    const made = run(
      'add',
      '--name',
      'Scheduler',
      '--kind',
      'confidential',
      '--scope',
      'openid user/*.rs',
      '--redirect',
      `${appUrl}/x`,
    )
    expect(made.stdout).toMatch(/^client_id {6}[\w-]{36}\nclient_secret {2}[\w-]{43} /)
    expect(run('list').stdout).toMatch(/confidential active {4}Scheduler {2}openid user\/\*\.rs/)
    const wrong = run(
      'add',
      '--name',
      'X',
      '--kind',
      'public',
      '--scope',
      'nonsense',
      '--redirect',
      'http://far.example',
    )
    expect([wrong.status, wrong.stderr]).toEqual([
      1,
      expect.stringMatching(/client-invalid\)\n {2}redirectUris\.0: .*\n {2}scope\.0: nonsense is no scope/),
    ])
  })

  test('a person who is not signed in signs in on the way and goes on to the application', slow, async () => {
    await page.goto('/account')
    await signOut()
    await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor()
    await page.goto(appUrl)
    await page.evaluate((address) => window.location.assign(address), question())
    await page.getByText('Sign in, and you go on to the application that asked.').waitFor()
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByRole('heading', { name: 'Growth chart wants to use Throughline' }).waitFor()
    await page.getByRole('button', { name: 'Do not allow' }).click()
    await page.getByText('error=access_denied').waitFor()
  })
})
