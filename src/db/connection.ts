import pg from 'pg'
import type { TenantId } from '../kernel/index.ts'
import type { Database, Statement, Tx } from './tx.ts'

/** How the pools connect: a URL, or the socket folder of the embedded server. */
export type ConnectionTarget = { url: string } | { socketFolder: string; database: string }

// 40001 serialization failure, 40P01 deadlock: PostgreSQL asks for the whole transaction to be tried again.
const tryAgain = new Set(['40001', '40P01'])

/**
 * pg's settings for a target. `role` is taken on at connection, so that a query can never run as the owner. `shadow` reads
 * and writes what migrations grant it by name, and nothing else.
 */
export function clientConfig(target: ConnectionTarget, role: 'owner' | 'app' | 'shadow'): pg.ClientConfig {
  const options = `-c search_path=throughline -c jit=off${role === 'owner' ? '' : ` -c role=throughline_${role}`}`
  return 'url' in target
    ? { connectionString: target.url, options }
    : { host: target.socketFolder, port: 5432, user: 'throughline_owner', database: target.database, options }
}

/** Waits for all, and fails with the first failure in their order. */
async function allOf(answers: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(answers)
  await Promise.all(answers)
}

/** Statements sent in one write to the server instead of one each: on a busy machine the system calls are what costs. */
function together<T>(client: pg.PoolClient, send: () => T): T {
  const { stream } = (client as unknown as { connection: { stream: { cork(): void; uncork(): void } } }).connection
  stream.cork()
  try {
    return send()
  } finally {
    stream.uncork()
  }
}

export interface DatabaseOptions {
  connections?: number
  role?: 'app' | 'shadow'
  /** While it says so a commit does not wait for the disk: a crash may lose the last of them. For data that can be made anew. */
  hasty?: (() => boolean) | undefined
}

/** Opens the app role's pool, or that of the role without a way to effects. Connections are made as they are needed, so this never waits. */
export function openDatabase(target: ConnectionTarget, options: DatabaseOptions = {}): Database {
  const pool = new pg.Pool({
    ...clientConfig(target, options.role ?? 'app'),
    max: options.connections ?? 16,
    pipeline: true,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
  })
  // An idle connection that breaks (the server restarted) is dropped by the pool; without a hearer it would end the process.
  pool.on('error', () => {})
  // "Ready" and "the server is going away" may come in one packet: the pool has let go of the client then, and whoever asked
  // for it has not got it yet. Nobody would hear the error, and that ends the process.
  pool.on('connect', (client) => client.on('error', () => {}))

  async function attempt<T>(tenant: TenantId, work: (tx: Tx) => Promise<T>, mode: '' | ' read only'): Promise<T> {
    const client = await pool.connect()
    const committed: (() => void)[] = []
    const last: Statement[] = []
    let broken: Error | undefined
    const note = (error: Error) => {
      broken = error
    }
    client.on('error', note)
    const release = () => {
      client.off('error', note)
      client.release(broken)
    }
    const send = (statement: Statement) =>
      client.query({
        text: statement.text,
        values: statement.values ? [...statement.values] : [],
        ...(statement.name ? { name: statement.name } : {}),
      })
    let begun: Promise<unknown> | undefined
    const run = async (statement: Statement) => {
      if (begun) return send(statement)
      // A tenant id is a checked slug, so it may stand in the text.
      const haste = options.hasty?.() ? '; set local synchronous_commit = off' : ''
      const opening = `begin${mode}; set local throughline.tenant = '${tenant}'${haste}`
      const [begin, answer] = together(client, () => [client.query(opening), send(statement)] as const)
      begun = begin
      await allOf([begin, answer])
      return answer
    }
    const tx: Tx = {
      tenant,
      query: async <Row>(statement: Statement) => (await run(statement)).rows as Row[],
      run: async (statement) => (await run(statement)).rowCount ?? 0,
      atCommit: (statement) => {
        last.push(statement)
      },
      afterCommit: (hint) => {
        committed.push(hint)
      },
    }
    let ending: Promise<unknown> | undefined
    try {
      const result = await work(tx)
      const [first, ...rest] = last
      if (first && !begun) {
        await run(first)
        last.splice(0, last.length, ...rest)
      }
      if (begun) {
        // The commit of a transaction whose last statement failed is a rollback; the failure is told here.
        const end = allOf(together(client, () => [...last.map(send), client.query('commit')]))
        if (mode === ' read only') ending = end.catch(note)
        else await end
      }
      for (const hint of committed) hint()
      return result
    } catch (error) {
      if (begun) await client.query('rollback').catch(note)
      throw error
    } finally {
      if (ending) void ending.then(release)
      else release()
    }
  }
  const again = async <T>(run: () => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await run()
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : ''
        if (tries >= 4 || !tryAgain.has(code)) throw error
      }
    }
  }

  return {
    transaction: (tenant, work) => again(() => attempt(tenant, work, '')),
    reading: (tenant, work) => again(() => attempt(tenant, work, ' read only')),
    async tenants() {
      const { rows } = await pool.query<{ id: TenantId }>({ text: 'select tenant_ids() as id', name: 'tenants' })
      return rows.map((row) => row.id)
    },
    listen: (channel, hear) => listen(target, channel, hear),
    close: () => pool.end(),
  }
}

/** Holds a connection of its own on `channel` and takes a new one when it breaks. */
async function listen(target: ConnectionTarget, channel: string, hear: (payload: string) => void) {
  let closed = false
  let client: pg.Client | undefined
  let retry: NodeJS.Timeout | undefined
  const connect = async () => {
    const fresh = new pg.Client(clientConfig(target, 'app'))
    const again = () => {
      if (closed || client !== fresh) return
      client = undefined
      retry = setTimeout(() => void connect().catch(() => {}), 500)
    }
    client = fresh
    fresh.on('error', again)
    fresh.on('end', again)
    fresh.on('notification', (message) => hear(message.payload ?? ''))
    try {
      await fresh.connect()
      await fresh.query(`listen ${channel}`)
      // Whatever was said while nobody listened: look once.
      hear('')
    } catch (error) {
      fresh.end().catch(() => {})
      again()
      throw error
    }
  }
  await connect().catch(() => {})
  return async () => {
    closed = true
    clearTimeout(retry)
    await client?.end().catch(() => {})
  }
}
