import type { Checkpoint } from './checkpoint.ts'
import { firstHash, linkHash } from './link-hash.ts'
import { growingTree, leafHash } from './merkle.ts'

/** One row of the log: a link and the event it is over; `content` is null when the event is gone. */
export interface LogRow {
  link: number
  event: string
  hash: string
  content: string | null
}

/**
 * What is wrong with a row: `changed`: its bytes are not those that were linked or sealed; `missing`: the event is gone;
 * `gap`: a link is gone; `cut`: rows that a checkpoint covers are gone from the end; `rewritten`: the chain holds in itself
 * and is not the one that was sealed.
 */
export type RowFault = 'changed' | 'missing' | 'gap' | 'cut' | 'rewritten'

export interface LogReport {
  ok: boolean
  /** Rows that hold. */
  rows: number
  /** Of those, rows under a checkpoint. The rest is only as good as the chain itself. */
  sealed: number
  head: string
  /** The first bad row. Without the file of leaves, a rewritten one is only known to lie `after` a number, up to `link`. */
  firstBad: { link: number; event: string | undefined; fault: RowFault; after?: number } | undefined
}

export interface Seals {
  checkpoints: readonly Checkpoint[]
  /** The hash of every sealed event, 32 bytes each, when the file is at hand and agrees with the checkpoints. */
  leaves: Buffer | undefined
}

/** Whether the leaves are those that the checkpoints were made of. */
export function leavesAgree(leaves: Buffer, checkpoints: readonly Checkpoint[]): boolean {
  const tree = growingTree()
  return checkpoints.every(({ size, root }) => {
    if (leaves.length < size * 32) return false
    while (tree.size < size) tree.add(leaves.subarray(tree.size * 32, tree.size * 32 + 32))
    return tree.root().toString('hex') === root
  })
}

/** Goes through a log once, from its first row, and holds it against its own chain and against what was sealed outside. */
export async function verifyLog(pages: AsyncIterable<readonly LogRow[]>, seals: Seals): Promise<LogReport> {
  const tree = growingTree()
  const { leaves } = seals
  const ends = new Map<number, Checkpoint>()
  for (const one of seals.checkpoints) ends.set(one.size, one)
  let hash = firstHash
  let sealed = 0
  const bad = (firstBad: LogReport['firstBad']): LogReport => ({
    ok: false,
    rows: tree.size,
    sealed,
    head: hash,
    firstBad,
  })
  for await (const page of pages) {
    for (const row of page) {
      const link = tree.size + 1
      if (row.link !== link) return bad({ link, event: undefined, fault: 'gap' })
      if (row.content === null) return bad({ link, event: row.event, fault: 'missing' })
      const leaf = leafHash(row.event, row.content)
      const next = linkHash(hash, row.event, row.content)
      const under = leaves?.subarray((link - 1) * 32, link * 32)
      if (under?.length === 32 && !under.equals(leaf))
        return bad({ link, event: row.event, fault: next === row.hash ? 'rewritten' : 'changed' })
      if (next !== row.hash) return bad({ link, event: row.event, fault: 'changed' })
      tree.add(leaf)
      hash = next
      const end = ends.get(link)
      if (end === undefined) continue
      if (tree.root().toString('hex') !== end.root || end.head !== hash)
        return bad({ link, event: row.event, fault: 'rewritten', after: sealed })
      sealed = link
    }
  }
  const size = seals.checkpoints.at(-1)?.size ?? 0
  if (tree.size < size) return bad({ link: tree.size + 1, event: undefined, fault: 'cut' })
  return { ok: true, rows: tree.size, sealed, head: hash, firstBad: undefined }
}
