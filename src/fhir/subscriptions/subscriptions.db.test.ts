import type { Basic, Bundle, OperationOutcome, Parameters, Subscription } from '@medplum/fhirtypes'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { useDoor } from '../../../testkit/door.ts'
import { useHouse } from '../../../testkit/house.ts'
import { startReceiver } from '../../../testkit/receiver.ts'
import { createJobWorker } from '../../jobs/index.ts'
import type { RecordGuard } from '../guard.ts'
import { createDeliverHandler } from './deliver.ts'
import { createDistributor, forgetOldEvents } from './distribute.ts'
import type { Delivery } from '../../engagement/index.ts'

const receiver = await startReceiver()
const letters: Delivery[] = []
const house = useHouse({
  outboundAllow: [receiver.address],
  channels: [{ name: 'email', deliver: async (_tenant, delivery) => void letters.push(delivery) }],
})
const door = useDoor(house)
afterAll(() => receiver.close())
beforeEach(() => {
  receiver.received.length = 0
  receiver.answer = 200
  letters.length = 0
})

const backport = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'
const taskChanged = 'urn:throughline:topic:task-changed'

const subscription = (
  options: {
    topic?: string
    filter?: string
    content?: string
    channel?: object
    extension?: object[]
    payload?: string
  } = {},
): object => ({
  resourceType: 'Subscription',
  status: 'requested',
  reason: 'Tell the referral desk',
  criteria: options.topic ?? taskChanged,
  ...(options.filter === undefined
    ? {}
    : { _criteria: { extension: [{ url: `${backport}/backport-filter-criteria`, valueString: options.filter }] } }),
  channel: {
    type: 'rest-hook',
    endpoint: receiver.url,
    header: ['Authorization: Bearer for-the-receiver'],
    payload: options.payload ?? 'application/fhir+json',
    _payload: {
      extension: [{ url: `${backport}/backport-payload-content`, valueCode: options.content ?? 'id-only' }],
    },
    ...(options.extension ? { extension: options.extension } : {}),
    ...options.channel,
  },
})

const create = async (resource: object): Promise<Subscription> => {
  const { resourceType } = resource as { resourceType: string }
  const answer = await door.fhir('POST', `/fhir/${resourceType}`, resource)
  expect(answer).toMatchObject({ status: 201 })
  return answer.body as unknown as Subscription
}
const refusal = async (resource: object) => {
  const answer = await door.fhir('POST', `/fhir/${(resource as { resourceType: string }).resourceType}`, resource)
  expect(answer.status).toBe(422)
  return (answer.body as unknown as OperationOutcome).issue.map(({ expression }) => expression?.[0])
}
const task = (more: object = {}) => ({ resourceType: 'Task', status: 'requested', intent: 'order', ...more })
const statusOf = async (id: string | undefined) =>
  ((await door.fhir('GET', `/fhir/Subscription/${id}`)).body as unknown as Subscription).status
const end = (id: string | undefined) => door.fhir('DELETE', `/fhir/Subscription/${id}`)
const events = () => receiver.received.filter(({ type }) => type === 'event-notification')

test('a receiver is shaken hands with, and then told of every change by number and reference', async () => {
  const { id } = await create(subscription())
  expect(await statusOf(id)).toBe('requested')
  await house.settle()
  expect(await statusOf(id)).toBe('active')
  expect(receiver.received.map(({ type }) => type)).toEqual(['handshake'])
  const made = await create(task())
  await house.settle()
  await door.fhir('PUT', `/fhir/Task/${made.id}`, { ...made, status: 'accepted' })
  await door.fhir('DELETE', `/fhir/Task/${made.id}`)
  await house.settle()
  expect(events().flatMap(({ numbers }) => numbers)).toEqual([1, 2, 3])
  const last = events().at(-1)
  expect(last?.headers).toMatchObject({
    authorization: 'Bearer for-the-receiver',
    'content-type': 'application/fhir+json',
  })
  expect(last?.bundle).toMatchObject({
    resourceType: 'Bundle',
    type: 'history',
    entry: [
      {
        resource: {
          resourceType: 'Parameters',
          parameter: [
            { name: 'subscription', valueReference: { reference: `http://localhost/fhir/Subscription/${id}` } },
            { name: 'topic', valueCanonical: taskChanged },
            { name: 'status', valueCode: 'active' },
            { name: 'type', valueCode: 'event-notification' },
            { name: 'events-since-subscription-start', valueString: '3' },
            { name: 'notification-event' },
            { name: 'notification-event' },
          ],
        },
      },
      { fullUrl: `http://localhost/fhir/Task/${made.id}`, request: { method: 'PUT' } },
      { fullUrl: `http://localhost/fhir/Task/${made.id}`, request: { method: 'DELETE' } },
    ],
  })
  expect(JSON.stringify(last?.bundle)).not.toContain('intent')
  await end(id)
})

