import { expect, test } from 'vitest'
import { createBell, keepLooking, waitFor } from './lookout.ts'
import type { Database } from './tx.ts'

/** A database of which only the bell is asked. */
const belling = () => {
  const heard: { hear: (payload: string) => void; deaf: boolean } = { hear: () => {}, deaf: false }
  const database = {
    async listen(_channel: string, hear: (payload: string) => void) {
      heard.hear = hear
      return async () => {
        heard.deaf = true
      }
    },
  } as unknown as Database
  return { database, heard }
}

test('a ring while somebody looks is not lost', async () => {
  const bell = createBell()
  const rung = bell.next()
  bell.ring()
  await waitFor(60_000, [rung])
})

test('each hint is followed by a look that began after it, also when a look fails', async () => {
  const { database, heard } = belling()
  const failures: unknown[] = []
  let looks = 0
  let seen = Promise.withResolvers<void>()
  const stop = await keepLooking(database, {
    channel: 'work',
    every: 60_000,
    async look() {
      looks += 1
      seen.resolve()
      if (looks === 2) throw new Error('away')
    },
    failed: (error) => failures.push(error),
  })
  for (let hint = 0; hint < 3; hint += 1) {
    await seen.promise
    seen = Promise.withResolvers()
    heard.hear('')
  }
  await seen.promise
  await stop()
  expect([looks, failures, heard.deaf]).toEqual([4, [new Error('away')], true])
})

test('work is looked for without a hint too, and not after the end', async () => {
  const { database } = belling()
  let looks = 0
  const third = Promise.withResolvers<void>()
  const stop = await keepLooking(database, {
    channel: 'work',
    every: 1,
    async look() {
      looks += 1
      if (looks === 3) third.resolve()
    },
    failed: () => {},
  })
  await third.promise
  await stop()
  const after = looks
  await waitFor(20, [])
  expect(looks).toBe(after)
})
