import { expect, test } from 'vitest'
import { urgency } from '../../../testkit/automations.ts'
import { useHouse } from '../../../testkit/house.ts'
import type { Tx } from '../../db/index.ts'
import { createChance } from '../../kernel/index.ts'
import { assign, type Cohort } from '../cohort.ts'
import { alphaOf, harm, noEvidence, noWorseThan, refutes, strength, weigh } from '../evidence.ts'
import { readStandings, writeStandings } from '../ladder/standings.ts'
import { armOf, lockRollout } from './rollouts.ts'

const house = useHouse()
const inAlpha = <T>(work: (tx: Tx) => Promise<T>) => house.database.transaction(house.alpha, work)

const alpha = alphaOf(0.1, 0)
const baseline = 0.1
const cohort = (seed: number): Cohort => ({
  name: `half ${seed}`,
  slices: [],
  share: 0.5,
  unit: 'patient',
  zone: 'America/Toronto',
})
const patient = (seed: number, n: number) => `Patient/s${seed}-${n}`

/** The events of one seed, in order of the patients: whoever of the canary comes has `ratio` times the others' chance. */
function* patientsOf(seed: number, ratio: number, most: number) {
  const { next } = createChance(seed)
  for (let n = 1; n <= most; n += 1) {
    const { arm } = assign(cohort(seed), patient(seed, n), { at: 0 })
    yield { n, unit: patient(seed, n), arm, event: next() < baseline * (arm === 'canary' ? ratio : 1) }
  }
}

interface Run {
  /** Patients until it was killed; all of them when it was not. */
  patients: number
  killed: boolean
  looks: { worse: number; noWorse: number }[]
}

/** What the test says after every event, without a database. */
function looksOf(seed: number, ratio: number, most: number): Run {
  let [worse, noWorse] = [noEvidence(harm), noEvidence(noWorseThan(1.5))]
  const looks: Run['looks'] = []
  for (const { n, arm, event } of patientsOf(seed, ratio, most)) {
    if (!event) continue
    const seen = { canary: arm === 'canary', share: 0.5 }
    worse = weigh(harm, worse, seen)
    noWorse = weigh(noWorseThan(1.5), noWorse, seen)
    looks.push({ worse: strength(harm, worse), noWorse: strength(noWorseThan(1.5), noWorse) })
    if (refutes(harm, worse, alpha)) return { patients: n, killed: true, looks }
  }
  return { patients: most, killed: false, looks }
}

const median = (all: readonly number[]) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0

/** A release of an automation of its own, to half the patients. */
async function startOwn(tx: Tx, seed: number): Promise<{ id: string; automation: string }> {
  const automation = `seed-${seed}`
  const source = urgency.replace('automation: urgency', `automation: ${automation}`)
  await house.release.automations.publish(tx, house.context, source, 'First')
  await writeStandings(tx, automation, 1, [{ scope: {}, level: 'bounded' }], house.clock.now())
  const criteria = [{ metric: 'emergency-visit', kind: 'harm' as const, margin: 1.5, freshFor: 60, grace: 30 }]
  const id = await house.release.rollouts.start(tx, house.context, {
    automation,
    version: 1,
    cohort: cohort(seed),
    controls: 'shadow',
    criteria,
  })
  return { id, automation }
}

const tell = (tx: Tx, rollout: string, units: readonly string[]) =>
  house.release.rollouts.tell(tx, house.context, { rollout, metric: 'emergency-visit', units })

/** The same release as the program keeps it: patients are assigned, events are told, and nobody else does anything. */
const storedRun = (seed: number, ratio: number, most: number): Promise<Run & { level: string; needed: number[] }> =>
  inAlpha(async (tx) => {
    const { id, automation } = await startOwn(tx, seed)
    const rollout = await lockRollout(tx, id)
    let patients = most
    for (const { n, unit, arm, event } of patientsOf(seed, ratio, most)) {
      expect(await armOf(tx, rollout, unit, { at: 0 })).toBe(arm)
      if (!event) continue
      await tell(tx, id, [unit])
      if ((await lockRollout(tx, id)).status === 'running') continue
      patients = n
      break
    }
    const looks = await tx.query<{ worse: number; noWorse: number; needed: number }>({
      text: 'select worse, no_worse as "noWorse", needed from rollout_look where tenant_id = $1 and rollout = $2 order by events',
      values: [tx.tenant, id],
    })
    const [standing] = await readStandings(tx, automation, 1)
    return {
      patients,
      killed: (await lockRollout(tx, id)).status === 'killed',
      looks: looks.map(({ worse, noWorse }) => ({ worse, noWorse })),
      needed: [...new Set(looks.map(({ needed }) => needed))],
      level: standing?.level ?? 'off',
    }
  })

