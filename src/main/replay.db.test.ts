import type { Patient } from '@medplum/fhirtypes'
import { beforeAll, expect, test } from 'vitest'
import { useHouse } from '../../testkit/house.ts'
import { createAccount } from '../identity/index.ts'
import {
  askReplay,
  cancelReplay,
  fittedSettings,
  listReplayed,
  oneReplayed,
  readReplay,
  simulateApart,
} from '../journeys/index.ts'
import { sideBySide } from '../pathways/index.ts'
import { liveAQuarter } from './demo/live-a-quarter.ts'
import { staff } from './demo/people.ts'

const end = Date.UTC(2026, 3, 1, 20)
const start = end - 20 * 3_600_000 - 92 * 86_400_000
const house = useHouse({ start })
const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)

beforeAll(async () => {
  const { clock } = house
  await inAlpha(async (tx) => {
    for (const { id, ...member } of staff)
      await createAccount(tx, house.context, { ...member, practitioner: `Practitioner/${id}` })
    for (const { source } of house.library.automations)
      await house.release.automations.publish(tx, house.context, source, 'From the library')
  })
  await liveAQuarter({ house, clock, tenant: house.alpha, until: end, seed: 7, progress: () => {} })
}, 600_000)

const sourceOf = (name: string) => house.library.pathways.find(({ file }) => file.includes(name))?.source ?? ''

async function run(asked: {
  source: string
  version?: number
  assume?: 'open' | 'alike'
  from?: number
  clinic?: string
}) {
  const id = await inAlpha((tx) =>
    askReplay(tx, house.context, house.pathways, {
      source: asked.source,
      templates: [],
      draft: null,
      version: asked.version ?? null,
      from: asked.from ?? start,
      until: end,
      assume: asked.assume ?? 'open',
      clinic: asked.clinic,
    }),
  )
  await house.jobs.drain(house.alpha)
  return inAlpha((tx) => readReplay(tx, id))
}
const rowsOf = (id: string) =>
  inAlpha((tx) => listReplayed(tx, { replay: id, kind: undefined, after: undefined }, () => ''))
const journeysOf = async (pathway: string, from: number) =>
  Number(
    (
      await inAlpha((tx) =>
        tx.query<{ n: string }>({
          text: 'select count(*) as n from journey where tenant_id = $1 and pathway = $2 and started_at >= $3',
          values: [tx.tenant, pathway, new Date(from)],
        }),
      )
    )[0]?.n,
  )

test.each([['referral-intake'], ['lab-follow-up']])(
  'the quarter replayed on the version that %s ran on is the recorded log, journey for journey, with the same hash twice',
  { timeout: 240_000 },
  async (name) => {
    const first = await run({ source: sourceOf(name), version: 1 })
    expect(first).toMatchObject({ status: 'done', fault: null })
    expect((await rowsOf(first.id)).rows).toEqual([])
    const { tally } = first
    expect(tally).toMatchObject({
      journeys: await journeysOf(name, start),
      differing: 0,
      onlyBefore: 0,
      onlyAfter: 0,
      unfaithful: 0,
      assumed: 0,
      counts: {},
    })
    expect(tally?.journeys).toBeGreaterThan(50)
    const again = await run({ source: sourceOf(name), version: 1 })
    expect(again.hash).toBe(first.hash)
    expect(first.hash).toMatch(/^[0-9a-f]{64}$/)
    // Half of the period: what began before it is left out, and holds its keys.
    const half = await run({ source: sourceOf(name), version: 1, from: start + (end - start) / 2 })
    expect(half.tally).toMatchObject({
      journeys: await journeysOf(name, start + (end - start) / 2),
      differing: 0,
      unfaithful: 0,
    })
  },
)

const slower = () =>
  sourceOf('referral-intake').replace(
    '      ask-for-visit:\n        title: {en: Ask for a first visit, fr: Demander une première visite}\n        after: triage.accept',
    `      second-look:
        after: triage.accept
        task:
          role: triage-nurse
          title: {en: Second look, fr: Second regard}
          due: 1 business days
          outcomes: [{code: fine, title: {en: Fine, fr: Bien}}]
      ask-for-visit:
        title: {en: Ask for a first visit, fr: Demander une première visite}
        after: second-look.fine`,
  )

