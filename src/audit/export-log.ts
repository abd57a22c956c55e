import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { Tx } from '../db/index.ts'
import { readLog } from './chain.ts'
import { refuse } from './errors.ts'
import type { LogRow } from './verify-log.ts'

const heading = z.object({ format: z.literal('throughline-audit/1'), tenant: z.string(), exported: z.string() })
const rowLine = z.object({
  link: z.number().int(),
  event: z.string(),
  hash: z.string(),
  /** The AuditEvent as the very text that was hashed; null when it is gone. */
  content: z.string().nullable(),
})

/** The whole log of a tenant as NDJSON: a heading, then one line a link with its event. Pieces of text, line breaks included. */
export async function* exportLog(tx: Tx, now: number): AsyncGenerator<string> {
  yield `${JSON.stringify({ format: 'throughline-audit/1', tenant: tx.tenant, exported: new Date(now).toISOString() })}\n`
  for await (const page of readLog(tx)) yield page.map((row) => `${JSON.stringify(row)}\n`).join('')
}

/** Opens an export: whose it is, and its rows in pages as they are read. */
export async function readExport(file: string): Promise<{ tenant: string; pages: AsyncGenerator<LogRow[]> }> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })[Symbol.asyncIterator]()
  let number = 0
  const next = async (): Promise<string | undefined> => {
    const { value, done } = await lines.next()
    number += 1
    return done ? undefined : value
  }
  const unreadable = (message: string) =>
    refuse('export-unreadable', { faults: [{ path: `${file}:${number}`, message }] })
  const first = heading.safeParse(parse(await next()))
  if (!first.success) throw unreadable('does not begin as an export does')
  async function* pages(): AsyncGenerator<LogRow[]> {
    let page: LogRow[] = []
    for (let text = await next(); text !== undefined; text = await next()) {
      if (text === '') continue
      const row = rowLine.safeParse(parse(text))
      if (!row.success) throw unreadable('is no row of the log')
      page.push(row.data)
      if (page.length < 1_000) continue
      yield page
      page = []
    }
    yield page
  }
  return { tenant: first.data.tenant, pages: pages() }
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