/** Numbers that went through another order of addition. */
const rounded = ({ patients, killed, looks }: Run) => ({
  patients,
  killed,
  looks: looks.map(({ worse, noWorse }) => [worse.toPrecision(9), noWorse.toPrecision(9)]),
})

const seeds = (from: number, count: number) => Array.from({ length: count }, (_none, index) => from + index)

test('three times the harm: over 200 seeds the median release is stopped within 150 patients, on proof', () => {
  const runs = seeds(1, 200).map((seed) => looksOf(seed, 3, 3_000))
  expect(runs.filter(({ killed }) => !killed)).toEqual([])
  for (const { looks } of runs) expect(looks.at(-1)?.worse).toBeGreaterThanOrEqual(1 / alpha)
  expect(median(runs.map(({ patients }) => patients))).toBeLessThanOrEqual(150)
})

test('no harm: of 1,000 releases looked at after every event, at most 5 % are stopped', () => {
  const killed = seeds(1_001, 1_000).filter((seed) => looksOf(seed, 1, 600).killed)
  expect(killed.length).toBeLessThanOrEqual(50)
})

test('kept in the database, a sample of both comes to the very same looks, and authority falls by itself', {
  timeout: 240_000,
}, async () => {
  const harmed = []
  for (const seed of seeds(1, 25)) {
    const stored = await storedRun(seed, 3, 3_000)
    expect(rounded(stored)).toEqual(rounded(looksOf(seed, 3, 3_000)))
    expect(stored).toMatchObject({ killed: true, level: 'shadow', needed: [1 / alpha] })
    expect(stored.looks.at(-1)?.worse).toBeGreaterThanOrEqual(1 / alpha)
    harmed.push(stored.patients)
  }
  expect(median(harmed)).toBeLessThanOrEqual(150)
  for (const seed of seeds(1_001, 20)) {
    const stored = await storedRun(seed, 1, 200)
    expect(rounded(stored)).toEqual(rounded(looksOf(seed, 1, 200)))
    expect(stored.level).toBe(stored.killed ? 'shadow' : 'bounded')
  }
})

test('a sample that came out crooked only holds; with harm proven as well it is rolled back', async () => {
  await inAlpha(async (tx) => {
    const { id, automation } = await startOwn(tx, 9_001)
    // As if the assignment had a fault: four of five come into the control.
    await tx.run({
      text: `insert into rollout_unit (tenant_id, rollout, unit, arm, share, assigned_at)
             select $1, $2, 'Patient/u' || n, case when n % 5 = 0 then 'canary' else 'control' end, 0.5, $3 from generate_series(1, 400) as n`,
      values: [tx.tenant, id, new Date(house.clock.now())],
    })
    await tell(tx, id, [])
    const stands = async () => {
      const [row] = await tx.query<{ status: string; does: string; because: string }>({
        text: `select status, verdict->>'does' as does, verdict->>'because' as because from rollout where tenant_id = $1 and id = $2`,
        values: [tx.tenant, id],
      })
      return row
    }
    expect(await stands()).toEqual({ status: 'running', does: 'hold', because: 'sample-ratio' })
    expect(await readStandings(tx, automation, 1)).toMatchObject([{ level: 'bounded' }])
    await tell(
      tx,
      id,
      Array.from({ length: 20 }, (_none, n) => `Patient/u${(n + 1) * 5}`),
    )
    expect(await stands()).toEqual({ status: 'killed', does: 'kill', because: 'emergency-visit' })
    expect(await readStandings(tx, automation, 1)).toMatchObject([{ level: 'shadow' }])
  })
})
