// From nothing to the first page: a fresh data folder (initdb, migrations), then the same folder again. Measured against
// starting the bare PostgreSQL of the same packages on a folder of its own, in the same run.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '../src/db/index.ts'
import { createLog } from '../src/kernel/index.ts'
import { freePort, spawnServer } from '../testkit/spawned-server.ts'
import { machine } from './machine.ts'

const folder = async () => {
  const made = await mkdtemp(join(tmpdir(), 'throughline-start-'))
  await chmod(made, 0o755)
  return made
}
const timed = async (run: () => Promise<void>): Promise<number> => {
  const start = performance.now()
  await run()
  return performance.now() - start
}

const data = await folder()
const port = await freePort()
const firstPage = async () => {
  const server = await spawnServer(['start'], { THROUGHLINE_DATA: data }, port)
  const page = await fetch(server.url, { headers: { accept: 'text/html' } })
  if (!page.ok || !(await page.text()).includes('<div id="root">')) throw new Error('no page')
  stop = server.stop
}
let stop = async () => {}
const cold = await timed(firstPage)
await stop()
const warm = await timed(firstPage)
await stop()

const bare = await folder()
const start = () => startEmbedded({ dataFolder: bare, log: createLog('silent') })
let server: Awaited<ReturnType<typeof start>> | undefined
const database = await timed(async () => {
  server = await start()
})
await server?.stop()
for (const one of [data, bare]) await rm(one, { recursive: true, force: true })
process.stdout.write(
  `first start to first page ${(cold / 1000).toFixed(1)} s, again ${(warm / 1000).toFixed(1)} s; the bare database alone ${(database / 1000).toFixed(1)} s; ratio ${(cold / database).toFixed(1)}; goal 10 s: ${cold < 10_000 ? 'met' : 'NOT MET'}\n${machine()}\n`,
)
