import { expect, test } from 'vitest'
import { createRecent } from './recent.ts'

test('an answer is given again until it is too old', async () => {
  const recent = createRecent<{ n: number }>(1_000)
  let asked = 0
  const ask = async () => ({ n: (asked += 1) })
  expect([
    await recent.get('a', 5_000, ask),
    await recent.get('a', 5_999, ask),
    await recent.get('b', 5_999, ask),
    await recent.get('a', 6_000, ask),
    // A clock that was put back.
    await recent.get('a', 4_000, ask),
  ]).toEqual([{ n: 1 }, { n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }])
})

test('what is not there is asked for again', async () => {
  const recent = createRecent<{ n: number }>(1_000)
  expect(await recent.get('a', 0, async () => undefined)).toBeUndefined()
  expect(await recent.get('a', 0, async () => ({ n: 1 }))).toEqual({ n: 1 })
})

test('an answer from before a change is not kept after it', async () => {
  const recent = createRecent<{ n: number }>(1_000)
  const { promise, resolve } = Promise.withResolvers<{ n: number }>()
  const before = recent.get('a', 0, () => promise)
  recent.forget()
  resolve({ n: 1 })
  expect(await before).toEqual({ n: 1 })
  expect(await recent.get('a', 0, async () => ({ n: 2 }))).toEqual({ n: 2 })
})
