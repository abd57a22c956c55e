import type { Resource } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { useHouse } from '../../testkit/house.ts'
import { actOnJourney } from '../journeys/index.ts'

// 21:00 in Toronto.
const house = useHouse({ start: Date.UTC(2026, 5, 2, 1) })
const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)
const write = (...resources: (Resource & { id: string })[]) =>
  inAlpha((tx) =>
    house.record.write(
      tx,
      house.context,
      resources.map((resource) => ({ interaction: 'update', resource })),
      { validate: false },
    ),
  )
const patient = (id: string, zone?: string): Resource & { id: string } => ({
  resourceType: 'Patient',
  id,
  telecom: [{ system: 'sms', value: `555-${id}` }],
  ...(zone === undefined
    ? {}
    : { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: zone }] }),
})
const condition = (id: string, of: string, text: string): Resource & { id: string } => ({
  resourceType: 'Condition',
  id,
  code: { text },
  subject: { reference: `Patient/${of}` },
})
const pathway = (name: string, budget: string) => `pathway: ${name}
title: {en: Probe, fr: Sonde}
owner: operations-lead
starts: [{on: Condition, when: "code.text = '${name}'"}]
stages: [{id: one, title: {en: One, fr: Un}}]
tracks:
  main:
    steps:
      tell: {message: {to: patient, template: visit-booked, channels: [sms]${budget}}}
      lost: {after: tell.failed, task: {role: physician, title: {en: T, fr: T}, due: 2 days}}`
const deliveries = (id: string) =>
  inAlpha((tx) =>
    tx.query<{ body: string; at: Date }>({
      text: 'select body, at from local_delivery where tenant_id = $1 and address = $2 order by at, key',
      values: [tx.tenant, `555-${id}`],
    }),
  )
const statuses = (id: string) =>
  inAlpha((tx) =>
    tx.query<{ status: string }>({
      text: 'select status from message where tenant_id = $1 and patient = $2 order by created_at, id',
      values: [tx.tenant, `Patient/${id}`],
    }),
  ).then((rows) => rows.map((row) => row.status))

test('patients hear at eight on their own clock, of urgent things at once, and of reminders together', async () => {
  for (const [name, budget] of [
    ['plain', ''],
    ['urgent', ', budget: urgent'],
    ['remind', ', budget: reminder'],
    ['nudge', ', budget: reminder'],
  ] as const)
    await inAlpha((tx) => house.pathways.publish(tx, house.context, pathway(name, budget), 'For the test'))
  await write(patient('east'), patient('west', 'America/Vancouver'), patient('many'))
  await write(
    condition('c1', 'east', 'plain'),
    condition('c2', 'west', 'plain'),
    condition('c3', 'many', 'urgent'),
    condition('c4', 'many', 'remind'),
    condition('c5', 'many', 'nudge'),
  )
  await house.settle()
  expect(await statuses('east')).toEqual(['preparation'])
  // It is 18:00 there.
  expect(await statuses('west')).toEqual(['completed'])
  expect(await statuses('many')).toEqual(expect.arrayContaining(['completed', 'preparation', 'preparation']))
  const held = await inAlpha((tx) =>
    house.record.search(tx, 'Communication', new URLSearchParams('subject=Patient/east')),
  )
  expect(held.resources[0]).toMatchObject({
    extension: expect.arrayContaining([
      { url: 'urn:throughline:held', valueCode: 'quiet' },
      { url: 'urn:throughline:not-before', valueDateTime: '2026-06-02T12:00:00.000Z' },
    ]),
  })
  await house.pass(11 * 3_600_000)
  expect(await statuses('east')).toEqual(['completed'])
  expect(await statuses('many')).toEqual(['completed', 'completed', 'completed'])
  const [urgent, together, ...rest] = await deliveries('many')
  expect(rest).toEqual([])
  expect(together?.body).toBe(`${urgent?.body}\n\n${urgent?.body}`)
})

test('a reminder whose companion is withdrawn leaves by itself', async () => {
  await write(patient('pair'), condition('p1', 'pair', 'remind'))
  await house.settle()
  await write(condition('p2', 'pair', 'nudge'))
  await house.settle()
  const rows = await inAlpha((tx) =>
    tx.query<{ id: string }>({
      text: `select id from journey where tenant_id = $1 and subject = 'Patient/pair' and pathway = 'remind'`,
      values: [tx.tenant],
    }),
  )
  await inAlpha((tx) =>
    actOnJourney(tx, house.context, house, rows[0]?.id ?? '', { act: { do: 'cancel' }, reason: 'moved away' }),
  )
  await house.pass(3_600_000, 600_000)
  expect((await statuses('pair')).toSorted()).toEqual(['completed', 'stopped'])
  expect((await deliveries('pair')).length).toBe(1)
})

test('a message for which the week has no room goes to a person instead', async () => {
  await write(patient('busy'))
  for (let n = 0; n < 8; n += 1) {
    await write(condition(`b${n}`, 'busy', 'urgent'))
    await house.settle()
  }
  await write(condition('b9', 'busy', 'plain'))
  await house.settle()
  expect((await statuses('busy')).filter((status) => status === 'not-done')).toEqual(['not-done'])
  const [lost] = await inAlpha((tx) =>
    tx.query({
      text: `select from journey where tenant_id = $1 and subject = 'Patient/busy' and state::jsonb->'open' ? 'lost'`,
      values: [tx.tenant],
    }),
  )
  expect(lost).toBeDefined()
})
