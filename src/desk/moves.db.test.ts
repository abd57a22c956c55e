import { expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { manyJourneys, newVersion, oldVersion } from '../../testkit/moving.ts'
import type { JourneyDetail, Move, MovedJourney, MoveEditor, MovePreview, MoveRows } from '../contracts/index.ts'

const house = useHouse({ start: Date.UTC(2026, 5, 1, 14) })
const door = useDoor(house)

test('a lead moves running journeys over HTTP: proposed, edited, approved by the director, looked at, in cohorts, and back', {
  timeout: 60_000,
}, async () => {
  const publish = (source: string) =>
    house.database.transaction(house.alpha, (tx) => house.pathways.publish(tx, house.context, source, 'For the test'))
  await publish(oldVersion)
  await manyJourneys(house, 10)
  await publish(newVersion)
  const lead = await door.signIn('lead@alpha.example')
  const director = await door.signIn('director@alpha.example')
  const nurse = await door.signIn('nurse@alpha.example')
  const get = async <T>(path: string) => (await door.call(lead, 'GET', path)).body as T

  const asked = { pathway: 'probe', from: 1, to: 2, note: 'Safer' }
  expect(await door.call(nurse, 'POST', '/api/moves', asked)).toMatchObject({ status: 403 })
  expect(await door.call(lead, 'POST', '/api/moves', { ...asked, to: 1 })).toMatchObject({
    status: 422,
    body: { error: { code: 'move-refused', faults: [{ path: 'to' }] } },
  })
  expect(await door.call(lead, 'POST', '/api/moves', { ...asked, to: 7 })).toMatchObject({ status: 404 })
  const made = await door.call(lead, 'POST', '/api/moves', asked)
  expect(made.status).toBe(201)
  const path = `/api/moves/${String(made.body['id'])}`

  const editor = await get<MoveEditor>(`${path}/mapping`)
  expect(editor.steps.map(({ id, running }) => `${id} ${running}`).toSorted()).toEqual([
    'close 2',
    'look 4',
    'paper 2',
    'rest 2',
    'tell 10',
  ])
  expect(editor.fits['rest']).toEqual(['settle-down'])
  expect(editor.pairs.find((one) => one.from === 'close')).toMatchObject({ to: 'finish' })
  const drafted = await get<Move>(path)
  const withSteps = (more: Move['mapping']['steps']) => ({
    ...drafted.mapping,
    steps: { ...drafted.mapping.steps, ...more },
  })
  const wrong = withSteps({ paper: { do: 'pair', to: 'scan', times: 'keep', role: 'follow' } })
  expect(await door.call(lead, 'PUT', `${path}/mapping`, wrong)).toMatchObject({
    status: 422,
    body: {
      error: {
        code: 'move-refused',
        faults: expect.arrayContaining([
          expect.objectContaining({ code: 'unlike-steps', path: 'mapping.steps.paper.to' }),
        ]),
      },
    },
  })
  const mapping = withSteps({ paper: { do: 'ask' } })
  expect(await door.call(lead, 'PUT', `${path}/mapping`, mapping)).toMatchObject({ status: 204 })
  expect(await door.call(lead, 'POST', `${path}/approve`)).toMatchObject({
    status: 403,
    body: { error: { code: 'approves-own-move' } },
  })
  expect(await door.call(director, 'POST', `${path}/approve`)).toMatchObject({ status: 204 })
  expect(await door.call(lead, 'PUT', `${path}/mapping`, mapping)).toMatchObject({
    status: 409,
    body: { error: { code: 'move-not-so' } },
  })

  const preview = await get<MovePreview>(`${path}/preview`)
  expect({ fates: preview.fates, next: preview.next }).toEqual({ fates: { now: 6, later: 2, ask: 2 }, next: null })
  expect(preview.sums).toMatchObject({
    'task retitled': 4,
    'task rerouted': 2,
    'task created': 4,
    'message created': 4,
  })
  expect(preview.items).toHaveLength(10)

  expect(
    await door.call(lead, 'POST', `${path}/cohorts`, { of: 'clinic', organization: 'Organization/north' }),
  ).toMatchObject({
    status: 422,
    body: { error: { code: 'nobody-to-move' } },
  })
  expect(await door.call(lead, 'POST', `${path}/cohorts`, { of: 'all' })).toMatchObject({ body: { journeys: 10 } })
  await house.runtime.drain(house.alpha)
  expect(await get<Move>(path)).toMatchObject({
    status: 'running',
    progress: { moved: 6, later: 2, ask: 2 },
    running: 4,
  })

  const asks = await get<MoveRows>(`${path}/journeys?status=ask`)
  const one = asks.items[0]?.journey ?? ''
  const detail = await get<MovedJourney>(`${path}/journeys/${one}`)
  expect(detail).toMatchObject({
    status: 'ask',
    fate: 'ask',
    reasons: ['“Paper” has no counterpart: a person decides.'],
    asked: [{ step: 'paper' }],
    after: null,
  })
  expect(await door.call(nurse, 'POST', `${path}/journeys/${one}/decision`, { decision: 'move' })).toMatchObject({
    status: 403,
  })
  await door.call(lead, 'POST', `${path}/journeys/${one}/decision`, { decision: 'move' })
  await house.runtime.drain(house.alpha)
  const moved = await get<MovedJourney>(`${path}/journeys/${one}`)
  expect(moved.status).toBe('moved')
  expect(moved.changes.map(({ sentence }) => sentence)).toEqual(
    expect.arrayContaining([
      'Task “Paper” is withdrawn: the new version has no such step.',
      'Message “Tell” stays as it is.',
    ]),
  )
  expect(moved.after?.stage).toEqual({ en: 'Known', fr: 'Known' })

  expect(await door.call(lead, 'POST', `${path}/turn`, { turn: 'stop' })).toMatchObject({ status: 204 })
  expect(await door.call(lead, 'POST', `${path}/undo`, {})).toMatchObject({ status: 200, body: { journeys: 7 } })
  await house.runtime.drain(house.alpha)
  expect(await get<Move>(path)).toMatchObject({ status: 'stopped', progress: { undone: 7, kept: 3 }, running: 10 })
  expect(await get(`/api/moves?pathway=probe`)).toMatchObject({ items: [{ id: made.body['id'], note: 'Safer' }] })
  const journey = await get<JourneyDetail>(`/api/journeys/${one}`)
  expect(journey.journey.version).toBe(1)
  // Each line speaks of the version that the journey was on then.
  expect(journey.timeline.map(({ sentence }) => sentence)).toEqual(
    expect.arrayContaining([
      '“Paper” withdrawn: the journey’s new version has no such step.',
      'Journey moved from version 1 to version 2.',
      'Task “Scan” given to Access coordinator, due Thu, Jun 4, 10:00 a.m.',
      'Journey moved back to version 1, as it stood.',
    ]),
  )
})
