import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { clientConfig, type ConnectionTarget } from './connection.ts'
import { refuse } from './errors.ts'

const folder = new URL('../../migrations/', import.meta.url).pathname

// Any two nodes that start together take this lock in turn; the second finds nothing left to do.
const migrationLock = 7_305_441_090

async function readMigrations() {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_[a-z_]+\.sql$/.test(name)).sort()
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8')
      return { name, text, hash: createHash('sha256').update(text).digest('hex') }
    }),
  )
}

/**
 * Brings the database's schema up to this program's, as the owner: forward only, each file in its own transaction.
 * Needs a role that may create a schema and (the first time) the roles `throughline_app` and `throughline_shadow`.
 */
export async function migrate(target: ConnectionTarget): Promise<{ applied: string[] }> {
  const client = new pg.Client(clientConfig(target, 'owner'))
  await client.connect()
  try {
    const version = await client.query<{ server_version_num: string }>('show server_version_num')
    if (Number(version.rows[0]?.server_version_num) < 150_000) throw refuse('database-too-old')
    await client.query('select pg_advisory_lock($1)', [migrationLock])
    await client.query(`
      do $$ declare app text; begin
        foreach app in array array['throughline_app', 'throughline_shadow'] loop
          if not exists (select from pg_roles where rolname = app) then
            execute format('create role %I nologin nosuperuser nocreatedb nocreaterole nobypassrls', app);
          end if;
          if not pg_has_role(current_user, app, 'set') then
            execute format('grant %I to %I', app, current_user);
          end if;
        end loop;
      end $$;
      create schema if not exists throughline;
      grant usage on schema throughline to throughline_app, throughline_shadow;
      create table if not exists throughline.migration (
        name text primary key, hash text not null, applied_at timestamptz not null default now());
    `)
    const done = await client.query<{ name: string; hash: string }>(
      'select name, hash from throughline.migration order by name',
    )
    const hashes = new Map(done.rows.map((row) => [row.name, row.hash]))
    const applied: string[] = []
    for (const migration of await readMigrations()) {
      const known = hashes.get(migration.name)
      hashes.delete(migration.name)
      if (known === migration.hash) continue
      if (known !== undefined)
        throw refuse('migration-changed', {
          faults: [{ path: migration.name, message: 'text differs from what was applied' }],
        })
      await client.query('begin')
      try {
        await client.query(migration.text)
        await client.query('insert into throughline.migration (name, hash) values ($1, $2)', [
          migration.name,
          migration.hash,
        ])
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        throw error
      }
      applied.push(migration.name)
    }
    const unknown = [...hashes.keys()][0]
    if (unknown !== undefined)
      throw refuse('data-newer', { faults: [{ path: unknown, message: 'is applied there and unknown here' }] })
    return { applied }
  } finally {
    await client.end()
  }
}
