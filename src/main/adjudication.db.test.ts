import { expect, test } from 'vitest'
import { urgency, useAutomations } from '../../testkit/automations.ts'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'

const house = useHouse()
const door = useDoor(house)
const { publish, standing, refer, answer, decision } = useAutomations(house)
const code = ({ body }: { body: Record<string, unknown> }) => (body['error'] as { code: string }).code
const nurse = () => door.signIn('nurse@alpha.example')

interface Comparison {
  cases: number
  agreed: number
  discordant: number
  judged: Record<string, number>
  worse: number
  noWorse: number
  needed: number
  queue: { decision: string; first: { code: string }; second: { code: string }; inputs: { name: string }[] }[]
}
const compare = async (version?: number): Promise<Comparison> => {
  const { status, body } = await door.call(
    await nurse(),
    'GET',
    `/api/automations/urgency/comparison${version === undefined ? '' : `?version=${version}`}`,
  )
  expect(status).toBe(200)
  return body as unknown as Comparison
}

test('where a version that looks on says otherwise than a person, both answers wait for a judge who is not told whose is whose', async () => {
  await publish()
  await standing('shadow')
  await answer(await refer('same', { priority: 'urgent' }), 'soon')
  for (let n = 0; n < 12; n += 1) await answer(await refer(`apart${n}`, { priority: 'urgent' }), 'routine')
  const { cases, agreed, discordant, queue, judged } = await compare()
  expect({ cases, agreed, discordant, judged }).toEqual({
    cases: 13,
    agreed: 1,
    discordant: 12,
    judged: { version: 0, other: 0, both: 0, neither: 0 },
  })
  expect(queue.length).toBe(12)
  for (const { first, second } of queue) expect([first.code, second.code].toSorted()).toEqual(['routine', 'soon'])
  // The version said "soon" each time; it stands first in some and second in others.
  const firsts = queue.filter(({ first }) => first.code === 'soon').length
  expect(firsts).toBeGreaterThan(0)
  expect(firsts).toBeLessThan(12)
  expect(queue[0]?.inputs.map(({ name }) => name)).toEqual(['age', 'priority'])
  expect(JSON.stringify(queue)).not.toMatch(/Nurse|rules\.0|confidence/)
})

test('each judgement is counted for whom it is for, and the evidence is that of the one test, by hand', async () => {
  const cookie = await nurse()
  const { queue } = await compare()
  const judge = (n: number, prefers: string) =>
    door.call(cookie, 'POST', `/api/decisions/${queue[n]?.decision}/adjudicate`, { version: 1, prefers })
  // The version, ten times; both once; one is left.
  for (let n = 0; n < 10; n += 1)
    expect((await judge(n, queue[n]?.first.code === 'soon' ? 'first' : 'second')).status).toBe(204)
  expect((await judge(10, 'both')).status).toBe(204)
  expect(code(await judge(10, 'neither'))).toBe('already-judged')
  const { judged, queue: left, noWorse, worse, needed } = await compare()
  expect(judged).toEqual({ version: 10, other: 0, both: 1, neither: 0 })
  expect(left.length).toBe(1)
  // Of each pair: P(not the version's fault | ratio) is 1/(1+ratio), against 1/2.5 under "half as often again".
  const byHand = [0.75, 0.975, 1.2].map((ratio, n) => (n === 2 ? 0.5 : 0.25) * (2.5 / (1 + ratio)) ** 10)
  expect(noWorse).toBeCloseTo(
    byHand.reduce((sum, one) => sum + one, 0),
    6,
  )
  expect(worse).toBeLessThan(1)
  expect(needed).toBe(20)
})

test('a case that agrees, or that nobody asked about, is not judged, and nobody judges their own answer', async () => {
  const cookie = await nurse()
  const agreed = await refer('agrees', { priority: 'urgent' })
  await answer(agreed, 'soon')
  const judge = (id: string, version = 1) =>
    door.call(cookie, 'POST', `/api/decisions/${id}/adjudicate`, { version, prefers: 'first' })
  expect(code(await judge(agreed))).toBe('nothing-to-judge')
  expect(code(await judge('no-such'))).toBe('decision-not-found')
  const own = await refer('own', { priority: 'urgent' })
  const [{ id: task }] = [{ id: own }]
  await door.call(cookie, 'POST', `/api/work/${task}/claim`, {})
  await door.call(cookie, 'POST', `/api/work/${task}/complete`, { outcome: 'routine' })
  expect(code(await judge(own))).toBe('own-answer')
  const lead = await door.signIn('lead@alpha.example')
  expect(
    (await door.call(lead, 'POST', `/api/decisions/${own}/adjudicate`, { version: 1, prefers: 'neither' })).status,
  ).toBe(204)
})

test('a candidate is compared with the version that acts', async () => {
  const lead = await door.signIn('lead@alpha.example')
  const source = urgency.replace(`otherwise: {gives: routine, confidence: 0.8}`, 'otherwise: {gives: soon}')
  await door.call(lead, 'POST', '/api/automations', { source, note: 'Everybody soon' })
  await standing('bounded', {}, 1)
  await standing('shadow', {}, 2)
  expect(await decision(await refer('acts'))).toMatchObject({ status: 'acted' })
  expect(await compare(2)).toMatchObject({ version: 2, cases: 1, discordant: 1 })
  expect((await compare()).queue.length).toBe(1)
})

test('a client tells by CDS Hooks what became of a card: kept with the decision, and refused whole when a card is unknown', async () => {
  await standing('recommend', {}, 1)
  const [kept, turnedDown] = [
    await refer('card1', { priority: 'urgent' }),
    await refer('card2', { priority: 'urgent' }),
  ]
  const cookie = await nurse()
  const outcomeTimestamp = new Date(house.clock.now()).toISOString()
  const feedback = [
    { card: kept, outcome: 'accepted', acceptedSuggestions: [{ id: 'soon' }], outcomeTimestamp },
    {
      card: turnedDown,
      outcome: 'overridden',
      overrideReason: {
        reason: { system: 'http://terminology.cds-hooks.org/CodeSystem/OverrideReasons', code: 'patient-is-well' },
        userComment: 'Seen yesterday.',
      },
      outcomeTimestamp,
    },
  ]
  const tell = (body: object) => door.call(cookie, 'POST', '/cds-services/urgency/feedback', body)
  expect(await tell({ feedback: [feedback[0], { ...feedback[1], card: 'no-such' }] })).toMatchObject({
    status: 404,
    body: { error: { code: 'decision-not-found', faults: [{ path: 'feedback.1.card' }] } },
  })
  expect(await decision(kept)).toMatchObject({ disposition: null })
  expect((await tell({ feedback })).status).toBe(204)
  expect(await decision(kept)).toMatchObject({ status: 'proposed', disposition: 'accepted' })
  expect((await door.call(cookie, 'GET', `/api/decisions/${turnedDown}`)).body).toMatchObject({
    disposition: 'rejected',
    note: 'Seen yesterday.',
    feedback: [
      {
        outcome: 'overridden',
        suggestions: [],
        reason: { code: 'patient-is-well' },
        comment: 'Seen yesterday.',
        happenedAt: outcomeTimestamp,
        by: 'nurse of alpha',
      },
    ],
  })
  // The step is still the person's to answer; what they answer is what counts.
  await answer(turnedDown, 'routine')
  expect(await decision(turnedDown)).toMatchObject({ status: 'answered', disposition: 'edited', answer: 'routine' })
  expect((await door.call(cookie, 'GET', `/api/decisions/${turnedDown}`)).body).toMatchObject({
    diff: { from: 'soon', to: 'routine' },
  })
})
