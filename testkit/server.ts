import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { clientConfig, migrate, startEmbedded } from '../src/db/index.ts'
import { createLog } from '../src/kernel/index.ts'

declare module 'vitest' {
  interface ProvidedContext {
    socketFolder: string
    /** Where the demonstration's quarter is lived once for all who want it: see `livedClinic`. */
    livedFolder: string
  }
}

/** One embedded PostgreSQL for the whole test run, with a migrated template that each test file copies. */
export default async function setup(project: TestProject) {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-test-'))
  const server = await startEmbedded({ dataFolder: folder, log: createLog('fatal') })
  if (!('socketFolder' in server.target)) throw new TypeError('the embedded server has a socket')
  const { socketFolder } = server.target
  const admin = new pg.Client(clientConfig({ socketFolder, database: 'postgres' }, 'owner'))
  await admin.connect()
  await admin.query('create database template_throughline')
  await admin.query('alter system set fsync = off')
  await admin.query('select pg_reload_conf()')
  await admin.end()
  const template = { socketFolder, database: 'template_throughline' }
  await migrate(template)
  const owner = new pg.Client(clientConfig(template, 'owner'))
  await owner.connect()
  await owner.query(`insert into tenant (tenant_id, name) values ('alpha', 'Alpha Clinic'), ('beta', 'Beta Hospital')`)
  await owner.end()
  project.provide('socketFolder', socketFolder)
  const livedFolder = await mkdtemp(join(tmpdir(), 'throughline-lived-'))
  project.provide('livedFolder', livedFolder)
  return async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
    await rm(livedFolder, { recursive: true, force: true })
    // Of root, the data lie where another user may go.
    await rm(server.folder, { recursive: true, force: true })
  }
}
