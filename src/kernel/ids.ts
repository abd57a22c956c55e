import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'

/** A tenant's slug: lower-case letters, digits, dashes; safe to stand inside SQL text and cookies. */
export type TenantId = string & { readonly brand: 'TenantId' }

export function tenantId(text: string): TenantId {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(text)) throw new TypeError(`not a tenant id: ${JSON.stringify(text)}`)
  return text as TenantId
}

/** A UUID of version 7 (RFC 9562): ordered by the clock's millisecond, so that new rows land together in an index. */
export function newId(clock: Clock): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(clock.now(), 0, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** A secret of `bytes` random bytes in base64url. */
export const newSecret = (bytes = 32): string => randomBytes(bytes).toString('base64url')
