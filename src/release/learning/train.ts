import { createHash } from 'node:crypto'
import type { Training } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import type { CompiledAutomation, Values } from '../automation/compile.ts'
import type { PublishedAutomations } from '../automation/published.ts'
import { type Snapshot, valuesOf } from '../decisions/snapshot.ts'
import { refuse } from '../errors.ts'
import { lockHead } from '../ladder/standings.ts'
import { refuseFuture } from '../queries/replay-version.ts'
import { calibration, discrimination, fitLogistic, mean, type Scored } from './fit.ts'
import { type Feature, withModel } from './model-source.ts'
import { outcomesOf } from './outcomes.ts'

const day = 86_400_000
const most = 50_000
/** Penalty on standardised weights: as if each came from a standard normal distribution. */
const ridge = 1
/** Events, and cases without, that each weight needs; and that must be held out. */
const perWeight = 5
const heldOutLeast = 10

interface Learnt {
  asked: number
  values: Values
  happened: boolean
}

/**
 * Fits a logistic model to the clinic's own past cases and publishes it as the next version, which looks on until it is
 * promoted. It learns from the inputs that were taken down when each question was asked, so it knows nothing that was not
 * known then; from cases in which the automation did nothing, since what it changed would teach it that all is well; and
 * not from the last days, on which it is judged.
 */
export async function train(
  tx: Tx,
  context: CallContext,
  { record, automations }: { record: FhirRecord; automations: PublishedAutomations },
  asked: { automation: string; days: number; heldOutDays: number; note: string },
): Promise<{ version: number; training: Training }> {
  const head = await lockHead(tx, asked.automation, 'update')
  const newest = head.candidate ?? head.active
  const before = await automations.version(tx, head.id, newest)
  const { learns } = before.definition
  if (!learns) throw refuse('does-not-learn', { faults: [{ path: 'learns', message: `${head.id} has none` }] })
  const now = context.clock.now()
  const from = now - asked.days * day
  const cut = now - asked.heldOutDays * day
  if (cut <= from)
    throw refuse('training-too-thin', { faults: [{ path: 'heldOutDays', message: 'leaves no days to learn from' }] })
  const { cases, dataHash } = await casesOf(tx, record, before, from, now)
  const [learning, heldOut] = [cases.filter((one) => one.asked < cut), cases.filter((one) => one.asked >= cut)]
  const features = featuresOf(before, learning)
  refuseThin(learning, heldOut, features.length)
  const fitted = fitLogistic(
    learning.map(({ values, happened }) => ({ x: standardised(features, values), happened })),
    ridge,
  )
  const chance = (values: Values) => {
    const x = standardised(features, values)
    return 1 / (1 + Math.exp(-x.reduce((sum, one, n) => sum + one * (fitted.weights[n] ?? 0), fitted.intercept)))
  }
  const scores = learning.map(({ values }) => chance(values)).sort((a, b) => a - b)
  const high = scores[Math.min(scores.length - 1, Math.floor(scores.length * (1 - learns.share)))] ?? 1
  const bands = [
    { from: 0, gives: learns.otherwise },
    { from: high, gives: learns.gives },
  ]
  const source = withModel(await sourceOf(tx, head.id, newest), { features, fitted, bands })
  const { version } = await automations.publish(tx, context, source, asked.note)
  // Judged as it was published, with its coefficients as they were written down.
  const published = await automations.version(tx, head.id, version)
  const scored = heldOut.flatMap(({ values, happened }): Scored[] => {
    const answer = published.answer(values)
    return 'score' in answer && answer.score !== undefined ? [{ score: answer.score, happened }] : []
  })
  const told = discrimination(scored)
  if (!told) throw refuse('training-too-thin', { faults: [{ path: 'heldOutDays', message: 'nothing to judge it on' }] })
  const training: Training = {
    from: new Date(from).toISOString(),
    heldOutFrom: new Date(cut).toISOString(),
    until: new Date(now).toISOString(),
    learnt: countsOf(learning),
    heldOut: countsOf(heldOut),
    ...told,
    ...calibration(scored),
    weights: Object.entries(published.definition.model?.weights ?? {}).map(
      ([name, { weight, mean: middle, scale }]) => ({
        name,
        weight,
        mean: middle,
        scale,
      }),
    ),
    dataHash,
  }
  await tx.run({
    text: `insert into automation_training (tenant_id, automation, version, at, by_name, report) values ($1, $2, $3, $4, $5, $6)
           on conflict do nothing`,
    values: [tx.tenant, head.id, version, new Date(now), context.actor.name, JSON.stringify(training)],
  })
  return { version, training }
}

