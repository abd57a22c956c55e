import { createHash } from 'node:crypto'

/** What the first link follows. */
export const firstHash = '0'.repeat(64)

/** The hash of a link: over the one before, the event's id and its bytes. Hex. */
export const linkHash = (previous: string, id: string, content: string): string =>
  createHash('sha256').update(`${previous}\n${id}\n${content}`).digest('hex')
