import type { Database, Tx } from '../db/index.ts'
import type { Clock, Logger, TenantId } from '../kernel/index.ts'
import { extendChain, readLog } from './chain.ts'
import { type Checkpoint, type ReadCheckpoints, signCheckpoint } from './checkpoint.ts'
import { refuse } from './errors.ts'
import { firstHash, linkHash } from './link-hash.ts'
import { type GrowingTree, growingTree, leafHash } from './merkle.ts'
import { openSealFolder, type SealFolder } from './seal-folder.ts'
import { leavesAgree, type LogReport, verifyLog } from './verify-log.ts'

/** Takes checkpoints somewhere else too. Throws when it could not; the line is offered again then. */
export type Sink = (tenant: TenantId, size: number, line: string) => Promise<void>

export interface SealState {
  /** `none`: nothing sealed yet; `holds`: as of the last look; `broken`: the log, the files or the outside disagree. */
  state: 'none' | 'holds' | 'broken'
  last: { size: number; root: string; time: string; key: string } | undefined
  firstBad: LogReport['firstBad']
  /** A fault of the files themselves, with the line. */
  files: { line: number; fault: string } | undefined
  checkpoints: number
  /** Checkpoints that the outside sink has taken; undefined without one. */
  sent: number | undefined
  /** When the whole log was last gone through, and how far. */
  verified: { time: string; rows: number; sealed: number } | undefined
}

export interface Seals {
  /** Links what is new and seals all since the last checkpoint, unless the log no longer agrees with it. Returns whether it did. */
  seal(tenant: TenantId): Promise<boolean>
  /** Goes through the whole log in the database and holds it against the checkpoints. */
  verify(tenant: TenantId): Promise<LogReport>
  state(tenant: TenantId): Promise<SealState>
  /** Begins a new series from the log as it is, after an honest loss (a backup was restored), with the reason signed. */
  begin(tenant: TenantId, reason: string): Promise<void>
  folder(): Promise<SealFolder>
}

export interface SealDependencies {
  database: Database
  clock: Clock
  log: Logger
  folder: string
  sink?: Sink | undefined
}

interface Series {
  /** Length of the file that was read. */
  bytes: number
  read: ReadCheckpoints
  tree: GrowingTree
  lastLeaf: Buffer
}

interface Kept {
  firstBad: LogReport['firstBad']
  verified: SealState['verified']
}

/** Events under one checkpoint, about: what a first seal of a long log holds in memory. */
const most = 100_000