test('a filter lets through what it names, and the content is as full as was asked', async () => {
  const { id } = await create(subscription({ filter: 'Task?owner=Practitioner/nurse', content: 'full-resource' }))
  await create(task({ owner: { reference: 'Practitioner/other' } }))
  const mine = await create(task({ owner: { reference: 'Practitioner/nurse' } }))
  await house.settle()
  expect(events().map(({ numbers, focuses }) => ({ numbers, focuses }))).toEqual([
    { numbers: [1], focuses: [`http://localhost/fhir/Task/${mine.id}`] },
  ])
  expect(events()[0]?.bundle.entry?.[1]?.resource).toMatchObject({ id: mine.id, intent: 'order' })
  await end(id)
})

test('an empty notification says that something happened and not what', async () => {
  const { id } = await create(subscription({ content: 'empty' }))
  const made = await create(task())
  await house.settle()
  expect(events()[0]?.numbers).toEqual([1])
  expect(JSON.stringify(events()[0]?.bundle)).not.toContain(made.id)
  expect(JSON.stringify(events()[0]?.bundle)).not.toContain(taskChanged)
  await end(id)
})

test('an observation that becomes final is told once, and a correction of it is not told as that', async () => {
  const { id } = await create(subscription({ topic: 'urn:throughline:topic:observation-final' }))
  const made = await create({ resourceType: 'Observation', status: 'preliminary', code: { text: 'Potassium' } })
  for (const status of ['final', 'final', 'amended'])
    await door.fhir('PUT', `/fhir/Observation/${made.id}`, { ...made, status })
  await create({ resourceType: 'Observation', status: 'final', code: { text: 'Sodium' } })
  await house.settle()
  expect(events().flatMap(({ numbers }) => numbers)).toEqual([1, 2])
  await end(id)
})

test('while the receiver is down nothing is lost; it is tried again with growing waits, told as error, then all arrives in order', async () => {
  const extension = [{ url: `${backport}/backport-max-count`, valuePositiveInt: 3 }]
  const { id } = await create(subscription({ extension }))
  await house.settle()
  receiver.answer = 'down'
  for (let n = 0; n < 10; n += 1) await create(task())
  await house.settle()
  for (let tried = 0; tried < 3; tried += 1) {
    house.clock.advance(10_000)
    await house.settle()
  }
  expect(await statusOf(id)).toBe('error')
  receiver.answer = 503
  house.clock.advance(600_000)
  await house.settle()
  const status = await door.fhir('GET', `/fhir/Subscription/${id}/$status`)
  expect(JSON.stringify(status.body)).toContain('the receiver answered 503')
  receiver.answer = 200
  house.clock.advance(600_000)
  await house.settle()
  expect(events().map(({ numbers }) => numbers)).toEqual([[1, 2, 3], [4, 5, 6], [7, 8, 9], [10]])
  expect(await statusOf(id)).toBe('active')
  await end(id)
})

test('a handshake that is not taken is an error, and the subscription begins when it is', async () => {
  receiver.answer = 404
  const { id } = await create(subscription())
  await create(task())
  await house.settle()
  expect(await statusOf(id)).toBe('error')
  receiver.answer = 200
  house.clock.advance(5_000)
  await house.settle()
  expect(receiver.received.map(({ type, numbers }) => [type, numbers])).toEqual([
    ['handshake', []],
    ['event-notification', [1]],
  ])
  await end(id)
})