test('a draft with one more task shows it for every accepted referral, and one journey side by side with why', {
  timeout: 240_000,
}, async () => {
  const replay = await run({ source: slower() })
  const accepted = await inAlpha((tx) =>
    tx.query<{ n: number }>({
      text: `select count(*)::int as n from journey_event e join journey j on j.tenant_id = $1 and j.id = e.journey
        where e.tenant_id = $1 and j.pathway = 'referral-intake' and e.kind = 'done' and e.step = 'triage' and e.data like '%"accept"%'`,
      values: [tx.tenant],
    }),
  )
  expect(replay.status).toBe('done')
  expect(replay.tally?.counts['task added']).toBe(accepted[0]?.n)
  expect(replay.tally?.unfaithful).toBe(0)
  const { rows } = await rowsOf(replay.id)
  const [row] = rows
  const one = await inAlpha((tx) =>
    oneReplayed(
      tx,
      { pathways: house.pathways, record: house.record, calendar: house.calendar },
      replay,
      row?.journey ?? '',
    ),
  )
  expect(one.differences).toHaveLength(row?.differs ?? 0)
  const kept = await inAlpha((tx) => house.pathways.version(tx, 'referral-intake', one.version ?? 0))
  const pairs = sideBySide(
    { log: one.before ?? [], definition: kept.definition },
    { log: one.after?.log ?? [], definition: kept.definition },
  )
  expect(pairs.filter(({ changes }) => changes.length > 0).length).toBeGreaterThan(0)

  const alike = await run({ source: slower(), assume: 'alike' })
  expect(alike.tally?.assumed).toBeGreaterThan(0)
  expect(alike.hash).not.toBe(replay.hash)
  expect((await run({ source: slower(), assume: 'alike' })).hash).toBe(alike.hash)
})

test('a replay of one clinic looks at its journeys alone, and begins none of another’s', async () => {
  const all = await inAlpha((tx) =>
    tx.query<{ subject: string; n: number }>({
      text: `select subject, count(*)::int as n from journey where tenant_id = $1 and pathway = 'referral-intake' group by 1 order by 1`,
      values: [tx.tenant],
    }),
  )
  const east = all.filter((_one, index) => index % 3 === 0)
  await inAlpha(async (tx) => {
    const patients = await house.record.readMany(
      tx,
      east.map(({ subject }) => subject),
    )
    await house.record.write(tx, house.context, [
      { interaction: 'update', resource: { resourceType: 'Organization', id: 'region', name: 'Region' } },
      {
        interaction: 'update',
        resource: {
          resourceType: 'Organization',
          id: 'east',
          name: 'East',
          partOf: { reference: 'Organization/region' },
        },
      },
      ...[...patients.values()].map((patient) => ({
        interaction: 'update' as const,
        resource: {
          ...(patient as Patient & { id: string }),
          managingOrganization: { reference: 'Organization/east' },
        },
      })),
    ])
  })
  const whole = await run({ source: slower() })
  const part = await run({ source: slower(), clinic: 'Organization/east' })
  const region = await run({ source: slower(), clinic: 'Organization/region' })
  const nobody = await run({ source: slower(), clinic: 'Organization/west' })
  expect(part.tally?.journeys).toBe(east.reduce((sum, { n }) => sum + n, 0))
  expect(region.hash).toBe(part.hash)
  expect(nobody.tally?.journeys).toBe(0)
  expect(part.tally?.unfaithful).toBe(0)
  const theirs = new Set(east.map(({ subject }) => subject))
  const every = async (id: string) => {
    const found = []
    for (let after: string | undefined, more = true; more; ) {
      const { rows, next } = await inAlpha((tx) => listReplayed(tx, { replay: id, kind: undefined, after }, () => ''))
      found.push(...rows)
      after = next ?? undefined
      more = next !== null
    }
    return found.toSorted((one, other) => (one.journey < other.journey ? -1 : 1))
  }
  // What differs there differs in the whole as well, and nothing else of theirs does.
  const some = await every(part.id)
  expect(some.length).toBeGreaterThan(3)
  expect(some).toEqual((await every(whole.id)).filter(({ subject }) => theirs.has(subject)))
})

