import type { IncomingMessage, ServerResponse } from 'node:http'
import smart from 'fhirclient'
import { beforeAll, expect, test } from 'vitest'
import { type Arrival, PlainBrowser } from '../../../testkit/plain-browser.ts'
import { useDoor } from '../../../testkit/door.ts'
import { useHouse } from '../../../testkit/house.ts'
import { registerClient } from '../index.ts'

// An application that we did not write: SMART's own client library, on its adapter for Node, over the network.
const house = useHouse()
const door = useDoor(house, { listen: true })
const app = 'https://app.example/after'
const record = () => `${door.url}/t/alpha/fhir`
const scope =
  'launch/patient openid fhirUser offline_access patient/Patient.rs patient/Observation.rs?category=laboratory'

const register = (more: Partial<Parameters<typeof registerClient>[2]> = {}) =>
  house.database.transaction(house.alpha, (tx) =>
    registerClient(tx, house.context, {
      name: 'Growth chart',
      kind: 'public',
      redirectUris: [app],
      launchUri: 'http://localhost/launch',
      scope: `${scope} launch online_access patient/*.rs user/*.rs`,
      roles: [],
      jwksUri: null,
      jwks: null,
      trusted: false,
      introspects: false,
      ...more,
    }),
  )

interface App {
  /** Sends the person off; returns where to. */
  authorize(url: string, options: object): Promise<string>
  /** Takes the person back, with the code. */
  ready(url: URL): Promise<Awaited<ReturnType<ReturnType<typeof smart>['ready']>>>
}

function openApp(): App {
  const kept = new Map<string, unknown>()
  const storage = {
    get: async (key: string) => kept.get(key),
    set: async (key: string, value: unknown) => kept.set(key, value),
    unset: async (key: string) => kept.delete(key),
  }
  const api = (url: string, response: object) =>
    smart(
      { url, headers: { host: 'app.example' }, socket: { encrypted: true } } as unknown as IncomingMessage,
      response as unknown as ServerResponse,
      storage,
    )
  return {
    async authorize(url, options) {
      let location = ''
      const response = {
        writeHead: (_status: number, headers: { location: string }) => {
          location = headers.location
        },
        end: () => {},
      }
      await api(url, response).authorize(options)
      return location
    },
    ready: (url) => api(`${url.pathname}${url.search}`, {}).ready(),
  }
}

async function signedIn(email: string): Promise<PlainBrowser> {
  const browser = new PlainBrowser(door.url)
  browser.keep(await door.signIn(email))
  return browser
}

const observation = (id: string, patient: string, category: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: category }] }],
  code: { text: 'Measured' },
  subject: { reference: `Patient/${patient}` },
})

beforeAll(async () => {
  for (const [id, family] of [
    ['ann', 'Appleby'],
    ['bob', 'Brock'],
  ] as const) {
    await door.fhir('PUT', `/fhir/Patient/${id}`, {
      resourceType: 'Patient',
      id,
      name: [{ family, given: ['Ann & <Co>'] }],
      birthDate: '1980-04-23',
    })
    for (const category of ['laboratory', 'vital-signs'])
      await door.fhir('PUT', `/fhir/Observation/${id}-${category}`, observation(`${id}-${category}`, id, category))
  }
})

const choose = (browser: PlainBrowser, page: Arrival, patient: string) => {
  expect(page.html).toContain(`value="Patient/${patient}"`)
  return browser.send(page, { patient: `Patient/${patient}` })
}