test('a heartbeat comes when nothing else did', async () => {
  const extension = [{ url: `${backport}/backport-heartbeat-period`, valueUnsignedInt: 60 }]
  const { id } = await create(subscription({ extension }))
  await house.settle()
  house.clock.advance(59_000)
  await house.settle()
  expect(receiver.received.map(({ type }) => type)).toEqual(['handshake'])
  house.clock.advance(1_000)
  await house.settle()
  await create(task())
  await house.settle()
  house.clock.advance(60_000)
  await house.settle()
  expect(receiver.received.map(({ type }) => type)).toEqual([
    'handshake',
    'heartbeat',
    'event-notification',
    'heartbeat',
  ])
  await end(id)
})

test('what was told can be asked for again by number', async () => {
  const { id } = await create(subscription())
  for (let n = 0; n < 4; n += 1) await create(task())
  await house.settle()
  const answer = await door.fhir(
    'GET',
    `/fhir/Subscription/${id}/$events?eventsSinceNumber=2&eventsUntilNumber=3&content=full-resource`,
  )
  expect(answer.status).toBe(200)
  const bundle = answer.body as unknown as Bundle
  const told = bundle.entry?.[0]?.resource as Parameters
  expect(told.parameter?.filter(({ name }) => name === 'notification-event').map(({ part }) => part?.[0])).toEqual([
    { name: 'event-number', valueString: '2' },
    { name: 'event-number', valueString: '3' },
  ])
  expect(bundle.entry?.slice(1).map(({ resource }) => resource?.resourceType)).toEqual(['Task', 'Task'])
  expect((await door.fhir('GET', `/fhir/Subscription/${id}/$events?eventsSinceNumber=x`)).status).toBe(400)
  const all = (await door.fhir('GET', '/fhir/Subscription/$status?status=active')).body as unknown as Bundle
  expect(
    all.entry?.map(({ resource }) => (resource as Parameters).parameter?.[0]?.valueReference?.reference),
  ).toContain(`http://localhost/fhir/Subscription/${id}`)
  await end(id)
  expect((await door.fhir('GET', `/fhir/Subscription/${id}/$status`)).status).toBe(404)
})

test('events are forgotten after a week, those that nobody has taken are kept', async () => {
  const { id } = await create(subscription())
  await create(task())
  await house.settle()
  receiver.answer = 500
  await create(task())
  await house.settle()
  const kept = async () => {
    await house.database.transaction(house.alpha, (tx) => forgetOldEvents(tx, house.clock.now()))
    const rows = await house.db.asSuperuser<{ number: string }>(
      `select number from throughline.fhir_subscription_event where subscription = '${id}' order by number`,
    )
    return rows.map(({ number }) => Number(number))
  }
  expect(await kept()).toEqual([1, 2])
  house.clock.advance(8 * 86_400_000)
  expect(await kept()).toEqual([2])
  await end(id)
})

test('an e-mail names the events and never what is in them', async () => {
  const { id } = await create(
    subscription({ payload: 'text/plain', channel: { type: 'email', endpoint: 'mailto:desk@clinic.example' } }),
  )
  const made = await create(task({ description: 'Palpitations' }))
  await house.settle()
  expect(letters.map(({ address, subject }) => [address, subject])).toEqual([
    ['desk@clinic.example', 'Notifications begin'],
    ['desk@clinic.example', '1 event'],
  ])
  expect(letters[1]?.text).toContain(`Event 1: http://localhost/fhir/Task/${made.id}`)
  expect(letters[1]?.text).not.toContain('Palpitations')
  await end(id)
})

