import { expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'

const house = useHouse()
const door = useDoor(house)

const stored = () =>
  house.database.transaction(house.alpha, (tx) =>
    tx.query<{ n: number }>({
      text: `select (select count(*) from fhir_history where type <> 'AuditEvent')::int + (select count(*) from pathway_version)::int + (select count(*) from fhir_change)::int + (select count(*) from fhir_token)::int as n`,
    }),
  )
/** Sends something bad; answers with what came back, after checking that nothing of it was kept. */
async function nothingKept<T>(send: () => Promise<T>): Promise<T> {
  const before = await stored()
  const answer = await send()
  expect(await stored()).toEqual(before)
  return answer
}
interface Outcome {
  issue: { code: string; expression?: string[]; details: { coding: { code: string }[] } }[]
}
const said = (answer: { status: number; body: unknown }) => {
  const [issue] = (answer.body as Outcome).issue
  return { status: answer.status, code: issue?.details.coding[0]?.code, path: issue?.expression?.[0] }
}

test('malformed JSON is refused with the place where it breaks', async () => {
  const answer = await nothingKept(() =>
    door.fhir('POST', '/fhir/Patient', '{"resourceType": "Patient",\n "active": tru}'),
  )
  expect(said(answer)).toEqual({
    status: 400,
    code: 'malformed-json',
    path: expect.stringMatching(/^line 2, column \d+$/),
  })
})

test('an unknown resource type is refused', async () => {
  const answer = await nothingKept(() => door.fhir('POST', '/fhir/Patents', { resourceType: 'Patents' }))
  expect(answer.status).toBeGreaterThanOrEqual(400)
  expect(answer.status).toBeLessThan(500)
  expect(said(answer).code).toBeTruthy()
})

test('a wrong type is refused with the path of the element', async () => {
  const answer = await nothingKept(() =>
    door.fhir('POST', '/fhir/Patient', { resourceType: 'Patient', active: 'yes', name: [{ family: ['a'] }] }),
  )
  expect(said(answer)).toMatchObject({ status: 422, path: 'Patient.active' })
})

test('a body of 50 MB is refused before it is read whole', async () => {
  const answer = await nothingKept(() =>
    door.fhir('POST', '/fhir', `{"resourceType":"Bundle","type":"transaction","x":"${'a'.repeat(50_000_000)}"}`),
  )
  expect(said(answer)).toMatchObject({ status: 413, code: 'body-too-large' })
})

test('a stale If-Match is refused and the newer version stays', async () => {
  await door.fhir('PUT', '/fhir/Patient/p1', { resourceType: 'Patient', id: 'p1', active: true })
  await door.fhir(
    'PUT',
    '/fhir/Patient/p1',
    { resourceType: 'Patient', id: 'p1', active: false },
    { 'if-match': 'W/"1"' },
  )
  const answer = await nothingKept(() =>
    door.fhir('PUT', '/fhir/Patient/p1', { resourceType: 'Patient', id: 'p1', active: true }, { 'if-match': 'W/"1"' }),
  )
  expect(said(answer)).toMatchObject({ status: 412 })
  expect((await door.fhir('GET', '/fhir/Patient/p1')).body).toMatchObject({ active: false, meta: { versionId: '2' } })
})

test('a transaction with one bad entry leaves none of the others', async () => {
  const entry = (resource: object) => ({ resource, request: { method: 'POST', url: 'Patient' } })
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      entry({ resourceType: 'Patient', active: true }),
      entry({ resourceType: 'Patient', birthDate: 'yesterday' }),
    ],
  }
  const answer = await nothingKept(() => door.fhir('POST', '/fhir', bundle))
  expect(said(answer)).toMatchObject({ status: 422, path: expect.stringContaining('entry[1]') })
})

const publish = async (source: string) => {
  const lead = await door.signIn('lead@alpha.example')
  const begin = () => door.call(lead, 'POST', '/api/drafts', { source })
  // A text that is no pathway at all begins no draft; whatever else is wrong is refused when its review is asked for.
  const begun = source.includes('tracks:') ? await begin() : undefined
  return nothingKept(async () => {
    const ask = { revision: 1, note: 'a try' }
    const answer = begun
      ? await door.call(lead, 'POST', `/api/drafts/${String(begun.body['id'])}/ask`, ask)
      : await begin()
    const { error } = answer.body as {
      error: { code: string; faults: { code: string; path: string; message: string }[] }
    }
    return {
      status: answer.status,
      code: error.code,
      faults: error.faults.map(({ code, path }) => `${code} ${path}`),
      message: error.faults[0]?.message,
    }
  })
}
const pathway = (steps: string, extra = '') => `pathway: probe
title: {en: Probe, fr: Sonde}
owner: operations-lead
starts: [{on: ServiceRequest, when: status = 'active'}]
${extra}stages: [{id: one, title: {en: One, fr: Un}}]
tracks:
  main:
    steps:
${steps}`

test('an unknown pathway step is refused with its place in the file', async () => {
  const answer = await publish(
    pathway(`      close: {after: nowhere, end: {outcome: closed, title: {en: Closed, fr: Fermé}}}
      begin: {wait: {for: 1 days}}`),
  )
  expect(answer).toMatchObject({
    status: 422,
    code: 'pathway-refused',
    message: 'there is no step nowhere (line 9, column 22)',
  })
  expect(answer.faults).toContain('unknown-step tracks.main.steps.close.after')
})

test('a circle of steps without a task or a wait is refused', async () => {
  const answer = await publish(
    pathway(`      begin: {wait: {for: 1 days}}
      a: {after: {any: [begin, b.again]}, decide: {rules: [{when: 'true', gives: go}], otherwise: stop}}
      b: {after: a.go, decide: {rules: [{when: 'true', gives: again}], otherwise: stop}}`),
  )
  expect(answer.faults).toContain('cycle-without-wait tracks.main.steps.a.after')
})

test('an expression that does not type-check is refused, in FHIRPath and in CEL', async () => {
  const fhirPath = await publish(
    pathway('      begin: {wait: {for: 1 days}}').replace("status = 'active'", "statos = 'active'"),
  )
  expect(fhirPath.faults).toEqual(['expression-type starts.0.when'])
  expect(fhirPath.message).toContain('ServiceRequest has no element statos')
  const cel = await publish(pathway(`      begin: {when: tries + 1, wait: {for: 1 days}}`, 'variables: {tries: int}\n'))
  expect(cel.faults).toEqual(['expression-type tracks.main.steps.begin.when'])
})

test('a step that nobody here performs is refused and not left undone', async () => {
  const answer = await publish(pathway('      begin: {call: {connector: ehr, operation: push, at-most: 1 days}}'))
  expect(answer.faults).toContain('no-performer tracks.main.steps.begin.call.operation')
})

test('YAML that cannot be read is refused with its place', async () => {
  const answer = await publish('pathway: [unclosed')
  expect(answer.faults[0]).toMatch(/^yaml-syntax/)
})
