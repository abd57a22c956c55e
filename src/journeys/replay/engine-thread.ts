// A thread that replays, so that the server goes on answering. Begun by engine-threads.ts.
import { parentPort, workerData } from 'node:worker_threads'
import {
  type AnswerPool,
  type CompiledPathway,
  compile,
  emptyTally,
  Fingerprint,
  LookAhead,
  PoolMaker,
  replayPatient,
  tally,
} from '../../pathways/index.ts'
import { assemble, logsOf } from './assemble.ts'
import {
  type Chunk,
  type EngineSettings,
  type FromEngine,
  type JourneyResult,
  resultOf,
  type ToEngine,
} from './engine-protocol.ts'

const settings = workerData as EngineSettings
const draft = compile(settings.draft, 0, settings.table).pathway
const versions = new Map<string, CompiledPathway>()
const maker = new PoolMaker()
let pool: AnswerPool = {}

function versionOf(pathway: string, version: number): CompiledPathway {
  const known = versions.get(`${pathway} ${version}`)
  if (!known) throw new RangeError(`${pathway} version ${version} was not given`)
  return known
}

function replayChunk(chunk: Chunk): FromEngine {
  for (const { version, definition } of chunk.versions)
    versions.set(`${definition.pathway} ${version}`, compile(definition, version, settings.table).pathway)
  const sum = emptyTally()
  const print = new Fingerprint()
  const rows: JourneyResult[] = []
  for (const record of assemble(chunk, settings.draft.pathway, settings.from, versionOf)) {
    sum.events += record.changes.length
    for (const one of replayPatient(record, draft, { ...settings, pool })) {
      tally(sum, one, settings.calendar)
      print.add(one)
      const row = resultOf(record.subject, one)
      if (row) rows.push(row)
    }
  }
  return { said: 'replayed', print: print.hex(), tally: sum, rows }
}

function answer(message: ToEngine): FromEngine {
  switch (message.do) {
    case 'learn':
      for (const [journey, log] of logsOf(message.lines)) maker.add(journey, log)
      return { said: 'learnt' }
    case 'tell-pool':
      return { said: 'pool', pool: maker.pool() }
    case 'use-pool':
      pool = message.pool
      return { said: 'learnt' }
    case 'replay':
      return replayChunk(message.chunk)
  }
}

parentPort?.on('message', (message: ToEngine) => {
  let said: FromEngine
  try {
    said = answer(message)
  } catch (error) {
    said =
      error instanceof LookAhead
        ? { said: 'look-ahead', event: error.event, journey: error.journey, message: error.message }
        : { said: 'failed', message: error instanceof Error ? error.message : 'unknown' }
  }
  parentPort?.postMessage(said, [])
})
