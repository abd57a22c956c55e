import { momentOf } from '../../../pathways/index.ts'

/** A day of the calendar that there is: 2026-02-31 is none. */
export const isDate = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) &&
  !Number.isNaN(momentOf(text, 'UTC')) &&
  new Date(momentOf(text, 'UTC')).toISOString().startsWith(text)

/** What stands in a field with spaces between, in one order and none twice. */
export const wordsIn = (text: string): string[] =>
  [...new Set(text.split(/\s+/).filter((word) => word !== ''))].toSorted()

export const isId = (text: string): boolean => /^[A-Za-z0-9.-]{1,64}$/.test(text)
