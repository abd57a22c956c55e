import fc from 'fast-check'
import { expect, test } from 'vitest'
import { begun, done, redone, undone } from './history.ts'

test('as many undos as changes give back the very first text, and as many redos the last', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string(), fc.constantFrom(undefined, 'title', 'due')), { maxLength: 40 }),
      (changes) => {
        let history = begun('first')
        for (const [text, about] of changes) history = done(history, text, about)
        const last = history.now
        const steps = history.past.length
        for (let n = 0; n < steps; n += 1) history = undone(history)
        expect(history.now).toBe('first')
        for (let n = 0; n < steps; n += 1) history = redone(history)
        expect(history.now).toBe(last)
      },
    ),
  )
})

test('a word that is typed is undone as a whole; what was undone is gone once something else is done', () => {
  let history = begun('')
  for (const text of ['n', 'nu', 'nurse']) history = done(history, text, 'title')
  history = done(history, 'nurse!', 'due')
  history = undone(history)
  expect(history.now).toBe('nurse')
  expect(undone(history).now).toBe('')
  const other = done(undone(history), 'clerk', 'title')
  expect(redone(other)).toBe(other)
})
