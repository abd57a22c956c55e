import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import pg from 'pg'
import { clientConfig, type ConnectionTarget, type Database, openDatabase } from '../src/db/index.ts'
import { type TenantId, tenantId } from '../src/kernel/index.ts'

export interface FreshDatabase {
  database: Database
  /** Under the role that automations think under. */
  shadow: Database
  target: ConnectionTarget
  alpha: TenantId
  beta: TenantId
  /** Runs as superuser and owner, past row-level security: for tampering in tests. */
  asSuperuser<Row>(text: string, values?: unknown[]): Promise<Row[]>
  close(): Promise<void>
}

/** A database of its own for one test file, copied from the migrated template; it has the tenants alpha and beta. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const socketFolder = inject('socketFolder')
  const name = `t_${randomBytes(6).toString('hex')}`
  const admin = new pg.Client(clientConfig({ socketFolder, database: 'postgres' }, 'owner'))
  await admin.connect()
  await admin.query(`create database ${name} template template_throughline strategy wal_log`)
  const target: ConnectionTarget = { socketFolder, database: name }
  const owner = new pg.Client(clientConfig(target, 'owner'))
  await owner.connect()
  const database = openDatabase(target)
  const shadow = openDatabase(target, { connections: 2, role: 'shadow' })
  return {
    database,
    shadow,
    target,
    alpha: tenantId('alpha'),
    beta: tenantId('beta'),
    asSuperuser: async <Row>(text: string, values: unknown[] = []) => (await owner.query(text, values)).rows as Row[],
    async close() {
      await database.close()
      await shadow.close()
      await owner.end()
      await admin.query(`drop database ${name} with (force)`)
      await admin.end()
    },
  }
}
