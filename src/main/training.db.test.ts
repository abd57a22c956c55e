import type { Appointment, Patient } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { useAutomations } from '../../testkit/automations.ts'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { createChance } from '../kernel/index.ts'

const house = useHouse()
const door = useDoor(house)
const { inAlpha, signer } = useAutomations(house)
const day = 86_400_000
const hour = 3_600_000
const lead = () => door.signIn('lead@alpha.example')

const sourceOf = (files: readonly { file: string; source: string }[], name: string) =>
  files.find(({ file }) => file.endsWith(`${name}.yaml`))?.source ?? ''

interface Visit {
  appointment: Appointment & { id: string }
  missed: boolean
}

/** A visit in `inDays` days; whoever has no telephone misses seven of ten, others one of ten. */
function visit(n: number, chance: ReturnType<typeof createChance>): Visit & { patient: Patient & { id: string } } {
  const reachable = chance.happens(0.6)
  return {
    patient: {
      resourceType: 'Patient',
      id: `v${n}`,
      birthDate: `${1940 + chance.below(60)}-05-01`,
      ...(reachable ? { telecom: [{ system: 'phone', value: '555-0101' }] } : {}),
    },
    appointment: {
      resourceType: 'Appointment',
      id: `visit-${n}`,
      status: 'booked',
      created: new Date(house.clock.now()).toISOString(),
      start: new Date(house.clock.now() + 3 * day).toISOString(),
      end: new Date(house.clock.now() + 3 * day + hour).toISOString(),
      participant: [{ actor: { reference: `Patient/v${n}` }, status: 'accepted' }],
    },
    missed: chance.happens(reachable ? 0.1 : 0.7),
  }
}

const write = (resource: Patient | Appointment) =>
  inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'update', resource: { ...resource, id: resource.id ?? '' } },
    ]),
  )

/** Days on which eight visits are booked, and those of three days before are kept or missed. */
async function live(days: number, from: number): Promise<number> {
  const chance = createChance(from + 5)
  const open: (Visit & { at: number })[] = []
  let n = from
  for (let today = 0; today < days + 4; today += 1) {
    if (today < days)
      for (let each = 0; each < 8; each += 1) {
        const { patient, appointment, missed } = visit(n, chance)
        n += 1
        await write(patient)
        await write(appointment)
        open.push({ appointment, missed, at: today + 3 })
      }
    await house.settle()
    house.clock.advance(12 * hour)
    await house.settle()
    for (const one of open.filter(({ at }) => at === today))
      await write({ ...one.appointment, status: one.missed ? 'noshow' : 'fulfilled' })
    await house.settle()
    house.clock.advance(12 * hour)
  }
  return n
}

let next = 0

test('while it may do nothing nobody is asked: the usual reminder goes out, and what it would have gone by is kept', async () => {
  await inAlpha(async (tx) => {
    await house.release.automations.publish(
      tx,
      house.context,
      sourceOf(house.library.automations, 'no-show-risk'),
      'One',
    )
    await house.pathways.publish(tx, house.context, sourceOf(house.library.catalogue, 'visit-reminder'), 'One')
  })
  next = await live(1, 0)
  const rows = await inAlpha((tx) =>
    tx.query<{ status: string; handed: string; answer: string; touched_at: Date | null; tasks: string }>({
      text: 'select status, handed, answer, touched_at, id as tasks from automation_decision where tenant_id = $1',
      values: [tx.tenant],
    }),
  )
  expect(rows.length).toBe(8)
  for (const row of rows)
    expect(row).toMatchObject({ status: 'answered', handed: 'authority-off', answer: 'usual', touched_at: null })
  const queued = await inAlpha((tx) =>
    tx.query({ text: 'select id from work_queue where tenant_id = $1', values: [tx.tenant] }),
  )
  expect(queued).toEqual([])
})

test('too few cases teach nothing, and an automation that does not say what came of a case cannot learn', async () => {
  const train = (automation: string) =>
    lead().then((cookie) =>
      door.call(cookie, 'POST', `/api/automations/${automation}/train`, { days: 60, heldOutDays: 10, note: 'Trained' }),
    )
  expect(await train('no-show-risk')).toMatchObject({
    status: 409,
    body: { error: { code: 'training-too-thin', faults: [{ path: 'days' }, { path: 'heldOutDays' }] } },
  })
  await inAlpha((tx) =>
    house.release.automations.publish(
      tx,
      house.context,
      sourceOf(house.library.automations, 'referral-urgency'),
      'One',
    ),
  )
  expect(await train('referral-urgency')).toMatchObject({ status: 422, body: { error: { code: 'does-not-learn' } } })
})