test('what cannot be served is refused with the place of each fault, and nothing is stored', async () => {
  expect(await refusal(subscription({ topic: 'http://elsewhere.example/topic' }))).toEqual(['Subscription.criteria'])
  expect(await refusal(subscription({ filter: 'Task?colour=red' }))).toEqual([
    'Subscription.criteria.extension[0]',
    'Subscription.criteria.extension[0]',
  ])
  expect(await refusal(subscription({ filter: 'Patient?_id=1' }))).toEqual(['Subscription.criteria.extension[0]'])
  const to = (endpoint: string) => refusal(subscription({ channel: { endpoint } }))
  for (const endpoint of [
    'http://receiver.example/hook',
    'https://127.0.0.1/hook',
    'https://[::1]/hook',
    'https://[::ffff:10.0.0.1]/hook',
    'https://169.254.169.254/latest/meta-data',
    'https://10.1.2.3/hook',
    'https://localhost/hook',
    'https://user:secret@receiver.example/',
    'ftp://receiver.example/',
    'hook',
  ])
    expect([endpoint, await to(endpoint)]).toEqual([endpoint, ['Subscription.channel.endpoint']])
  expect(await refusal(subscription({ channel: { header: ['Host: inside'] } }))).toEqual([
    'Subscription.channel.header[0]',
  ])
  expect(await refusal(subscription({ channel: { type: 'sms' } }))).toEqual(['Subscription.channel.type'])
  expect(
    await refusal(
      subscription({
        content: 'full-resource',
        payload: 'text/plain',
        channel: { type: 'email', endpoint: 'mailto:a@b.example' },
      }),
    ),
  ).toEqual(['Subscription.channel.payload.extension'])
  expect(await refusal({ ...subscription(), status: 'active' })).toEqual(['Subscription.status'])
  const found = await door.fhir('GET', '/fhir/Subscription?_summary=count')
  expect(found.body['total']).toBe(0)
  expect(await house.db.asSuperuser('select from fhir_subscription')).toEqual([])
})

const ownTopic = (criteria: string, status = 'active'): Basic => ({
  resourceType: 'Basic',
  code: { coding: [{ system: 'http://hl7.org/fhir/fhir-types', code: 'SubscriptionTopic' }] },
  modifierExtension: [
    { url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.status', valueCode: status },
  ],
  extension: [
    {
      url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.url',
      valueUri: 'http://clinic.example/topics/urgent-request',
    },
    {
      url: 'http://hl7.org/fhir/4.3/StructureDefinition/extension-SubscriptionTopic.resourceTrigger',
      extension: [
        { url: 'resource', valueUri: 'http://hl7.org/fhir/StructureDefinition/ServiceRequest' },
        { url: 'supportedInteraction', valueCode: 'create' },
        { url: 'queryCriteria', extension: [{ url: 'current', valueString: criteria }] },
      ],
    },
  ],
})

test('a topic of one’s own is a Basic resource: listed, followed, refused when it cannot be worked by, kept while it is needed', async () => {
  const made = await create(ownTopic('priority=urgent'))
  const list = (await door.fhir('GET', '/fhir/Subscription/$topic-list')).body as unknown as Parameters
  const urls = list.parameter?.map(({ valueCanonical }) => valueCanonical)
  expect(urls).toContain('http://clinic.example/topics/urgent-request')
  expect(urls).toContain(taskChanged)
  const { id } = await create(subscription({ topic: 'http://clinic.example/topics/urgent-request|1' }))
  const request = {
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/p' },
  }
  await create({ ...request, priority: 'routine' })
  await create({ ...request, priority: 'urgent' })
  await house.settle()
  expect(events().flatMap(({ numbers }) => numbers)).toEqual([1])
  await door.fhir('PUT', `/fhir/Basic/${made.id}`, { ...ownTopic('priority=routine'), id: made.id })
  await create({ ...request, priority: 'urgent' })
  await create({ ...request, priority: 'routine' })
  await house.settle()
  expect(events().flatMap(({ numbers }) => numbers)).toEqual([1, 2])
  expect((await door.fhir('DELETE', `/fhir/Basic/${made.id}`)).status).toBe(409)
  expect(await refusal(ownTopic('colour=red'))).toEqual(['Basic.extension[1]'])
  await end(id)
  expect((await door.fhir('DELETE', `/fhir/Basic/${made.id}`)).status).toBe(204)
})

test('what the maker may not see makes no event, and what they may not see any more is told by its number alone', async () => {
  const { id } = await create(subscription({ content: 'full-resource' }))
  let open = (alias: string) => `${alias}.id <> 'hidden'`
  const guard: RecordGuard = {
    sight: async () => ({ visible: () => (_type, alias) => open(alias), hidden: () => [] }),
  }
  const flows = { ...house.flows, guard }
  const { database, clock, log } = house
  const distributor = createDistributor({ ...flows, log })
  const jobs = createJobWorker({ database, clock, log, handlers: [createDeliverHandler(flows)] })
  const put = (name: string) => door.fhir('PUT', `/fhir/Task/${name}`, { ...task(), id: name })
  await put('hidden')
  await put('shown')
  await put('revoked')
  await distributor.drain(house.alpha)
  open = (alias) => `${alias}.id not in ('hidden', 'revoked')`
  await jobs.drain(house.alpha)
  expect(events().map(({ numbers, focuses }) => [numbers, focuses])).toEqual([
    [[1, 2], ['http://localhost/fhir/Task/shown']],
  ])
  expect(JSON.stringify(events())).not.toContain('revoked')
  await end(id)
})

test('a subscription ends with its time, and when whoever made it may not act any more', async () => {
  const at = new Date(house.clock.now() + 60_000).toISOString()
  const ending = await create({ ...subscription(), end: at })
  await house.settle()
  house.clock.advance(61_000)
  await create(task())
  await house.settle()
  expect(await statusOf(ending.id)).toBe('off')
  expect(events()).toEqual([])
  const { id } = await create(subscription())
  await house.settle()
  await house.db.asSuperuser('update api_token set revoked_at = now()')
  await house.database.transaction(house.alpha, (tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'create', resource: { resourceType: 'Task', status: 'requested', intent: 'order' } },
    ]),
  )
  await house.settle()
  const [row] = await house.db.asSuperuser<{ sent: string; status: string }>(
    `select sent_number as sent, status from fhir_subscription where id = '${id}'`,
  )
  expect(row).toEqual({ sent: '0', status: 'off' })
  expect(events()).toEqual([])
})

