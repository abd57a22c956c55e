import type { Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { useHouse } from '../../../testkit/house.ts'
import { manyJourneys, newVersion, oldVersion } from '../../../testkit/moving.ts'
import type { Tx } from '../../db/index.ts'
import type { JourneyState, LogEntry } from '../../pathways/index.ts'
import {
  approveMove,
  cohortsOf,
  decideMove,
  editMove,
  makeMove,
  type Previewed,
  previewMove,
  previewOne,
  progressOf,
  readLog,
  readMove,
  readRow,
  startCohort,
  turnMove,
  undoMove,
} from '../index.ts'

const count = process.env['MOVE'] === 'full' ? 10_000 : Number(process.env['MOVE'] ?? 600)
const delivered = new Map<string, number>()
const house = useHouse({
  start: Date.UTC(2026, 5, 1, 14),
  channels: [
    {
      name: 'email',
      async deliver(_tenant, { key }) {
        delivered.set(key, (delivered.get(key) ?? 0) + 1)
      },
    },
  ],
})
const inAlpha = <T>(work: (tx: Tx) => Promise<T>) => house.database.transaction(house.alpha, work)
const second = () => house.as({ id: 'second', name: 'Second' })
const day = 86_400_000

interface Standing {
  id: string
  version: number
  state: JourneyState
  timers: Record<string, number>
}
async function standing(): Promise<Map<string, Standing>> {
  const rows = await inAlpha((tx) =>
    tx.query<{ id: string; version: number; state: string; timers: Record<string, string> | null }>({
      text: `select j.id, j.version, j.state, (select jsonb_object_agg(t.timer, t.due) from journey_timer t where t.tenant_id = $1 and t.journey = j.id) as timers
             from journey j where j.tenant_id = $1 and j.pathway = 'probe'`,
      values: [tx.tenant],
    }),
  )
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        version: row.version,
        state: JSON.parse(row.state),
        timers: Object.fromEntries(Object.entries(row.timers ?? {}).map(([name, due]) => [name, Date.parse(due)])),
      },
    ]),
  )
}
const timersOf = (state: JourneyState) =>
  Object.fromEntries(Object.entries(state.timers).map(([name, { due }]) => [name, due]))

/** Every Task of the journeys, as it reads, but for what a write itself leaves. */
async function tasks(): Promise<Map<string, Omit<Task, 'meta'>>> {
  const ids = await inAlpha((tx) =>
    tx.query<{ id: string }>({ text: 'select id from work_item where tenant_id = $1', values: [tx.tenant] }),
  )
  const found = await inAlpha((tx) =>
    house.record.readMany(
      tx,
      ids.map(({ id }) => `Task/${id}`),
    ),
  )
  return new Map(
    [...found].flatMap(([reference, resource]) => {
      if (resource.resourceType !== 'Task') return []
      const { meta: _meta, ...task } = resource
      return [[reference, task]]
    }),
  )
}

async function preview(id: string): Promise<Previewed[]> {
  const now = house.clock.now()
  const all: Previewed[] = []
  for (let after = ''; ; ) {
    const page = await inAlpha(async (tx) => {
      const move = await readMove(tx, id)
      return move ? previewMove(tx, house_(), move, { now, after, limit: 500 }) : []
    })
    all.push(...page)
    const last = page.at(-1)
    if (!last) return all
    after = last.journey
  }
}
const house_ = () => ({ pathways: house.pathways, calendar: house.calendar })
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value))
const sums = async (id: string) => (await inAlpha((tx) => progressOf(tx, [id]))).get(id)

let move = ''

