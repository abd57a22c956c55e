import { end } from './date-range.ts'
import { refuse } from './errors.ts'
import type { SortKey } from './parse-search.ts'

const isNumeric = ({ by }: SortKey) => by === 'date' || by === 'quantity' || by === '_lastUpdated'

/** The sort keys of a page's last resource; it grants nothing that the search itself does not, so it is not signed. */
export const writeCursor = (keys: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(keys)).toString('base64url')

const wrongCursor = (cause?: unknown) =>
  refuse('search-cursor-invalid', { cause, faults: [{ path: '_cursor', message: 'does not belong to this search' }] })

function decode(text: string): unknown[] {
  let keys: unknown
  try {
    keys = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch (cause) {
    throw wrongCursor(cause)
  }
  if (!Array.isArray(keys)) throw wrongCursor()
  return keys
}

/** Reads a cursor against the sort it must belong to. Of a search over several types it ends with the type. */
export function readCursor(text: string, sort: readonly SortKey[]): (string | number)[] {
  const keys = decode(text)
  if (keys.length !== sort.length && keys.length !== sort.length + 1) throw wrongCursor()
  return keys.map((value, index) => {
    const key = sort[index]
    const fits =
      key && isNumeric(key)
        ? typeof value === 'number' &&
          (key.by === 'quantity' ||
            (Number.isSafeInteger(value) && Math.abs(value) <= (key.by === 'date' ? end + 1 : end)))
        : typeof value === 'string' && !value.includes('\u0000')
    if (!fits) throw wrongCursor()
    return value as string | number
  })
}