/** Signed checkpoints of each tenant's log in a folder of our own, outside the database. */
export function createSeals({ database, clock, log, folder, sink }: SealDependencies): Seals {
  let opened: Promise<SealFolder> | undefined
  const open = () => {
    opened ??= openSealFolder(folder)
    return opened
  }
  const kept = new Map<TenantId, Kept>()
  const series = new Map<TenantId, Series>()
  const turns = new Map<TenantId, Promise<unknown>>()
  /** One piece of work at a time on a tenant's files. */
  const inTurn = <T>(tenant: TenantId, work: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(tenant) ?? Promise.resolve()).catch(() => {}).then(work)
    turns.set(tenant, turn)
    return turn
  }
  const note = (tenant: TenantId, found: Partial<Kept>) => {
    const former = kept.get(tenant) ?? { firstBad: undefined, verified: undefined }
    kept.set(tenant, { ...former, ...found })
    // The number of a row and the kind of fault: nothing of what the row says.
    if (found.firstBad !== undefined)
      log.error({ tenant, link: found.firstBad.link, fault: found.firstBad.fault }, 'audit-disagrees')
  }

  /** A tenant's series as its files tell it, read anew when the file is not as we left it. */
  async function seriesOf(tenant: TenantId): Promise<Series> {
    const files = await open()
    const bytes = await files.bytes(tenant)
    const standing = series.get(tenant)
    if (standing?.bytes === bytes) return standing
    const read = await files.read(tenant)
    if (read.firstBad) log.error({ tenant, ...read.firstBad }, 'audit-checkpoints-damaged')
    const last = read.checkpoints.at(-1)
    const leaves = await files.leaves(tenant)
    const tree = growingTree()
    const size = last?.size ?? 0
    for (let at = 0; at < size; at += 1) tree.add(leaves.subarray(at * 32, at * 32 + 32))
    if (last && tree.root().toString('hex') !== last.root) {
      log.error({ tenant }, 'audit-leaves-damaged')
      throw refuse('seals-unreadable', { faults: [{ path: `${tenant}.leaves`, message: 'is not what was sealed' }] })
    }
    await files.cutLeaves(tenant, size)
    const fresh = { bytes, read, tree, lastLeaf: leaves.subarray((size - 1) * 32, size * 32) }
    series.set(tenant, fresh)
    return fresh
  }

  async function write(tenant: TenantId, { read, tree, lastLeaf }: Series, reason?: string): Promise<number> {
    const files = await open()
    const last = read.checkpoints.at(-1)
    const size = last?.size ?? 0
    // Until the checkpoint is on the disk, what memory holds of the series may be ahead of it.
    series.delete(tenant)
    const found = await database.transaction(tenant, async (tx): Promise<Added | LogReport['firstBad']> => {
      const bad = last && (await lastHolds(tx, last, lastLeaf))
      return bad ?? (await addedSince(tx, size, last?.head ?? firstHash))
    })
    if (found && 'fault' in found) {
      note(tenant, { firstBad: found })
      return 0
    }
    const { leaves, head } = found ?? { leaves: [], head: '' }
    if (leaves.length === 0 && reason === undefined) return 0
    for (const leaf of leaves) tree.add(leaf)
    const content: Checkpoint = {
      format: 'throughline-checkpoint/1',
      tenant,
      size: tree.size,
      root: tree.root().toString('hex'),
      head,
      time: new Date(clock.now()).toISOString(),
      previous: read.last,
      key: files.key,
      ...(reason === undefined ? {} : { reason }),
    }
    const { line, hash } = signCheckpoint(content, files.privateKey)
    await files.append(tenant, Buffer.concat(leaves), line)
    series.set(tenant, {
      bytes: await files.bytes(tenant),
      read: {
        checkpoints: [...read.checkpoints, content],
        lines: [...read.lines, line],
        last: hash,
        firstBad: undefined,
      },
      tree,
      lastLeaf: leaves.at(-1) ?? lastLeaf,
    })
    return leaves.length
  }

  /** What is not yet there goes to the outside, in order. A sink that is away is tried again at the next checkpoint. */
  async function send(tenant: TenantId): Promise<void> {
    if (!sink) return
    const files = await open()
    const { checkpoints, lines } = (await seriesOf(tenant)).read
    for (let at = await files.sent(tenant); at < checkpoints.length; at += 1) {
      try {
        await sink(tenant, checkpoints[at]?.size ?? 0, lines[at] ?? '')
      } catch (error) {
        log.warn({ tenant, err: error }, 'audit-sink-failed')
        return
      }
      await files.noteSent(tenant, at + 1)
    }
  }

  return {
    folder: open,
    seal: (tenant) =>
      inTurn(tenant, async () => {
        await extendChain(database, tenant)
        let done = 0
        for (;;) {
          const standing = await seriesOf(tenant)
          if (standing.read.firstBad || kept.get(tenant)?.firstBad) return done > 0
          const added = await write(tenant, standing)
          done += added
          if (added < most) break
        }
        await send(tenant)
        return done > 0
      }),
    verify: (tenant) =>
      inTurn(tenant, async () => {
        const files = await open()
        const { checkpoints } = await files.read(tenant)
        const leaves = await files.leaves(tenant)
        const report = await database.transaction(tenant, (tx) =>
          verifyLog(readLog(tx), { checkpoints, leaves: leavesAgree(leaves, checkpoints) ? leaves : undefined }),
        )
        note(tenant, {
          firstBad: report.firstBad,
          verified: { time: new Date(clock.now()).toISOString(), rows: report.rows, sealed: report.sealed },
        })
        return report
      }),
    async state(tenant) {
      const files = await open()
      const { checkpoints, firstBad: damaged } = (await inTurn(tenant, () => seriesOf(tenant))).read
      const { firstBad, verified } = kept.get(tenant) ?? { firstBad: undefined, verified: undefined }
      const last = checkpoints.at(-1)
      return {
        state: firstBad || damaged ? 'broken' : last ? 'holds' : 'none',
        last: last && { size: last.size, root: last.root, time: last.time, key: last.key },
        firstBad,
        files: damaged,
        checkpoints: checkpoints.length,
        sent: sink ? await files.sent(tenant) : undefined,
        verified,
      }
    },
    begin: (tenant, reason) =>
      inTurn(tenant, async () => {
        const files = await open()
        const { last } = await files.read(tenant)
        await files.putAside(tenant)
        kept.delete(tenant)
        const read = { checkpoints: [], lines: [], last, firstBad: undefined }
        await write(tenant, { bytes: 0, read, tree: growingTree(), lastLeaf: Buffer.alloc(0) }, reason)
        await send(tenant)
      }),
  }
}

interface Added {
  leaves: Buffer[]
  head: string
}

/** The hashes of what has been linked since, or the first row of it that the chain itself does not bear. */
async function addedSince(tx: Tx, size: number, from: string): Promise<Added | LogReport['firstBad']> {
  const leaves: Buffer[] = []
  let head = from
  for await (const page of readLog(tx, size)) {
    for (const row of page) {
      const link = size + leaves.length + 1
      if (row.link !== link) return { link, event: undefined, fault: 'gap' }
      if (row.content === null) return { link, event: row.event, fault: 'missing' }
      head = linkHash(head, row.event, row.content)
      if (head !== row.hash) return { link, event: row.event, fault: 'changed' }
      leaves.push(leafHash(row.event, row.content))
    }
    if (leaves.length >= most) break
  }
  return { leaves, head }
}

/** Whether the last sealed link still stands as it was sealed: one row, looked at before each new checkpoint. */
async function lastHolds(tx: Tx, last: Checkpoint, lastLeaf: Buffer): Promise<LogReport['firstBad']> {
  if (last.size === 0) return undefined
  for await (const page of readLog(tx, last.size - 1)) {
    const [row] = page
    if (row?.link !== last.size) break
    if (row.content === null) return { link: last.size, event: row.event, fault: 'missing' }
    if (!leafHash(row.event, row.content).equals(lastLeaf))
      return { link: last.size, event: row.event, fault: 'changed' }
    return row.hash === last.head ? undefined : { link: last.size, event: row.event, fault: 'rewritten' }
  }
  return { link: last.size, event: undefined, fault: 'cut' }
}

/** Puts each checkpoint under `<url>/<tenant>/<size>.json`: an S3-like store with object lock, or any HTTPS server. */
export const httpSink =
  (url: string, token: string | undefined): Sink =>
  async (tenant, size, line) => {
    const answer = await fetch(`${url.replace(/\/$/, '')}/${tenant}/${String(size).padStart(12, '0')}.json`, {
      method: 'PUT',
      body: line,
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      signal: AbortSignal.timeout(10_000),
    })
    await answer.body?.cancel()
    if (!answer.ok) throw new Error(`the sink answered ${answer.status}`)
  }