test(`${count} running journeys with their clocks going are moved as the preview said, each wholly, and no message goes out twice`, {
  timeout: 1_800_000,
}, async () => {
  const began = performance.now()
  const took = (what: string) => process.stdout.write(`${what} after ${Math.round(performance.now() - began)} ms\n`)
  await inAlpha((tx) => house.pathways.publish(tx, house.context, oldVersion, 'For the test'))
  await manyJourneys(house, count)
  await house.settle()
  await inAlpha((tx) => house.pathways.publish(tx, house.context, newVersion, 'For the test'))
  // Near a rung of the escalation: some clocks have run out, others have not.
  await house.pass(day)
  took(`${count} journeys stand`)
  move = await inAlpha((tx) =>
    makeMove(tx, house.context, house, { pathway: 'probe', from: 1, to: 2, note: 'The second version is safer' }),
  )
  const drafted = await inAlpha((tx) => readMove(tx, move))
  expect(drafted?.mapping.steps).toEqual({
    look: { do: 'pair', to: 'look', times: 'keep', role: 'follow' },
    tell: { do: 'pair', to: 'tell', times: 'keep', role: 'follow' },
    rest: { do: 'keep' },
    paper: { do: 'keep' },
    close: { do: 'pair', to: 'finish', times: 'keep', role: 'follow' },
  })
  const steps = {
    ...drafted?.mapping.steps,
    rest: { do: 'pair', to: 'settle-down', times: 'follow', role: 'follow' },
    look: { do: 'pair', to: 'look', times: 'follow', role: 'follow' },
  } as const
  const mapping = { ...drafted?.mapping, steps } as NonNullable<typeof drafted>['mapping']
  delete mapping.added['settle-down']
  await inAlpha((tx) => editMove(tx, house.context, house, move, mapping))
  await expect(inAlpha((tx) => approveMove(tx, house.context, move))).rejects.toMatchObject({
    code: 'approves-own-move',
  })
  await expect(inAlpha((tx) => startCohort(tx, house.context, house, move, { of: 'all' }))).rejects.toMatchObject({
    code: 'move-not-so',
  })
  await inAlpha((tx) => approveMove(tx, second(), move))

  const before = await standing()
  expect(delivered.size).toBe(count)
  const sentBefore = new Map(delivered)
  const tasksBefore = await tasks()
  const planned = await preview(move)
  took('previewed')
  expect(planned).toHaveLength(count)
  const fates = Object.groupBy(planned, ({ plan }) => plan.fate)
  expect(Object.fromEntries(Object.entries(fates).map(([fate, list]) => [fate, list?.length]))).toEqual({
    now: (count / 5) * 4,
    later: count / 5,
  })

  await inAlpha((tx) => startCohort(tx, house.context, house, move, { of: 'first', count: 50 }))
  await house.runtime.drain(house.alpha)
  const first = await sums(move)
  expect((first?.['moved'] ?? 0) + (first?.['later'] ?? 0)).toBe(50)
  await inAlpha((tx) => startCohort(tx, house.context, house, move, { of: 'all' }))
  await inAlpha((tx) => turnMove(tx, move, 'pause'))
  await house.runtime.drain(house.alpha)
  expect(await sums(move)).toEqual({ ...first, waiting: count - 50 })
  await inAlpha((tx) => turnMove(tx, move, 'resume'))
  await house.runtime.drain(house.alpha)
  took('moved')
  expect(await sums(move)).toEqual({ moved: (count / 5) * 4, later: count / 5 })
  expect((await inAlpha((tx) => cohortsOf(tx, move))).map(({ n, journeys }) => ({ n, journeys }))).toEqual([
    { n: 1, journeys: 50 },
    { n: 2, journeys: count - 50 },
  ])

  // The preview is the outcome: whole states, clocks, lines of the log.
  const after = await standing()
  const logs = await logLines()
  for (const { journey, plan } of planned) {
    const now = after.get(journey)
    if (plan.fate === 'later') {
      expect(now).toEqual(before.get(journey))
      continue
    }
    expect(now).toEqual({
      id: journey,
      version: 2,
      state: plain(plan.moved?.state),
      timers: timersOf(plan.moved?.state ?? ({ timers: {} } as JourneyState)),
    })
    expect(logs.get(journey)?.slice(-(plan.moved?.log.length ?? 0))).toEqual(plain(plan.moved?.log))
  }
  expect(delivered).toEqual(sentBefore)

  // Undone, everything is as it was but for the count of keys; the tasks that the move made are withdrawn.
  const made = planned.flatMap(({ plan }) =>
    (plan.moved?.effects ?? []).filter(({ kind }) => kind === 'task').map(({ key }) => `Task/${key}`),
  )
  expect(made.length).toBe((count / 5) * 3)
  expect(await inAlpha((tx) => undoMove(tx, move, undefined))).toBe((count / 5) * 4)
  await house.runtime.drain(house.alpha)
  took('undone')
  expect(await sums(move)).toEqual({ undone: (count / 5) * 4, later: count / 5 })
  const back = await standing()
  for (const [id, { state, ...rest }] of before) {
    const now = back.get(id)
    expect(now).toEqual({ ...rest, state: { ...state, effects: now?.state.effects } })
    expect(now?.state.effects).toBeGreaterThanOrEqual(after.get(id)?.state.effects ?? 0)
  }
  const tasksBack = await tasks()
  for (const [id, task] of tasksBefore) expect(tasksBack.get(id)).toEqual(task)
  expect(
    [...tasksBack]
      .filter(([id]) => !tasksBefore.has(id))
      .map(([id, { status }]) => `${id} ${status}`)
      .toSorted(),
  ).toEqual(made.map((id) => `${id} cancelled`).toSorted())
  await house.settle()
  // Messages that the move had asked for and that had not left are stopped; none of the others leaves again.
  expect(delivered).toEqual(sentBefore)
  const last = await inAlpha((tx) => readLog(tx, planned.find(({ plan }) => plan.fate === 'now')?.journey ?? ''))
  expect(last.at(-1)?.kind).toBe('moved-back')
})

