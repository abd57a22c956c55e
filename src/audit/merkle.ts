import { createHash } from 'node:crypto'

// The hash tree of RFC 6962, section 2.1: a leaf's hash begins with 0x00, an inner node's with 0x01, so that neither can be
// taken for the other. All hashes are SHA-256, 32 bytes.
const leafMark = Buffer.from([0])
const nodeMark = Buffer.from([1])

/** The hash of one audit event: its id, a line break, and its bytes as they were written. */
export const leafHash = (id: string, content: string): Buffer =>
  createHash('sha256').update(leafMark).update(`${id}\n${content}`).digest()

const nodeHash = (left: Buffer, right: Buffer): Buffer =>
  createHash('sha256').update(nodeMark).update(left).update(right).digest()

/** A tree that grows on its right: holds the roots of its complete parts only, as many as the size has binary ones. */
export interface GrowingTree {
  readonly size: number
  add(leaf: Buffer): void
  /** Root of all leaves so far; of none, the hash of nothing. */
  root(): Buffer
}

export function growingTree(): GrowingTree {
  const parts: Buffer[] = []
  let size = 0
  return {
    get size() {
      return size
    },
    add(leaf) {
      let part = leaf
      for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
        const left = parts.pop()
        if (left) part = nodeHash(left, part)
      }
      parts.push(part)
      size += 1
    },
    root() {
      const last = parts.at(-1)
      if (!last) return createHash('sha256').digest()
      return parts.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last)
    },
  }
}

/** Leaves `from` up to but not including `to` of a file of hashes, 32 bytes each. */
function rootOf(leaves: Buffer, from: number, to: number): Buffer {
  const tree = growingTree()
  for (let at = from; at < to; at += 1) tree.add(leaves.subarray(at * 32, at * 32 + 32))
  return tree.root()
}

/** Hashes that lead from leaf `index` (counted from 0) to the root of the first `size` leaves: RFC 6962, 2.1.1. */
export function inclusionPath(leaves: Buffer, index: number, size: number): Buffer[] {
  const path: Buffer[] = []
  let [from, to] = [0, size]
  while (to - from > 1) {
    // The largest power of two below the count.
    const middle = from + 2 ** Math.floor(Math.log2(to - from - 1))
    if (index < middle) {
      path.unshift(rootOf(leaves, middle, to))
      to = middle
    } else {
      path.unshift(rootOf(leaves, from, middle))
      from = middle
    }
  }
  return path
}

/** The root that a leaf and its path give: RFC 9162, 2.1.3.2; undefined when the path does not fit the size. */
export function rootByPath(leaf: Buffer, index: number, size: number, path: readonly Buffer[]): Buffer | undefined {
  if (index >= size) return undefined
  let node = index
  let last = size - 1
  let hash = leaf
  for (const other of path) {
    if (last === 0) return undefined
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(other, hash)
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2)
        last = Math.floor(last / 2)
      }
    } else hash = nodeHash(hash, other)
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 ? hash : undefined
}