test('it is fitted to the clinic’s own visits, judged on days that it has not seen, and looks on', {
  timeout: 120_000,
}, async () => {
  next = await live(25, next)
  const made = await door.call(await lead(), 'POST', '/api/automations/no-show-risk/train', {
    days: 60,
    heldOutDays: 10,
    note: 'Fitted to a month',
  })
  expect(made).toMatchObject({ status: 201, body: { version: 2 } })
  const training = made.body['training'] as {
    learnt: { cases: number; happened: number }
    heldOut: { cases: number; happened: number }
    area: number
    atLeast: number
    brier: number
    brierOfNone: number
    weights: { name: string; weight: number }[]
  }
  expect(training.learnt.cases + training.heldOut.cases).toBe(208)
  expect(training.area).toBeGreaterThan(0.7)
  expect(training.atLeast).toBeLessThan(training.area)
  expect(training.brier).toBeLessThan(training.brierOfNone)
  const weights = new Map(training.weights.map(({ name, weight }) => [name, weight]))
  // Nobody here has been seen before, so that tells nothing and is left out.
  expect([...weights.keys()]).toEqual(['age', 'hasTelephone'])
  expect(weights.get('hasTelephone')).toBeLessThan(-0.7)
  expect(Math.abs(weights.get('age') ?? 1)).toBeLessThan(0.7)
  const { body } = await door.call(await lead(), 'GET', '/api/automations/no-show-risk')
  expect(body).toMatchObject({
    active: 1,
    candidate: 2,
    learns: true,
    versions: [
      { version: 2, training },
      { version: 1, training: null },
    ],
  })
  expect(body['source']).toContain('table:')
})

test('the same cases give the same model', async () => {
  const again = () =>
    inAlpha(async (tx) => {
      const first = await house.release.train(tx, house.context, {
        automation: 'no-show-risk',
        days: 60,
        heldOutDays: 10,
        note: 'Again',
      })
      return first
    })
  const one = await again()
  // The source is the newest already: nothing new is published.
  expect(await again()).toEqual(one)
  expect(one.version).toBe(2)
})

test('what it foretold while it looked on is its evidence for the next level', { timeout: 120_000 }, async () => {
  const asked = { automation: 'no-show-risk', version: 2, scope: {} }
  await inAlpha(async (tx) => {
    const review = 'Read through with the coordinators.'
    const { ladder } = house.release
    const { id: evidence } = await ladder.makeEvidence(tx, signer('theo'), { ...asked, level: 'off', review })
    const rise = await ladder.askRise(tx, signer('theo'), {
      ...asked,
      level: 'shadow',
      evidence,
      reason: 'To look on.',
    })
    await ladder.signRise(tx, signer('clara'), rise, 'clinical')
    await ladder.signRise(tx, signer('theo'), rise, 'technical')
  })
  const evidence = async () =>
    door.call(await lead(), 'POST', '/api/automations/no-show-risk/evidence', {
      version: 2,
      scope: {},
      level: 'shadow',
    })
  expect(await evidence()).toMatchObject({ status: 409, body: { error: { code: 'evidence-too-thin' } } })
  next = await live(12, next)
  expect(await evidence()).toMatchObject({ status: 201, body: { supports: 'recommend' } })
  const { body } = await door.call(await lead(), 'GET', '/api/automations/no-show-risk')
  expect(body['evidence']).toMatchObject([
    { version: 2, supports: 'recommend', cases: 96, agreed: null, area: expect.any(Number) },
    { supports: 'shadow' },
  ])
  // Version 1 looked at nothing, having had no authority to.
  expect(
    await door.call(await lead(), 'POST', '/api/automations/no-show-risk/evidence', {
      version: 1,
      scope: {},
      level: 'shadow',
    }),
  ).toMatchObject({ status: 409, body: { error: { code: 'evidence-too-thin' } } })
})

test('an input from after its question fails the training, by its name', async () => {
  await house.db.asSuperuser(
    `update throughline.automation_decision set inputs = jsonb_set(inputs, '{age,at}', to_jsonb(to_char(asked_at + interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))
     where trigger = 'Appointment/visit-3'`,
  )
  expect(
    await door.call(await lead(), 'POST', '/api/automations/no-show-risk/train', {
      days: 60,
      heldOutDays: 10,
      note: 'Spoilt',
    }),
  ).toMatchObject({
    status: 409,
    body: { error: { code: 'input-after-decision', faults: [{ path: expect.stringMatching(/\.age$/) }] } },
  })
})
