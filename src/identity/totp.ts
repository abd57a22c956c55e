import { createHmac, timingSafeEqual } from 'node:crypto'
import { encodeQR } from 'qr'
import { newSecret } from '../kernel/index.ts'

// RFC 6238 with what every authenticator app assumes: SHA-1, six digits, thirty seconds. HMAC-SHA-1 is sound for this.
const step = 30_000
const digits = 6
const secretBytes = 20
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export function toBase32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}

export function fromBase32(text: string): Buffer {
  const bits = Array.from(text, (one) => alphabet.indexOf(one).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

export const newTotpSecret = (): string => toBase32(Buffer.from(newSecret(secretBytes), 'base64url'))

/** The code of a time step (RFC 4226, 5.3). */
export function codeOfStep(secret: string, counter: number): string {
  const message = Buffer.alloc(8)
  message.writeBigUInt64BE(BigInt(counter))
  const mac = createHmac('sha1', fromBase32(secret)).update(message).digest()
  const at = mac.readUInt8(mac.length - 1) & 0x0f
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 10 ** digits).padStart(digits, '0')
}

export const stepAt = (now: number): number => Math.floor(now / step)

/** The time step whose code this is: the present one, or one beside it for clocks that differ. Undefined: a wrong code. */
export function stepOfCode(secret: string, code: string, now: number): number | undefined {
  const present = stepAt(now)
  const given = Buffer.from(code.replace(/\s/g, ''))
  return [present, present - 1, present + 1].find((counter) => {
    const right = Buffer.from(codeOfStep(secret, counter))
    return right.length === given.length && timingSafeEqual(right, given)
  })
}

/** The address that an authenticator app reads (the Key URI Format), and the same as a QR code: SVG text. */
export function totpUri(secret: string, options: { issuer: string; account: string }): { uri: string; qr: string } {
  const label = `${encodeURIComponent(options.issuer)}:${encodeURIComponent(options.account)}`
  const uri = `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(options.issuer)}`
  return { uri, qr: encodeQR(uri, 'svg', { ecc: 'medium', border: 2 }) }
}