test('an app is launched by itself: the nurse picks a patient, takes a scope away, and the app sees that patient’s results only', async () => {
  const { id } = await register()
  const own = openApp()
  const location = await own.authorize('/launch', { iss: record(), clientId: id, redirectUri: app, scope })
  const browser = await signedIn('nurse@alpha.example')
  const picker = await browser.go(location, { fromElsewhere: true })
  expect(picker.html).toContain('Growth chart')
  const found = await browser.send(picker, { q: 'appl', do: 'choose' })
  expect(found.html).toContain('Ann &amp; &lt;Co&gt; Appleby')
  expect(found.html).not.toContain('Brock')
  const consent = await choose(browser, found, 'ann')
  expect(consent.html).toContain('See measurements and results of the chosen patient (only category laboratory)')
  expect(consent.html).toContain('Know who you are')
  const { url, status } = await browser.send(consent, { do: 'allow' })
  expect([status, url.origin + url.pathname]).toEqual([0, app])

  const client = await own.ready(url)
  expect(client.state.tokenResponse).toMatchObject({ token_type: 'Bearer', patient: 'ann', need_patient_banner: true })
  expect(String(client.state.tokenResponse?.scope).split(' ').sort()).toEqual(scope.split(' ').sort())
  expect(await client.patient.read()).toMatchObject({ resourceType: 'Patient', id: 'ann' })
  expect(client.user.fhirUser).toBe('Practitioner/nurse')
  expect(client.getIdToken()).toMatchObject({ fhirUser: `${record()}/Practitioner/nurse`, aud: id })
  const seen = await client.request<{ entry: { resource: { id: string } }[] }>('Observation')
  expect(seen.entry.map(({ resource }) => resource.id)).toEqual(['ann-laboratory'])
  expect((await client.request<{ entry?: unknown[] }>('Patient')).entry).toHaveLength(1)
  await expect(client.request('Observation/ann-vital-signs')).rejects.toMatchObject({ status: 404 })
  await expect(client.request('Observation/bob-laboratory')).rejects.toMatchObject({ status: 404 })
  await expect(client.request('Condition')).rejects.toMatchObject({ status: 403 })
  await expect(client.create(observation('x', 'ann', 'laboratory') as never)).rejects.toMatchObject({ status: 403 })

  const before = client.state.tokenResponse?.access_token
  await client.refresh()
  expect(client.state.tokenResponse?.access_token).not.toBe(before)
  expect(await client.request('Patient/ann')).toMatchObject({ id: 'ann' })
})

test('an EHR launch brings its patient; the launch is good once, and for the person who made it only', async () => {
  const { id } = await register()
  const nurse = await door.signIn('nurse@alpha.example')
  const launched = await door.call(nurse, 'POST', '/api/launches', {
    client: id,
    patient: 'Patient/bob',
    intent: 'review',
  })
  expect(launched.status).toBe(201)
  const { searchParams } = new URL(String(launched.body['url']))
  expect(searchParams.get('iss')).toBe(record())
  const start = async (as: string) => {
    const own = openApp()
    const options = { clientId: id, redirectUri: app, scope: 'launch patient/Patient.read' }
    const location = await own.authorize(`/launch?${searchParams}`, options)
    const browser = await signedIn(as)
    return { own, browser, page: await browser.go(location, { fromElsewhere: true }) }
  }
  const clerk = await start('clerk@alpha.example')
  expect(clerk.page.url.searchParams.get('error')).toBe('invalid_request')
  const { own, browser, page } = await start('nurse@alpha.example')
  expect(page.html).toContain('Brock')
  expect(page.html).not.toContain('Another patient')
  const { url } = await browser.send(page, { do: 'allow' })
  const client = await own.ready(url)
  expect(client.state.tokenResponse).toMatchObject({
    patient: 'bob',
    intent: 'review',
    scope: 'launch patient/Patient.read',
  })
  expect(client.state.tokenResponse?.refresh_token).toBeUndefined()
  const again = await start('nurse@alpha.example')
  expect(again.page.url.searchParams.get('error')).toBe('invalid_request')
})

test('a person who is not signed in is sent to sign in and comes back; one who says no is believed', async () => {
  const { id } = await register()
  const own = openApp()
  const location = await own.authorize('/launch', {
    iss: record(),
    clientId: id,
    redirectUri: app,
    scope: 'user/Patient.rs',
  })
  const browser = new PlainBrowser(door.url)
  const stranger = await browser.go(location, { fromElsewhere: true })
  expect(stranger.url.pathname).toBe('/sign-in')
  browser.keep(await door.signIn('nurse@alpha.example'))
  const consent = await browser.go(String(stranger.url.searchParams.get('onward')))
  expect(consent.html).toContain('See who the patient is and how to reach them of every patient whom you may see')
  const { url } = await browser.send(consent, { do: 'deny' })
  expect(url.searchParams.get('error')).toBe('access_denied')
})

