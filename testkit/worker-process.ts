// One worker process of the test of many workers: drains alpha on the given database until told to stop, then reports.
import { createSeals } from '../src/audit/index.ts'
import { localChannel } from '../src/engagement/index.ts'
import { openDatabase } from '../src/db/index.ts'
import { createVault } from '../src/identity/index.ts'
import { createLog, systemClock, tenantId } from '../src/kernel/index.ts'
import { compose } from '../src/main/compose.ts'
import { releaseFolder } from '../src/terminology/index.ts'
import { loadLibrary } from '../src/main/load-library.ts'

const [socketFolder = '', name = ''] = process.argv.slice(2)
const database = openDatabase({ socketFolder, database: name }, { connections: 2 })
const shadow = openDatabase({ socketFolder, database: name }, { connections: 1, role: 'shadow' })
const { library, ontology, surroundings } = await loadLibrary()
const clock = systemClock
const house = compose({
  database,
  shadow,
  clock,
  log: createLog('silent'),
  library,
  ontology,
  surroundings,
  channels: [localChannel('email', database, clock)],
  clinic: { phone: '' },
  vault: createVault(Buffer.alloc(32, 7)),
  publicUrl: 'http://localhost',
  outboundAllow: [],
  seals: createSeals({ database, clock, log: createLog('silent'), folder: `/tmp/${name}-seals` }),
  releases: releaseFolder(`/tmp/${name}-seals`),
  audit: async () => {},
})
const alpha = tenantId('alpha')
let stopping = false
process.on('message', (word) => {
  if (word === 'stop') stopping = true
})
process.send?.('ready')
let events = 0
let moved = 0
await new Promise<void>((go) => process.once('message', () => go()))
while (!stopping) {
  const report = await house.runtime.drain(alpha)
  events += report.events
  moved += report.moved
  if (report.events === 0) await new Promise((wake) => setTimeout(wake, 20))
}
process.send?.({ events, moved })
await database.close()
await shadow.close()
process.disconnect()