test('a person sees how each subscription goes and sends again what was given up', async () => {
  await house.db.asSuperuser('update api_token set revoked_at = null')
  receiver.answer = 500
  const { id } = await create(subscription())
  await create(task())
  await house.settle()
  await house.db.asSuperuser(`update throughline.job set attempts = 148 where key = 'subscription/${id}'`)
  for (let tried = 0; tried < 3; tried += 1) {
    house.clock.advance(86_400_000)
    await house.settle()
  }
  expect(await statusOf(id)).toBe('off')
  // A day has passed: everybody's session has ended.
  const lead = await door.signIn('lead@alpha.example')
  const list = async () => (await door.call(lead, 'GET', '/api/subscriptions')).body['items'] as { id: string }[]
  expect((await list()).find((one) => one.id === id)).toMatchObject({
    status: 'off',
    topic: { url: taskChanged, title: 'Task changed' },
    events: 1,
    waiting: 1,
    lastError: 'the receiver answered 500',
  })
  receiver.answer = 200
  expect((await door.call(lead, 'POST', `/api/subscriptions/${id}/resend`)).status).toBe(204)
  await create(task())
  await house.settle()
  expect(receiver.received.map(({ type, numbers }) => [type, numbers])).toEqual([
    ['handshake', []],
    ['event-notification', [1, 2]],
  ])
  expect((await list()).find((one) => one.id === id)).toMatchObject({ status: 'active', waiting: 0, lastError: null })
  const nurse = await door.signIn('nurse@alpha.example')
  expect((await door.call(nurse, 'GET', '/api/subscriptions')).status).toBe(403)
  expect((await door.call(lead, 'GET', '/api/topics')).body['items']).toContainEqual(
    expect.objectContaining({ url: taskChanged, resources: ['Task'], own: null }),
  )
  await end(id)
})
