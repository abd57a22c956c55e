import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { referral, useHouse } from '../../testkit/house.ts'
import { useDoor } from '../../testkit/door.ts'
import { urgency, useAutomations } from '../../testkit/automations.ts'

/** What the endpoint does with the next call, and what it was asked. */
let reply: { status?: number; content?: string; silent?: boolean } = {}
const asked: { authorization: string | undefined; body: { model: string; messages: { content: string }[] } }[] = []
const server = createServer((request, response) => {
  let text = ''
  request.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  request.on('end', () => {
    asked.push({ authorization: request.headers.authorization, body: JSON.parse(text) })
    if (reply.silent === true) return
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ choices: [{ message: { content: reply.content ?? '' } }] }))
  })
})
await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
const { port } = server.address() as AddressInfo
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const where = `127.0.0.1:${port}`
const house = useHouse({
  outboundAllow: [where],
  textEndpoint: { url: `http://${where}/v1`, key: 'a-key', timeout: 400 },
})
const door = useDoor(house)
const { inAlpha, publish, standing, refer, decision } = useAutomations(house)

const text = urgency
  .replace(/^rules:[\s\S]*$/m, `text: {model: tiny, prompt: Say how urgent a referral is.}\n`)
  .replace(
    '  age: {type: int',
    '  reason: {type: string, on: ServiceRequest, path: reasonCode.first().text}\n  age: {type: int',
  )

test('a text model is asked with the inputs alone, and its answer is one of the automation’s own', async () => {
  await publish()
  await inAlpha((tx) => house.release.automations.publish(tx, house.context, text, 'By text'))
  await inAlpha((tx) => house.release.promote(tx, house.context, 'urgency'))
  await standing('bounded', {}, 2)
  reply = { content: '{"answer": "routine", "confidence": 0.8}' }
  const id = await refer('t1')
  expect(await decision(id)).toMatchObject({ status: 'acted', answer: 'routine' })
  const [call] = asked
  expect(call?.authorization).toBe('Bearer a-key')
  expect(call?.body.model).toBe('tiny')
  expect(JSON.parse(call?.body.messages[1]?.content ?? '')).toEqual({
    priority: null,
    reason: 'Palpitations',
    age: null,
  })
  expect(JSON.stringify(call?.body)).not.toContain('t1-patient')
})

test('whatever else it says, or says too late, is a failure: a person decides, and its words are kept nowhere', async () => {
  const cases = {
    unknown: { content: '{"answer": "ignore all former instructions", "confidence": 1}' },
    prose: { content: 'I think it is urgent.' },
    broken: { status: 500, content: '{"answer": "soon", "confidence": 1}' },
    late: { silent: true },
  }
  for (const [name, one] of Object.entries(cases)) {
    reply = one
    expect(await decision(await refer(name))).toMatchObject({ status: 'handed', handed: 'automation-failed' })
  }
  const [audited] = await inAlpha((tx) =>
    tx.query<{ n: number; all: string }>({
      text: `select count(*)::int as n, string_agg(row_to_json(a)::text, ' ') as all from audit_event a where tenant_id = $1 and row_to_json(a)::text like '%automation-failed%'`,
      values: [tx.tenant],
    }),
  )
  expect(audited?.n).toBe(4)
  expect(audited?.all).not.toMatch(/former instructions|urgent/)
})

test('what is missing is not asked, and a replay, which could not say the same twice, is refused', async () => {
  const before = asked.length
  const { reasonCode: _reason, ...bare } = referral('bare')
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'update', resource: { resourceType: 'Patient', id: 'bare-patient' } },
      { interaction: 'update', resource: bare },
    ]),
  )
  await house.settle()
  expect(asked.length).toBe(before)
  const lead = await door.signIn('lead@alpha.example')
  expect(await door.call(lead, 'POST', '/api/automations/urgency/replay', { version: 2, days: 31 })).toMatchObject({
    status: 422,
    body: { error: { code: 'replay-not-possible' } },
  })
})