async function logLines(): Promise<Map<string, LogEntry[]>> {
  const rows = await inAlpha((tx) =>
    tx.query<Omit<LogEntry, 'at' | 'data'> & { journey: string; at: Date; data: string }>({
      text: `select journey, kind, step, n, rule, event, at, data from journey_event where tenant_id = $1 order by journey, line`,
      values: [tx.tenant],
    }),
  )
  const lines = new Map<string, LogEntry[]>()
  for (const { journey, ...row } of rows) {
    const line: LogEntry = { ...row, at: row.at.getTime(), data: JSON.parse(row.data) }
    const known = lines.get(journey)
    if (known) known.push(line)
    else lines.set(journey, [line])
  }
  return lines
}

const finish = async (reference: string, outcome: string) => {
  await inAlpha(async (tx) => {
    const task = await house.record.read(tx, reference)
    if (task?.resourceType !== 'Task') throw new Error(`${reference} is no Task`)
    const output = [{ type: { coding: [{ code: 'outcome' }] }, valueCode: outcome }]
    await house.record.write(
      tx,
      house.context,
      [{ interaction: 'update', resource: { ...task, id: task.id ?? '', status: 'completed', output } }],
      { validate: false },
    )
  })
  await house.settle()
}

test('a journey moves when it comes to its safe point; one that has gone on, or whose task somebody took, is not taken back, and says why', {
  timeout: 120_000,
}, async () => {
  const stopped = await inAlpha((tx) => readMove(tx, move))
  expect(stopped?.status).toBe('paused')
  await inAlpha((tx) => turnMove(tx, move, 'resume'))
  const all = [...(await standing()).values()]
  const at = (step: string) => all.filter(({ state, version }) => version === 1 && state.open[step] && !state.paused)
  const [late] = at('paper')
  if (!late) throw new Error('nobody is at the paper')
  await finish(`Task/${late.state.open['paper']?.key}`, 'done')
  const moved = (await standing()).get(late.id)
  expect(moved?.version).toBe(2)
  expect(Object.keys(moved?.state.open ?? {}).toSorted()).toEqual(['finish', 'opinion'])
  expect(await inAlpha((tx) => readRow(tx, move, late.id))).toMatchObject({ status: 'moved' })
  await house.settle()
  for (const times of delivered.values()) expect(times).toBe(1)

  // A second move of those that were taken back, two of them.
  const again = await inAlpha((tx) =>
    makeMove(tx, house.context, house, {
      pathway: 'probe',
      from: 1,
      to: 2,
      note: 'Once more',
      mapping: stopped?.mapping,
    }),
  )
  await inAlpha((tx) => approveMove(tx, second(), again))
  const [one, two, three] = at('look')
  if (!one || !two || !three) throw new Error('nobody is at work')
  await inAlpha((tx) =>
    startCohort(tx, house.context, house, again, { of: 'list', journeys: [one.id, two.id, three.id] }),
  )
  await house.runtime.drain(house.alpha)
  expect(await sums(again)).toEqual({ moved: 3 })
  const look = `Task/${one.state.open['look']?.key}`
  await inAlpha(async (tx) => {
    const task = await house.record.read(tx, look)
    if (task?.resourceType !== 'Task') throw new Error('no task')
    const taken = { ...task, id: task.id ?? '', status: 'accepted' as const, owner: { reference: 'Practitioner/x' } }
    await house.record.write(tx, house.context, [{ interaction: 'update', resource: taken }], { validate: false })
  })
  const undone = async (id: string) => {
    await inAlpha((tx) => undoMove(tx, again, [id]))
    await house.runtime.drain(house.alpha)
    const row = await inAlpha((tx) => readRow(tx, again, id))
    return [row?.status, row?.reasons]
  }
  expect(await undone(one.id)).toEqual(['not-undone', [{ code: 'resource-changed', step: look }]])
  await finish(`Task/${two.state.open['look']?.key}`, 'good')
  expect(await undone(two.id)).toEqual(['not-undone', [{ code: 'went-on', step: null }]])
  // The reminder that the move asked for has left meanwhile, and nobody can take it back.
  expect(await undone(three.id)).toEqual(['not-undone', [{ code: 'went-on', step: null }]])
  const told = await inAlpha(async (tx) => {
    const stored = await readMove(tx, again)
    return stored && previewOne(tx, house_(), stored, one.id, house.clock.now())
  })
  expect(told?.plan.fate).toBe('now')
})

