import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createLog, tenantId } from '../kernel/index.ts'
import { findRunning, migrate, openDatabase, startEmbedded } from './index.ts'

const log = createLog('silent')
const folders: string[] = []
const newFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-embedded-'))
  folders.push(folder)
  return folder
}
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})
const alpha = tenantId('alpha')
const write = (database: ReturnType<typeof openDatabase>) =>
  database.transaction(alpha, (tx) =>
    tx.run({ text: `insert into tenant (tenant_id, name) values ('alpha', 'Alpha') on conflict do nothing` }),
  )

test('data survives a stop and a start', async () => {
  const dataFolder = await newFolder()
  for (const round of [1, 2]) {
    const server = await startEmbedded({ dataFolder, log })
    expect((await migrate(server.target)).applied.length > 0).toBe(round === 1)
    const database = openDatabase(server.target)
    if (round === 1) await write(database)
    expect(await database.tenants()).toEqual(['alpha'])
    await database.close()
    await server.stop()
  }
})

test('a second start on the same folder is refused in clear words, and a visitor may join', async () => {
  const dataFolder = await newFolder()
  const server = await startEmbedded({ dataFolder, log })
  await expect(startEmbedded({ dataFolder, log })).rejects.toMatchObject({ code: 'data-folder-in-use' })
  expect(await findRunning(dataFolder)).toEqual(server.target)
  await server.stop()
  expect(await findRunning(dataFolder)).toBe(undefined)
})

test('two that migrate at once leave each migration applied once', async () => {
  const server = await startEmbedded({ dataFolder: await newFolder(), log })
  const both = await Promise.all([migrate(server.target), migrate(server.target)])
  expect(both.map((one) => one.applied.length > 0).toSorted()).toEqual([false, true])
  await server.stop()
})

test('a database server that is killed comes back by itself with what was committed', async () => {
  const server = await startEmbedded({ dataFolder: await newFolder(), log })
  await migrate(server.target)
  const database = openDatabase(server.target)
  await write(database)
  const killed = server.processId()
  process.kill(killed ?? 0, 'SIGKILL')
  await expect.poll(() => server.processId(), { timeout: 20_000 }).not.toBe(killed)
  await expect.poll(() => database.tenants().catch(() => []), { timeout: 20_000 }).toEqual(['alpha'])
  await database.close()
  await server.stop()
})

test.skipIf(process.getuid?.() !== 0)('root may run it on a folder that only root may enter', async () => {
  const closed = await newFolder()
  await chmod(closed, 0o700)
  const dataFolder = join(closed, 'data')
  const server = await startEmbedded({ dataFolder, log })
  expect(server.folder).toMatch(/^\/var\/lib\/throughline\//)
  expect(await readFile(join(dataFolder, 'WHERE'), 'utf8')).toContain(server.folder)
  await migrate(server.target)
  await server.stop()
  await rm(server.folder, { recursive: true, force: true })
})
