import { createHash } from 'node:crypto'
import type { Database, Tx } from '../../db/index.ts'
import { type FhirRecord, patientsChanged } from '../../fhir/index.ts'
import type { JobHandler } from '../../jobs/index.ts'
import type { Clock, TenantId } from '../../kernel/index.ts'
import { type AnswerPool, type Calendar, compile, emptyTally, merge, parse, type Tally } from '../../pathways/index.ts'
import type { PublishedPathways } from '../published-pathways.ts'
import type { EngineSettings, FromEngine } from './engine-protocol.ts'
import { type EngineThread, startEngineThread } from './engine-threads.ts'
import { gather, type Gathering, linesOfPage, patientsBegun } from './gather.ts'
import { beginReplay, finishReplay, keepProgress, type Replay, replayJob } from './replays.ts'

export interface ReplayDependencies {
  database: Database
  clock: Clock
  pathways: PublishedPathways
  record: Pick<FhirRecord, 'readMany'>
  calendar: Calendar
  /** Threads that one run uses; 1 unless told. The reading of the record keeps about as busy as one of them. */
  threads?: number
}

/** Patients that are read and handed to a thread together: small, so that memory stays flat and a cancelling is soon seen. */
const together = 128

type Came =
  | { hash: string; tally: Tally; pool: AnswerPool }
  | { fault: Replay['fault'] & object }
  | 'cancelled'
  | 'ending'

/** Performs replays: reads the record in the order of its patients, has threads replay them, and writes what they find. */
export function createReplayHandler(dependencies: ReplayDependencies): JobHandler {
  const { database, clock } = dependencies
  return {
    kind: replayJob,
    tries: 3,
    atOnce: 1,
    async perform(tenant, job, signal) {
      const id = String(job.payload['reference']).slice('replay/'.length)
      const replay = await database.transaction(tenant, (tx) => beginReplay(tx, id))
      if (!replay) return async () => {}
      const came = await runReplay(tenant, dependencies, replay, signal)
      if (came === 'cancelled') return async () => {}
      // It begins anew then: what it comes to is the same.
      if (came === 'ending') return async () => ({ again: clock.now() })
      return (tx) => finishReplay(tx, id, clock.now(), came)
    },
    async givenUp(tx, job) {
      const id = String(job.payload['reference']).slice('replay/'.length)
      const message = 'The program failed three times.'
      await finishReplay(tx, id, clock.now(), { fault: { code: 'failed', event: null, journey: null, message } })
    },
  }
}

async function runReplay(
  tenant: TenantId,
  { database, pathways, record, calendar, threads = 1 }: ReplayDependencies,
  replay: Replay,
  signal: AbortSignal,
): Promise<Came> {
  const { definition } = parse(replay.source)
  if (!definition) throw new TypeError('the source was checked when the replay was asked for')
  const { from, until, assume, clinic } = replay
  const { table } = pathways.surroundings
  const draft = compile(definition, 0, table).pathway
  const reading = <T>(work: (tx: Tx) => Promise<T>) => database.reading(tenant, work)
  const settings: EngineSettings = { draft: definition, calendar, table, from, until, assume }
  const engines = Array.from({ length: threads }, () => startEngineThread(settings))
  const [first] = engines
  if (!first) throw new RangeError('a replay needs a thread')
  try {
    const pool = assume === 'alike' ? await learn(first, reading, { pathway: draft.id, from, until }) : {}
    for (const engine of engines) expectSaid(await engine.ask({ do: 'use-pool', pool }), 'learnt')

    const subjects = new Set(await reading((tx) => patientsBegun(tx, draft.id, from, until)))
    const starting = { types: [...draft.startTypes], from, until }
    for await (const subject of patientsChanged(reading, starting)) subjects.add(subject)
    const patients = [...subjects].toSorted()

    const run = new Running(database, tenant, replay.id, patients.length)
    const gathering: Gathering = { pathways, record, draft, from, until, clinic: clinic ?? undefined }
    const known = engines.map(() => new Set<string>())
    // A chunk for each thread is under way while the next is read.
    const pending: { count: number; said: Promise<FromEngine> }[] = []
    for (let at = 0, turn = 0; at < patients.length; at += together, turn += 1) {
      if (signal.aborted) return 'ending'
      const asked = patients.slice(at, at + together)
      const { versions, ...chunk } = await reading((tx) => gather(tx, gathering, asked))
      const engine = engines[turn % engines.length] ?? first
      const had = known[turn % engines.length]
      const fresh = [...versions].filter(([name]) => !had?.has(name))
      for (const [name] of fresh) had?.add(name)
      const said = engine.ask({ do: 'replay', chunk: { ...chunk, versions: fresh.map(([, one]) => one) } })
      // A refusal is heard when its turn comes.
      said.catch(() => {})
      pending.push({ count: asked.length, said })
      if (pending.length > engines.length) {
        const came = await run.take(pending.shift())
        if (came) return came
      }
    }
    for (const one of pending) {
      const came = await run.take(one)
      if (came) return came
    }
    return { hash: run.hash.digest('hex'), tally: run.tally, pool }
  } finally {
    await Promise.all(engines.map((engine) => engine.close()))
  }
}

/** What has come of a run so far; chunks are taken in order, whichever thread did them. */
class Running {
  readonly tally = emptyTally()
  readonly hash = createHash('sha256')
  readonly #database: Database
  readonly #tenant: TenantId
  readonly #id: string
  readonly #patients: number
  #done = 0

  constructor(database: Database, tenant: TenantId, id: string, patients: number) {
    this.#database = database
    this.#tenant = tenant
    this.#id = id
    this.#patients = patients
  }

  async take(chunk: { count: number; said: Promise<FromEngine> } | undefined): Promise<Came | undefined> {
    if (!chunk) return undefined
    const said = await chunk.said
    if (said.said === 'look-ahead') {
      const { event, journey, message } = said
      return { fault: { code: 'look-ahead', event, journey, message } }
    }
    const { print, tally, rows } = expectSaid(said, 'replayed')
    this.hash.update(print)
    merge(this.tally, tally)
    this.#done += chunk.count
    const progress = { patients: this.#patients, done: this.#done, rows }
    const goesOn = await this.#database.transaction(this.#tenant, (tx) => keepProgress(tx, this.#id, progress))
    return goesOn ? undefined : 'cancelled'
  }
}

/** The answers of the period, which assumed ones are taken from. */
async function learn(
  engine: EngineThread,
  reading: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>,
  asked: { pathway: string; from: number; until: number },
): Promise<AnswerPool> {
  let after: { at: number; id: string } | undefined
  do {
    const last = after
    const page = await reading((tx) => linesOfPage(tx, asked, last))
    expectSaid(await engine.ask({ do: 'learn', lines: page.lines }), 'learnt')
    after = page.after
  } while (after)
  return expectSaid(await engine.ask({ do: 'tell-pool' }), 'pool').pool
}

function expectSaid<S extends FromEngine['said']>(said: FromEngine, wanted: S): FromEngine & { said: S } {
  if (said.said === wanted) return said as FromEngine & { said: S }
  throw new Error('message' in said ? said.message : `the thread said ${said.said}`)
}