test('what has no counterpart waits for a person’s word where the mapping says so', { timeout: 120_000 }, async () => {
  const stored = await inAlpha((tx) => readMove(tx, move))
  const asking = { ...stored?.mapping, steps: { ...stored?.mapping.steps, paper: { do: 'ask' } } } as NonNullable<
    typeof stored
  >['mapping']
  const id = await inAlpha((tx) =>
    makeMove(tx, house.context, house, { pathway: 'probe', from: 1, to: 2, note: 'Ask', mapping: asking }),
  )
  await inAlpha((tx) => approveMove(tx, second(), id))
  const held = [...(await standing()).values()]
    .filter(({ state, version }) => version === 1 && state.open['paper'])
    .slice(0, 2)
  const [stays, goes] = held.map((one) => one.id)
  if (!stays || !goes) throw new Error('nobody is at the paper')
  await inAlpha((tx) => startCohort(tx, house.context, house, id, { of: 'list', journeys: [stays, goes] }))
  await house.runtime.drain(house.alpha)
  expect(await sums(id)).toEqual({ ask: 2 })
  await inAlpha((tx) => decideMove(tx, id, stays, 'keep'))
  await inAlpha((tx) => decideMove(tx, id, goes, 'move'))
  await house.runtime.drain(house.alpha)
  expect(await sums(id)).toEqual({ kept: 1, moved: 1 })
  const now = (await standing()).get(goes)
  expect(Object.keys(now?.state.open ?? {}).toSorted()).toEqual(['opinion', 'remind', 'scan'])
  const paper = held[1]?.state.open['paper']?.key
  expect(await inAlpha((tx) => house.record.read(tx, `Task/${paper}`))).toMatchObject({ status: 'cancelled' })
  // Before anything goes on, this can be taken back too: the paper task is there again.
  await inAlpha((tx) => undoMove(tx, id, [goes]))
  await house.runtime.drain(house.alpha)
  expect(await inAlpha((tx) => house.record.read(tx, `Task/${paper}`))).toMatchObject({ status: 'requested' })
  expect((await standing()).get(goes)?.version).toBe(1)
})
