import { refuse } from './errors.ts'
import type { SortKey } from './parse-search.ts'

const isNumeric = ({ by }: SortKey) => by === 'date' || by === '_lastUpdated'

/** The sort keys of a page's last resource; it grants nothing that the search itself does not, so it is not signed. */
export const writeCursor = (keys: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(keys)).toString('base64url')

/** Reads a cursor against the sort it must belong to. */
export function readCursor(text: string, sort: readonly SortKey[]): (string | number)[] {
  const wrong = (cause?: unknown) =>
    refuse('search-cursor-invalid', { cause, faults: [{ path: '_cursor', message: 'does not belong to this search' }] })
  let keys: unknown
  try {
    keys = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch (cause) {
    throw wrong(cause)
  }
  if (!Array.isArray(keys) || keys.length !== sort.length) throw wrong()
  return sort.map((key, index) => {
    const value: unknown = keys[index]
    if (isNumeric(key) ? !Number.isSafeInteger(value) : typeof value !== 'string' || value.includes('\u0000'))
      throw wrong()
    return value as string | number
  })
}
