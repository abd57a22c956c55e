import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'

/** A tenant's slug: lower-case letters, digits, dashes; safe to stand inside SQL text and cookies. */
export type TenantId = string & { readonly brand: 'TenantId' }

export function tenantId(text: string): TenantId {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(text)) throw new TypeError(`not a tenant id: ${JSON.stringify(text)}`)
  return text as TenantId
}

let latest = { at: 0, count: 0 }

/**
 * A UUID of version 7 (RFC 9562): ordered by the clock's millisecond, so that new rows land together in an index. Within a
 * millisecond this process counts up (method 1 of its section 6.2), so that what it makes later also sorts later.
 */
export function newId(clock: Clock): string {
  const bytes = randomBytes(16)
  const at = clock.now()
  // The upper bit is left free, so that there is room to count.
  const count = at === latest.at ? latest.count + 1 : bytes.readUInt16BE(6) & 0x7ff
  latest = { at, count }
  bytes.writeUIntBE(at, 0, 6)
  // After 4,096 of one millisecond it begins anew; nothing relies on more.
  bytes.writeUInt16BE(0x7000 | (count & 0xfff), 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** A secret of `bytes` random bytes in base64url. */
export const newSecret = (bytes = 32): string => randomBytes(bytes).toString('base64url')
