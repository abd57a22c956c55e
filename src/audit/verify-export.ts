import { createPublicKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { readCheckpoints, type ReadCheckpoints } from './checkpoint.ts'
import { refuse } from './errors.ts'
import { readExport } from './export-log.ts'
import { leavesAgree, type LogReport, verifyLog } from './verify-log.ts'

export interface ExportReport extends LogReport {
  tenant: string
  checkpoints: number
  /** The first line of the checkpoints' file that the key did not sign or that is out of order. */
  badCheckpoint: ReadCheckpoints['firstBad']
  /** Whether the hashes of the single events were at hand, so that a bad row is named exactly. */
  leaves: 'used' | 'absent' | 'damaged'
}

/** The public key of a PEM file. */
export async function readPublicKey(file: string): Promise<KeyObject> {
  try {
    return createPublicKey(await readFile(file, 'utf8'))
  } catch (cause) {
    throw refuse('key-missing', { faults: [{ path: file, message: 'is no public key in PEM' }], cause })
  }
}

/**
 * Verifies an export with nothing but files: no database, no network. `leaves` is the file beside the checkpoints; without
 * it a rewritten log is found all the same, and the bad row known to lie between two checkpoints.
 */
export async function verifyExport(files: {
  export: string
  checkpoints: string
  leaves?: string | undefined
  key: string
}): Promise<ExportReport> {
  const key = await readPublicKey(files.key)
  const { tenant, pages } = await readExport(files.export)
  const text = await readFile(files.checkpoints, 'utf8').catch((cause: unknown) => {
    throw refuse('seals-unreadable', { faults: [{ path: files.checkpoints, message: 'cannot be read' }], cause })
  })
  const read = readCheckpoints(text, key)
  if (read.checkpoints.some((one) => one.tenant !== tenant))
    throw refuse('export-unreadable', {
      faults: [{ path: files.checkpoints, message: `holds the checkpoints of another tenant than ${tenant}` }],
    })
  const beside = files.leaves ?? files.checkpoints.replace(/\.checkpoints$/, '.leaves')
  const raw = beside === files.checkpoints ? undefined : await readFile(beside).catch(() => undefined)
  const agree = raw !== undefined && leavesAgree(raw, read.checkpoints)
  const report = await verifyLog(pages, { checkpoints: read.checkpoints, leaves: agree ? raw : undefined })
  return {
    ...report,
    ok: report.ok && read.firstBad === undefined && read.checkpoints.length > 0,
    tenant,
    checkpoints: read.checkpoints.length,
    badCheckpoint: read.firstBad,
    leaves: raw === undefined ? 'absent' : agree ? 'used' : 'damaged',
  }
}
