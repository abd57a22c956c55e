import { createHash } from 'node:crypto'
import type { Replayed } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import type { Output, Silence } from '../automation/compile.ts'
import type { PublishedAutomations } from '../automation/published.ts'
import { type Snapshot, valuesOf } from '../decisions/snapshot.ts'
import { refuse } from '../errors.ts'

interface Row {
  id: string
  asked_at: Date
  acuity: string | null
  inputs: Snapshot
  output: Output | null
  silence: Silence | null
}

const most = 20_000

/**
 * Has a version answer every question of some days out of the inputs that were taken down then, and tells which answers
 * differ from what was said at the time. Nothing takes effect. The hash is over all answers in order: the same version
 * over the same days has the same one. An input that was written after its question was asked would be knowledge of the
 * future, and fails the run.
 */
export async function replayVersion(
  tx: Tx,
  automations: PublishedAutomations,
  asked: { automation: string; version: number; since: number; until: number },
): Promise<Replayed> {
  const version = await automations.version(tx, asked.automation, asked.version)
  if (version.definition.text)
    throw refuse('replay-not-possible', { faults: [{ path: 'version', message: 'asks a text model' }] })
  const rows = await tx.query<Row>({
    text: `select d.id, d.asked_at, d.circumstances->>'acuity' as acuity, d.inputs, o.output, o.silence
           from automation_decision d left join automation_opinion o on o.tenant_id = d.tenant_id and o.decision = d.id and o.version = d.version
           where d.tenant_id = $1 and d.automation = $2 and d.asked_at >= $3 and d.asked_at < $4 order by d.asked_at, d.id limit ${most + 1}`,
    values: [tx.tenant, asked.automation, new Date(asked.since), new Date(asked.until)],
  })
  if (rows.length > most)
    throw refuse('replay-too-long', { faults: [{ path: 'days', message: `more than ${most} decisions` }] })
  const hash = createHash('sha256')
  const changed = new Map<string, Replayed['changed'][number]>()
  for (const row of rows) {
    refuseFuture(row)
    const answer = version.answer(valuesOf(row.inputs))
    const now = 'silence' in answer ? answer.silence : answer.gives
    const then = row.output?.gives ?? row.silence ?? 'not-asked'
    hash.update(JSON.stringify([row.id, answer]))
    if (now === then) continue
    const acuity = row.acuity ?? 'routine'
    const key = `${acuity} ${then} ${now}`
    const cell = changed.get(key) ?? { acuity, from: then, to: now, count: 0, examples: [] }
    cell.count += 1
    if (cell.examples.length < 5) cell.examples.push(row.id)
    changed.set(key, cell)
  }
  const order = ['stat', 'asap', 'urgent', 'routine']
  return {
    cases: rows.length,
    hash: hash.digest('hex'),
    changed: [...changed.values()].sort(
      (a, b) => order.indexOf(a.acuity) - order.indexOf(b.acuity) || b.count - a.count,
    ),
  }
}

/** An input that was written after its question was asked is knowledge of the future. */
export function refuseFuture({ id, asked_at, inputs }: Pick<Row, 'id' | 'asked_at' | 'inputs'>): void {
  for (const [name, { at }] of Object.entries(inputs))
    if (at !== null && Date.parse(at) > asked_at.getTime())
      throw refuse('input-after-decision', {
        faults: [{ path: `${id}.${name}`, message: `was written at ${at}, asked at ${asked_at.toISOString()}` }],
      })
}
