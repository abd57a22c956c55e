import { createHash, type KeyObject, sign, verify } from 'node:crypto'
import { z } from 'zod'
import { tenantId } from '../kernel/index.ts'

/** What is signed: so many events of this tenant were linked, with this root and this head, at this time. */
const checkpoint = z.object({
  format: z.literal('throughline-checkpoint/1'),
  tenant: z.string().transform((text) => tenantId(text)),
  /** Links in the chain. */
  size: z.number().int().nonnegative(),
  /** Root of the hash tree over those events (RFC 6962), hex. */
  root: z.string().regex(/^[0-9a-f]{64}$/),
  /** Hash of the last link, hex. */
  head: z.string().regex(/^[0-9a-f]{64}$/),
  time: z.iso.datetime(),
  /** SHA-256 of the checkpoint before, hex; zeros at the first. */
  previous: z.string().regex(/^[0-9a-f]{64}$/),
  /** SHA-256 of the public key (SPKI, DER), hex. */
  key: z.string(),
  /** Why a new series was begun, where one was. */
  reason: z.string().optional(),
})
export type Checkpoint = z.infer<typeof checkpoint>

const line = z.object({ checkpoint: z.string(), signature: z.string() })

export const noCheckpoint = '0'.repeat(64)

export const keyName = (publicKey: KeyObject): string =>
  createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** One line of the file, with its Ed25519 signature over exactly the text that it carries. */
export function signCheckpoint(content: Checkpoint, privateKey: KeyObject): { line: string; hash: string } {
  const text = JSON.stringify(content)
  return {
    line: JSON.stringify({ checkpoint: text, signature: sign(null, Buffer.from(text), privateKey).toString('base64') }),
    hash: hashOf(text),
  }
}

export interface ReadCheckpoints {
  checkpoints: Checkpoint[]
  /** The same as they stand in the file. */
  lines: string[]
  /** Hash of the last one. */
  last: string
  /** Number of the first line that is not what this key signed, or does not follow the one before. */
  firstBad: { line: number; fault: 'unreadable' | 'signature' | 'order' } | undefined
}

/**
 * Reads a file of checkpoints up to the first that does not hold. A last line that was not written to its end is no line.
 * Each carries the hash of the one before, so that the last signature stands for all; every one is looked at only to find
 * which is bad.
 */
export function readCheckpoints(text: string, publicKey: KeyObject): ReadCheckpoints {
  const lines = text.split('\n').slice(0, -1)
  const read = readLines(lines, publicKey, (index) => index === lines.length - 1)
  return read.firstBad === undefined ? read : readLines(lines, publicKey, () => true)
}

function readLines(lines: readonly string[], publicKey: KeyObject, look: (index: number) => boolean): ReadCheckpoints {
  const checkpoints: Checkpoint[] = []
  let last = noCheckpoint
  for (const [index, raw] of lines.entries()) {
    const bad = (fault: 'unreadable' | 'signature' | 'order'): ReadCheckpoints => ({
      checkpoints,
      lines: lines.slice(0, index),
      last,
      firstBad: { line: index + 1, fault },
    })
    const parsed = line.safeParse(parse(raw))
    if (!parsed.success) return bad('unreadable')
    const { checkpoint: signed, signature } = parsed.data
    if (look(index) && !verify(null, Buffer.from(signed), publicKey, Buffer.from(signature, 'base64')))
      return bad('signature')
    const one = checkpoint.safeParse(parse(signed))
    if (!one.success) return bad('unreadable')
    const former = checkpoints.at(-1)
    const follows = former
      ? one.data.previous === last && one.data.size >= former.size && one.data.tenant === former.tenant
      : one.data.previous === noCheckpoint || one.data.reason !== undefined
    if (!follows) return bad('order')
    checkpoints.push(one.data)
    last = hashOf(signed)
  }
  return { checkpoints, lines: [...lines], last, firstBad: undefined }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
