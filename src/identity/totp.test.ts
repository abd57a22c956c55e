import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codeOfStep, fromBase32, newTotpSecret, stepOfCode, toBase32, totpUri } from './totp.ts'

// The secret and the times of RFC 6238, appendix B, cut to six digits.
const secret = toBase32(Buffer.from('12345678901234567890'))

test('the codes are those of RFC 6238', () => {
  expect(
    [59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000].map((second) =>
      codeOfStep(secret, Math.floor(second / 30)),
    ),
  ).toEqual(['287082', '081804', '050471', '005924', '279037', '353130'])
})

test('a code is taken one step early or late, and not two', () => {
  const now = 1_111_111_109_000
  expect([-60, -30, 0, 30, 60].map((seconds) => stepOfCode(secret, '081804', now + seconds * 1000))).toEqual([
    undefined,
    37037036,
    37037036,
    37037036,
    undefined,
  ])
  expect(stepOfCode(secret, '081 804', now)).toBe(37037036)
  expect(stepOfCode(secret, '81804', now)).toBeUndefined()
})

test('any bytes survive base32', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
      expect(fromBase32(toBase32(bytes))).toEqual(Buffer.from(bytes))
    }),
  )
})

test('the address for the app names the organisation and the account, and is drawn', () => {
  const made = newTotpSecret()
  const { uri, qr } = totpUri(made, { issuer: 'Alpha: Clinic', account: 'ann@alpha.example' })
  expect(uri).toBe(`otpauth://totp/Alpha%3A%20Clinic:ann%40alpha.example?secret=${made}&issuer=Alpha%3A%20Clinic`)
  expect(made).toMatch(/^[A-Z2-7]{32}$/)
  expect(qr).toMatch(/^<svg [\s\S]*<\/svg>/)
})
