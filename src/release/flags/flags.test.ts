import { OpenFeature } from '@openfeature/server-sdk'
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { movedClock, systemClock } from '../../kernel/index.ts'
import { createFlagProvider, readFlags, retiredInCode } from '../index.ts'
import { allowedBy, type Flag } from './flags.ts'

const day = 86_400_000
const flag: Flag = {
  key: 'urgency-live',
  automation: 'urgency',
  allows: 'bounded',
  scope: { site: 'Location/a' },
  expiresAt: 10 * day,
}

test('a flag holds down where its scope is, and an expired one lets its automation look on only', () => {
  const at = (site: string, now: number) => allowedBy([flag], 'urgency', { site, at: now }, now)
  expect(at('Location/a', 0)).toBe('bounded')
  expect(at('Location/b', 0)).toBe('autonomous')
  expect(at('Location/a', 10 * day)).toBe('shadow')
  expect(allowedBy([flag], 'other', { site: 'Location/a', at: 0 }, 0)).toBe('autonomous')
  expect(allowedBy([flag, { ...flag, allows: 'recommend' }], 'urgency', { site: 'Location/a', at: 0 }, 0)).toBe(
    'recommend',
  )
  expect(allowedBy([{ ...flag, allows: 'off' }], 'urgency', { site: 'Location/a', at: 0 }, 11 * day)).toBe('off')
})

afterAll(() => OpenFeature.close())
test('through OpenFeature’s own client a flag is its level, and what is not there is the default with the reason', async () => {
  const clock = movedClock(0)
  await OpenFeature.setProviderAndWait(createFlagProvider({ read: async () => [flag], clock }))
  const client = OpenFeature.getClient()
  expect(await client.getStringDetails('urgency-live', 'off', { site: 'Location/a' })).toMatchObject({
    value: 'bounded',
    reason: 'TARGETING_MATCH',
  })
  expect(await client.getBooleanValue('urgency-live', false, { site: 'Location/a' })).toBe(true)
  clock.advance(11 * day)
  expect(await client.getStringDetails('urgency-live', 'off', { site: 'Location/a' })).toMatchObject({
    value: 'shadow',
    reason: 'STALE',
  })
  expect(await client.getBooleanValue('urgency-live', true, { site: 'Location/a' })).toBe(false)
  expect(await client.getStringDetails('no-such', 'off')).toMatchObject({ value: 'off', errorCode: 'FLAG_NOT_FOUND' })
  expect(await client.getNumberDetails('urgency-live', 3)).toMatchObject({ value: 3, errorCode: 'TYPE_MISMATCH' })
})

const declared = `
- flag: urgency-live
  automation: urgency
  owner: operations-lead
  clinical-owner: clinical-director
  allows: bounded
  scope: {}
  expires: 2026-06-30
  retires: 2026-09-30
  retirement-test: src/main/automations.db.test.ts without the flag
`
test('nothing of a flag may be left out', () => {
  expect(readFlags(declared)).toHaveLength(1)
  for (const name of [
    'automation',
    'owner',
    'clinical-owner',
    'allows',
    'scope',
    'expires',
    'retires',
    'retirement-test',
  ])
    expect(() => readFlags(declared.replace(new RegExp(`^  ${name}:.*$`, 'm'), ''))).toThrow(name)
  expect(() => readFlags(declared.replace('2026-09-30', '2026-05-30'))).toThrow('not before it expires')
})

test('a key that stands in the code after its retirement fails the build, and not before', () => {
  const flags = readFlags(declared)
  const files = { 'a.ts': `flag('urgency-live')`, 'b.ts': `flag('urgency-lively'); flag('not-urgency-live')` }
  expect(retiredInCode(flags, files, '2026-09-30')).toEqual([])
  expect(retiredInCode(flags, files, '2026-10-01')).toEqual([
    { flag: 'urgency-live', file: 'a.ts', retired: '2026-09-30', proveBy: expect.any(String) },
  ])
  expect(retiredInCode(flags, { 'b.ts': files['b.ts'] }, '2026-10-01')).toEqual([])
})

test('no retired key stands in this house’s code today', () => {
  const root = new URL('../../../', import.meta.url).pathname
  const texts = Object.fromEntries(
    ['src', 'console', 'library'].flatMap((folder) =>
      readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.(?:tsx?|yaml)$/.test(path) && !path.endsWith('.test.ts') && path !== 'flags.yaml')
        .map((path) => [`${folder}/${path}`, readFileSync(`${root}${folder}/${path}`, 'utf8')] as const),
    ),
  )
  expect(Object.keys(texts).length).toBeGreaterThan(400)
  const today = new Date(systemClock.now()).toISOString().slice(0, 10)
  expect(retiredInCode(readFlags(readFileSync(`${root}library/flags.yaml`, 'utf8')), texts, today)).toEqual([])
})