const countsOf = (cases: readonly Learnt[]) => ({
  cases: cases.length,
  happened: cases.filter(({ happened }) => happened).length,
})

async function sourceOf(tx: Tx, automation: string, version: number): Promise<string> {
  const [row] = await tx.query<{ source: string }>({
    text: 'select source from automation_version where tenant_id = $1 and automation = $2 and version = $3',
    values: [tx.tenant, automation, version],
  })
  return row?.source ?? ''
}

/** The cases of some days in which nothing was done and of which it is known what came. */
async function casesOf(
  tx: Tx,
  record: FhirRecord,
  automation: CompiledAutomation,
  from: number,
  until: number,
): Promise<{ cases: Learnt[]; dataHash: string }> {
  const rows = await tx.query<{ id: string; asked_at: Date; trigger: string; inputs: Snapshot }>({
    text: `select id, asked_at, trigger, inputs from automation_decision
           where tenant_id = $1 and automation = $2 and asked_at >= $3 and asked_at < $4 and touched_at is null
           order by asked_at, id limit ${most + 1}`,
    values: [tx.tenant, automation.definition.automation, new Date(from), new Date(until)],
  })
  if (rows.length > most)
    throw refuse('replay-too-long', { faults: [{ path: 'days', message: `more than ${most} decisions` }] })
  const outcomes = await outcomesOf(tx, record, automation, [...new Set(rows.map(({ trigger }) => trigger))])
  const hash = createHash('sha256')
  const cases = rows.flatMap((row): Learnt[] => {
    refuseFuture(row)
    const happened = outcomes.get(row.trigger)
    const values = valuesOf(row.inputs)
    const complete = automation.inputs.every(({ name }) => name in values)
    if (happened === undefined || !complete) return []
    const answer = automation.answer(values)
    // What it is not made for it does not learn from either.
    if ('silence' in answer && answer.silence !== 'no-rule-holds') return []
    hash.update(JSON.stringify([row.id, Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)), happened]))
    return [{ asked: row.asked_at.getTime(), values, happened }]
  })
  return { cases, dataHash: hash.digest('hex') }
}

/** The inputs that are numbers and are not always the same, with their mean and standard deviation. */
function featuresOf({ inputs }: CompiledAutomation, cases: readonly Learnt[]): Feature[] {
  return inputs.flatMap(({ name, spec }): Feature[] => {
    if (spec.type === 'string') return []
    const known = cases.flatMap(({ values }) => (values[name] == null ? [] : [Number(values[name])]))
    if (known.length < 2) return []
    const middle = mean(known)
    const scale = Math.sqrt(mean(known.map((one) => (one - middle) ** 2)))
    return scale < 1e-9 ? [] : [{ name, mean: middle, scale }]
  })
}

/** What is missing counts as the mean, as it does when the model answers. */
const standardised = (features: readonly Feature[], values: Values): number[] =>
  features.map(({ name, mean: middle, scale }) => (Number(values[name] ?? middle) - middle) / scale)

function refuseThin(learning: readonly Learnt[], heldOut: readonly Learnt[], weights: number): void {
  const faults = [
    { path: 'days', cases: learning, least: perWeight * Math.max(weights, 1) },
    { path: 'heldOutDays', cases: heldOut, least: heldOutLeast },
  ].flatMap(({ path, cases, least }) => {
    const { happened, cases: all } = countsOf(cases)
    const fewer = Math.min(happened, all - happened)
    return fewer >= least
      ? []
      : [{ path, message: `${happened} of ${all} cases happened; ${least} are needed on both sides` }]
  })
  if (faults.length > 0) throw refuse('training-too-thin', { faults })
}
