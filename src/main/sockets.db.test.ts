import type { Parameters, Subscription } from '@medplum/fhirtypes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { readNotification, type Received } from '../../testkit/receiver.ts'
import { serveSockets } from '../http/index.ts'

const house = useHouse()
const door = useDoor(house)
let address = ''
let end = () => {}
beforeAll(async () => {
  end = serveSockets(door.app.server, [house.sockets])
  await house.sockets.start()
  await door.app.listen({ port: 0, host: '127.0.0.1' })
  const bound = door.app.server.address()
  address = `ws://127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}`
})
afterAll(async () => {
  await house.sockets.stop()
  end()
})

const soon = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 15_000 })

/** A line as a browser opens it. */
async function connect(path = '/fhir/$notifications') {
  const heard: Received[] = []
  const socket = new WebSocket(`${address}${path}`)
  const closed = new Promise<number>((tell) => socket.addEventListener('close', ({ code }) => tell(code)))
  socket.addEventListener('message', ({ data }) => heard.push(readNotification(String(data))))
  const opened = await new Promise<boolean>((tell) => {
    socket.addEventListener('open', () => tell(true))
    socket.addEventListener('error', () => tell(false))
  })
  return { socket, heard, closed, opened }
}

async function subscribe(): Promise<string> {
  const answer = await door.fhir('POST', '/fhir/Subscription', {
    resourceType: 'Subscription',
    status: 'requested',
    reason: 'The board of the front desk',
    criteria: 'urn:throughline:topic:task-changed',
    channel: {
      type: 'websocket',
      payload: 'application/fhir+json',
      _payload: {
        extension: [
          {
            url: 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content',
            valueCode: 'id-only',
          },
        ],
      },
    },
  })
  expect(answer.status).toBe(201)
  await house.settle()
  return (answer.body as unknown as Subscription).id ?? ''
}
async function tokenOf(id: string): Promise<string> {
  const answer = await door.fhir('GET', `/fhir/Subscription/${id}/$get-ws-binding-token`)
  const parameters = (answer.body as unknown as Parameters).parameter
  expect(parameters?.map(({ name }) => name)).toEqual(['token', 'expiration', 'subscription', 'websocket-url'])
  return parameters?.[0]?.valueString ?? ''
}
const task = async () => {
  await door.fhir('POST', '/fhir/Task', { resourceType: 'Task', status: 'requested', intent: 'order' })
  await house.settle()
}

test('a line that is bound is answered with a handshake, gets what it missed, and all that comes', async () => {
  const id = await subscribe()
  await task()
  const { socket, heard } = await connect()
  socket.send(`bind-with-token ${await tokenOf(id)}`)
  await soon(() => heard.map(({ type, numbers }) => [type, numbers])).toEqual([
    ['handshake', []],
    ['event-notification', [1]],
  ])
  await task()
  await task()
  await soon(() => heard.flatMap(({ numbers }) => numbers)).toEqual([1, 2, 3])
  socket.close()
  await soon(
    async () =>
      (await house.db.asSuperuser(`select from throughline.fhir_subscription where id = '${id}' and sent_number = 3`))
        .length,
  ).toBe(1)
  await task()
  const second = await connect()
  second.socket.send(`bind-with-token ${await tokenOf(id)}`)
  await soon(() => second.heard.flatMap(({ numbers }) => numbers)).toEqual([4])
  await door.fhir('DELETE', `/fhir/Subscription/${id}`)
  expect(await second.closed).toBe(1000)
})

test('a line without a good token is closed, and only whoever made a subscription gets one', async () => {
  const id = await subscribe()
  const { socket, closed, heard } = await connect()
  socket.send('bind-with-token alpha.wrong')
  expect(await closed).toBe(1000)
  expect(heard).toEqual([])
  const token = await tokenOf(id)
  house.clock.advance(5 * 60_000)
  const late = await connect()
  late.socket.send(`bind-with-token ${token}`)
  expect(await late.closed).toBe(1000)
  expect((await connect('/fhir/elsewhere')).opened).toBe(false)
  const lead = await door.signIn('lead@alpha.example')
  expect(
    (await door.call(lead, 'GET', `/fhir/Subscription/${id}/$get-ws-binding-token`)).status,
  ).toBeGreaterThanOrEqual(403)
  await door.fhir('DELETE', `/fhir/Subscription/${id}`)
})

test('a line ends when whoever made its subscription may not act any more', async () => {
  const id = await subscribe()
  const { socket, heard, closed } = await connect()
  socket.send(`bind-with-token ${await tokenOf(id)}`)
  await soon(() => heard.length).toBe(1)
  await house.db.asSuperuser('update throughline.api_token set revoked_at = now()')
  await house.database.transaction(house.alpha, (tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'create', resource: { resourceType: 'Task', status: 'requested', intent: 'order' } },
    ]),
  )
  await house.settle()
  expect(await closed).toBe(1000)
  expect(heard.flatMap(({ numbers }) => numbers)).toEqual([])
})