test('what is unticked is not granted, and an app that is shown the door is out at once', async () => {
  const { id } = await register()
  const own = openApp()
  const asked = 'openid fhirUser online_access user/Patient.rs user/Observation.rs'
  const location = await own.authorize('/launch', {
    iss: record(),
    clientId: id,
    redirectUri: app,
    scope: asked,
  })
  const browser = await signedIn('nurse@alpha.example')
  const consent = await browser.go(location, { fromElsewhere: true })
  const { url } = await browser.send(consent, { do: 'allow' }, ['user/Observation.rs'])
  const client = await own.ready(url)
  expect(client.state.tokenResponse?.scope).toBe('openid fhirUser online_access user/Patient.rs')
  await expect(client.request('Observation')).rejects.toMatchObject({ status: 403 })
  expect(await client.request('Patient/bob')).toMatchObject({ id: 'bob' })

  const nurse = await door.signIn('nurse@alpha.example')
  const { body } = await door.call(nurse, 'GET', '/api/applications')
  const [mine] = (body['items'] as { id: string; client: { id: string } }[]).filter((one) => one.client.id === id)
  expect((await door.call(nurse, 'DELETE', `/api/applications/${mine?.id}`)).status).toBe(200)
  await expect(client.request('Patient/bob')).rejects.toThrow()
})

test('an app with access while the person is there loses it when they sign out', async () => {
  const { id } = await register()
  const own = openApp()
  const asked = 'online_access user/Patient.rs'
  const location = await own.authorize('/launch', {
    iss: record(),
    clientId: id,
    redirectUri: app,
    scope: asked,
  })
  const browser = new PlainBrowser(door.url)
  const cookie = await door.signIn('nurse@alpha.example')
  browser.keep(cookie)
  const { url } = await browser.send(await browser.go(location, { fromElsewhere: true }), { do: 'allow' })
  const client = await own.ready(url)
  await client.refresh()
  expect(await client.request('Patient/bob')).toMatchObject({ id: 'bob' })
  const refresh_token = String(client.state.tokenResponse?.refresh_token)
  await door.call(cookie, 'DELETE', '/api/session')
  const token = `Bearer ${client.state.tokenResponse?.access_token}`
  expect((await fetch(`${door.url}/fhir/Patient/bob`, { headers: { authorization: token } })).status).toBe(401)
  const refreshed = await fetch(`${door.url}/oauth/alpha/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token, client_id: id }),
  })
  expect([refreshed.status, await refreshed.json()]).toMatchObject([400, { error: 'invalid_grant' }])
})

test('the record tells where to be let in, in both ways that apps ask', async () => {
  const smartConfiguration = await (await fetch(`${door.url}/t/alpha/fhir/.well-known/smart-configuration`)).json()
  expect(smartConfiguration).toMatchObject({
    issuer: `${door.url}/oauth/alpha`,
    authorization_endpoint: `${door.url}/oauth/alpha/authorize`,
    token_endpoint: `${door.url}/oauth/alpha/token`,
    code_challenge_methods_supported: ['S256'],
  })
  const metadata = await fetch(`${door.url}/t/alpha/fhir/metadata`, { headers: { origin: 'https://app.example' } })
  expect(metadata.headers.get('access-control-allow-origin')).toBe('*')
  const { rest } = (await metadata.json()) as { rest: { security: { extension: { extension: object[] }[] } }[] }
  expect(rest[0]?.security.extension[0]?.extension).toContainEqual({
    url: 'token',
    valueUri: `${door.url}/oauth/alpha/token`,
  })
  // Two organisations live here: without a name there is no telling whose server is meant.
  expect((await fetch(`${door.url}/fhir/.well-known/smart-configuration`)).status).toBe(422)
})
