import type { Resource } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { referral, useHouse } from '../../testkit/house.ts'
import { compile, readScenario, runScenario } from '../pathways/index.ts'

const house = useHouse()
const door = useDoor(house)
const hours = 3_600_000

const put = async (resource: Resource & { id: string }) => {
  const answer = await door.fhir('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource)
  expect({ ...answer, ok: answer.status < 300 }).toMatchObject({ ok: true })
  await house.settle()
}

// Everything here is about one person, and must not come back.
const personal = [
  'Zephyrine',
  'Quillfeather',
  '1961-07-19',
  '555-0142',
  'zephyrine@',
  'HC-998877',
  'Larkspur',
  'palpitations',
  'whispers',
  'recorded-patient',
  'Dr. Umbra',
]

test('a journey that was lived becomes a scenario that plays the same, with nothing of the patient in it', async () => {
  const id = 'recorded'
  await put({
    resourceType: 'Practitioner',
    id: 'umbra',
    name: [{ text: 'Dr. Umbra' }],
    telecom: [{ system: 'email', value: 'u@x.example' }],
  })
  await put({
    resourceType: 'Patient',
    id: `${id}-patient`,
    identifier: [{ system: 'urn:card', value: 'HC-998877' }],
    name: [{ family: 'Quillfeather', given: ['Zephyrine'] }],
    birthDate: '1961-07-19',
    telecom: [
      { system: 'sms', value: '555-0142' },
      { system: 'email', value: 'zephyrine@mail.example' },
    ],
    address: [{ line: ['12 Larkspur Lane'] }],
  })
  await put(
    referral(id, {
      reasonCode: [{ text: 'palpitations at night' }],
      note: [{ text: 'whispers of Quillfeather' }],
      requester: { reference: 'Practitioner/umbra', display: 'Dr. Umbra' },
      authoredOn: '2026-03-02',
      supportingInfo: [{ reference: 'DocumentReference/letter', display: 'Letter of Zephyrine' }],
    }),
  )
  const journey = async () => {
    const [row] = await house.db.asSuperuser<{ id: string; state: string }>(
      'select id, state from throughline.journey where key = $1',
      [id],
    )
    const state: { open: Record<string, { key: string }>; status: string } = JSON.parse(row?.state ?? '{}')
    return { id: row?.id ?? '', ...state }
  }
  // People answer what is asked, each a little later, until nothing of theirs is open any more.
  for (let round = 0; round < 12; round += 1) {
    const { open } = await journey()
    for (const { key } of Object.values(open)) {
      // A wait asks nobody.
      if (key === '') continue
      const { body, status } = await door.fhir('GET', `/fhir/Task/${key}`)
      if (status !== 200 || body['status'] === 'completed') continue
      const nurse = await door.signIn('lead@alpha.example')
      const detail = await door.call(nurse, 'GET', `/api/work/${key}`)
      const outcomes = (detail.body['outcomes'] ?? []) as { code: string }[]
      const code = outcomes[0]?.code
      const output =
        code === undefined ? {} : { output: [{ type: { coding: [{ code: 'outcome' }] }, valueCode: code }] }
      await put({ ...body, ...output, status: 'completed' } as unknown as Resource & { id: string })
    }
    await house.pass(20 * hours, 5 * hours)
  }
  const { id: key } = await journey()
  const lead = await door.signIn('lead@alpha.example')
  const { status, body } = await door.call(lead, 'GET', `/api/journeys/${key}/scenario`)
  expect(status).toBe(200)
  const source = String(body['source'])
  expect(personal.filter((one) => source.toLowerCase().includes(one.toLowerCase()))).toEqual([])
  expect(source).not.toContain(key)
  expect(body).toMatchObject({ faithful: true, differs: [] })
  const scenario = readScenario(source)
  expect(scenario.lines.length).toBeGreaterThan(3)
  const pathway = await house.database.transaction(house.alpha, (tx) =>
    house.pathways.version(tx, 'referral-intake', 1),
  )
  const played = runScenario(
    compile(pathway.definition, 1, house.pathways.surroundings.table).pathway,
    scenario,
    house.library.calendar,
  )
  expect(played.failures).toEqual([])
  expect(played.steps).toContain('triage')
})

test('whoever may not see journeys gets no scenario of one', async () => {
  const [row] = await house.db.asSuperuser<{ id: string }>('select id from throughline.journey limit 1')
  const admin = await door.signIn('admin@alpha.example')
  expect((await door.call(admin, 'GET', `/api/journeys/${row?.id}/scenario`)).status).toBe(403)
})
