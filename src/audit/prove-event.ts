import type { Tx } from '../db/index.ts'
import { refuse } from './errors.ts'
import { inclusionPath, leafHash, rootByPath } from './merkle.ts'
import type { SealFolder } from './seal-folder.ts'

/** That one event is under a signed checkpoint, for somebody who shall not see the others. Hashes are hex. */
export interface EventProof {
  event: string
  content: string
  /** Counted from 0. */
  index: number
  path: string[]
  /** The line as it was signed. */
  checkpoint: string
}

/** The proof for one event, under the first checkpoint that covers it. */
export async function proveEvent(tx: Tx, files: SealFolder, event: string): Promise<EventProof> {
  const [row] = await tx.query<{ link: string | null; content: string }>({
    text: `select l.link, e.content from audit_event e left join audit_link l on l.tenant_id = e.tenant_id and l.event = e.id
           where e.tenant_id = $1 and e.id = $2`,
    values: [tx.tenant, event],
  })
  if (!row) throw refuse('event-not-found')
  const { checkpoints, lines } = await files.read(tx.tenant)
  const at = checkpoints.findIndex(({ size }) => row.link !== null && size >= Number(row.link))
  const one = checkpoints[at]
  if (!one) throw refuse('event-not-sealed')
  const leaves = await files.leaves(tx.tenant)
  const index = Number(row.link) - 1
  const path = inclusionPath(leaves, index, one.size)
  if (rootByPath(leafHash(event, row.content), index, one.size, path)?.toString('hex') !== one.root)
    throw refuse('seals-unreadable', {
      faults: [{ path: `${tx.tenant}.leaves`, message: 'does not lead to the root' }],
    })
  return {
    event,
    content: row.content,
    index,
    path: path.map((hash) => hash.toString('hex')),
    checkpoint: lines[at] ?? '',
  }
}
