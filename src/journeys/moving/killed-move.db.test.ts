import { fork } from 'node:child_process'
import { expect, test } from 'vitest'
import { useHouse } from '../../../testkit/house.ts'
import { manyJourneys, newVersion, oldVersion } from '../../../testkit/moving.ts'
import type { Tx } from '../../db/index.ts'
import { systemClock } from '../../kernel/index.ts'
import type { JourneyState } from '../../pathways/index.ts'
import { approveMove, makeMove, progressOf, startCohort, undoMove } from '../index.ts'

const count = Number(process.env['MOVE_KILLED'] ?? 120)
// The workers keep the system's time.
const house = useHouse({ start: systemClock.now() })
const inAlpha = <T>(work: (tx: Tx) => Promise<T>) => house.database.transaction(house.alpha, work)

/** A worker that is killed in the middle of whatever it does, `after` milliseconds from when it began. */
async function killedWorker(socketFolder: string, database: string, after: number): Promise<void> {
  const child = fork(
    new URL('../../../testkit/worker-process.ts', import.meta.url).pathname,
    [socketFolder, database],
    {
      execArgv: [],
    },
  )
  await new Promise((ready) => child.once('message', ready))
  child.send('go')
  await new Promise((wake) => setTimeout(wake, after))
  child.kill('SIGKILL')
  await new Promise((gone) => child.once('exit', gone))
}

interface Row {
  id: string
  version: number
  state: string
  timers: Record<string, string> | null
  row: string
  after: string | null
  moved: number
  back: number
  tasks: string[] | null
}
const rows = () =>
  inAlpha((tx) =>
    tx.query<Row>({
      text: `select j.id, j.version, j.state, r.status as row, r.state_after as after,
               (select jsonb_object_agg(t.timer, t.due) from journey_timer t where t.tenant_id = $1 and t.journey = j.id) as timers,
               (select count(*)::int from journey_event e where e.tenant_id = $1 and e.journey = j.id and e.kind = 'moved') as moved,
               (select count(*)::int from journey_event e where e.tenant_id = $1 and e.journey = j.id and e.kind = 'moved-back') as back,
               (select array_agg(w.id) from work_item w where w.tenant_id = $1 and w.journey = j.id and w.open) as tasks
             from journey j join journey_move_row r on r.tenant_id = $1 and r.journey = j.id where j.tenant_id = $1`,
      values: [tx.tenant],
    }),
  )

/** Each journey stands wholly on one side: version, journal, log, clocks and open tasks say the same. */
function wholly(row: Row): void {
  const state: JourneyState = JSON.parse(row.state)
  const isMoved = row.row === 'moved' || row.row === 'undoing'
  expect({ id: row.id, version: row.version, moved: row.moved, back: row.back }).toEqual({
    id: row.id,
    version: isMoved ? 2 : 1,
    moved: isMoved || row.row === 'undone' ? 1 : 0,
    back: row.row === 'undone' ? 1 : 0,
  })
  if (isMoved) expect(row.state).toBe(row.after)
  expect(Object.keys(row.timers ?? {}).toSorted()).toEqual(Object.keys(state.timers).toSorted())
  const work = new Set(['look', 'paper', 'close', 'scan', 'finish', 'opinion'])
  const open = Object.entries(state.open).flatMap(([name, one]) => (work.has(name) ? [one.key] : []))
  expect((row.tasks ?? []).toSorted()).toEqual(open.toSorted())
}

// Each worker lives a little longer than the one before, so that some die while they begin and some in the middle.
test('workers killed in the middle leave each journey wholly before or wholly after the move, and the undoing', {
  timeout: 300_000,
}, async () => {
  const target = house.db.target
  if (!('socketFolder' in target)) throw new Error('the test database has a socket')
  await inAlpha((tx) => house.pathways.publish(tx, house.context, oldVersion, 'For the test'))
  await manyJourneys(house, count)
  await house.settle()
  await inAlpha((tx) => house.pathways.publish(tx, house.context, newVersion, 'For the test'))
  const move = await inAlpha((tx) =>
    makeMove(tx, house.context, house, { pathway: 'probe', from: 1, to: 2, note: 'Killed meanwhile' }),
  )
  await inAlpha((tx) => approveMove(tx, house.as({ id: 'second', name: 'Second' }), move))
  await inAlpha((tx) => startCohort(tx, house.context, house, move, { of: 'all' }))
  const sums = async () => (await inAlpha((tx) => progressOf(tx, [move]))).get(move) ?? {}
  const killUntil = async (left: (sum: Record<string, number>) => number): Promise<number> => {
    let kills = 0
    for (let sum = await sums(); left(sum) > 0; sum = await sums()) {
      expect(kills).toBeLessThan(60)
      await killedWorker(target.socketFolder, target.database, 150 + kills * 250)
      kills += 1
      for (const row of await rows()) wholly(row)
    }
    return kills
  }
  const kills = await killUntil((sum) => sum['waiting'] ?? 0)
  const moved = (await sums())['moved'] ?? 0
  expect(moved).toBe((count / 5) * 3)
  // What was asked for at the move goes nowhere before it is taken back: no job was run meanwhile.
  await inAlpha((tx) => undoMove(tx, move, undefined))
  const more = await killUntil((sum) => sum['undoing'] ?? 0)
  expect((await sums())['undone']).toBe(moved)
  process.stdout.write(`${count} journeys: ${kills} kills while they moved, ${more} while they went back\n`)
  expect(kills + more).toBeGreaterThan(1)
})