test('a draft that the checker refuses and a period that is not past are refused, and nothing is stored', async () => {
  await expect(run({ source: 'pathway: nothing' })).rejects.toMatchObject({ code: 'pathway-refused' })
  await expect(run({ source: sourceOf('referral'), from: end + 1 })).rejects.toMatchObject({ code: 'replay-period' })
})

test('a replay that is cancelled before its turn never runs, and one that is over is not cancelled', async () => {
  const id = await inAlpha((tx) =>
    askReplay(tx, house.context, house.pathways, {
      source: sourceOf('referral-intake'),
      templates: [],
      draft: null,
      version: 1,
      from: start,
      until: end,
      assume: 'open',
    }),
  )
  await inAlpha((tx) => cancelReplay(tx, house.context, id))
  await house.jobs.drain(house.alpha)
  expect(await inAlpha((tx) => readReplay(tx, id))).toMatchObject({ status: 'cancelled', tally: null })
  await expect(inAlpha((tx) => cancelReplay(tx, house.context, id))).rejects.toMatchObject({ code: 'replay-over' })
})

test('a simulation fitted from the quarter sees as many journeys and tasks as there were, and says what more of them would break', {
  timeout: 120_000,
}, async () => {
  const referrals = await inAlpha((tx) => house.pathways.version(tx, 'referral-intake', 1))
  const fit = await inAlpha((tx) => fittedSettings(tx, referrals, house.calendar, { from: start, until: end }))
  expect(fit.journeys).toBe(await journeysOf('referral-intake', start))
  const triage = fit.evidence.find((one) => one.step === 'triage')
  // Nobody in this clinic says when they begin a task: how long it takes is not in the record.
  expect(triage).toMatchObject({ takes: null })
  const complete = fit.settings.steps['completeness']?.outcomes ?? {}
  expect((complete['complete'] ?? 0) / (complete['incomplete'] ?? 0)).toBeGreaterThan(3)
  const { table } = house.pathways.surroundings
  const { definition } = referrals
  const { calendar } = house
  const usual = { ...fit.settings, days: 92, replications: 10 }
  const more = { ...usual, surge: { extra: 800, day: 10, days: 20 } }
  const { summaries, comparison } = await simulateApart({
    variants: [
      { definition, settings: usual },
      { definition, settings: more },
    ],
    calendar,
    table,
  })
  const [first, second] = summaries
  // Chance alone moves the number by its root.
  const spread = 3 * Math.sqrt(fit.journeys)
  expect(first?.begun.mean).toBeGreaterThan(fit.journeys - spread)
  expect(first?.begun.mean).toBeLessThan(fit.journeys + spread)
  expect((second?.begun.mean ?? 0) - (first?.begun.mean ?? 0)).toBeGreaterThan(700)
  expect(comparison?.roles['triage-nurse']?.tasks.low).toBeGreaterThan(500)
  await expect(
    Promise.resolve().then(() =>
      simulateApart({
        variants: [
          {
            definition,
            settings: {
              ...usual,
              replications: 200,
              days: 730,
              arrivals: { ...usual.arrivals, perDay: [99, 99, 99, 99, 99, 99, 99] },
            },
          },
        ],
        calendar,
        table,
      }),
    ),
  ).rejects.toMatchObject({ code: 'simulation-too-large' })
})

test('an event that the record knew only after it was used fails the run, which names it and the journey', async () => {
  const [planted] = await house.db.asSuperuser<{ journey: string; event: string }>(
    `select journey, event from throughline.journey_event where kind = 'done' and step = 'triage' order by journey limit 1`,
  )
  const [type, id, version] = planted?.event.split('/') ?? []
  await house.db.asSuperuser(
    `update throughline.fhir_history set updated = updated + interval '1 hour' where type = '${type}' and id = '${id}' and version = ${version}`,
  )
  expect(await run({ source: sourceOf('referral-intake'), version: 1 })).toMatchObject({
    status: 'failed',
    fault: { code: 'look-ahead', event: planted?.event, journey: planted?.journey },
    tally: null,
  })
})
