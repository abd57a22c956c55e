import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changesBetween } from './diff.ts'

test('a changed, an added and a removed element are each told at their place', () => {
  const before = {
    meta: { versionId: '1' },
    status: 'requested',
    name: [{ family: 'Roy', given: ['A', 'B'] }],
    note: [{ text: 'one' }],
  }
  const after = {
    meta: { versionId: '2' },
    status: 'accepted',
    name: [{ family: 'Roy', given: ['A', 'C'] }],
    owner: { reference: 'Practitioner/x' },
  }
  expect(changesBetween(before, after)).toEqual([
    { path: 'status', before: 'requested', after: 'accepted' },
    { path: 'name[0].given[1]', before: 'B', after: 'C' },
    { path: 'note', before: [{ text: 'one' }], after: undefined },
    { path: 'owner', before: undefined, after: { reference: 'Practitioner/x' } },
  ])
})

test('an element put in front of a list does not make the rest of the list look changed', () => {
  expect(changesBetween({ a: ['x', 'y'] }, { a: ['new', 'x', 'y'] })).toEqual([
    { path: 'a[0]', before: undefined, after: 'new' },
  ])
  expect(changesBetween({ a: ['x', 'y', 'z'] }, { a: ['x', 'z'] })).toEqual([
    { path: 'a[1]', before: 'y', after: undefined },
  ])
})

test('two versions differ when and only when a difference is told, and every new value told stands at its path', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('a', 'b', 1, true),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('p', 'q', 'r'), tie('any'), { maxKeys: 3 }),
    ),
  })).any
  const at = (root: unknown, path: string): unknown =>
    (path.match(/[^.[\]]+/g) ?? []).reduce<unknown>(
      (found, name) =>
        found === null || typeof found !== 'object' ? undefined : (found as Record<string, unknown>)[name],
      root,
    )
  fc.assert(
    fc.property(value, value, (x, y) => {
      const before = { x }
      const after = { x: y }
      const changes = changesBetween(before, after)
      const same = changes.length === 0
      for (const change of changes) {
        if (change.after !== undefined) expect(at(after, change.path)).toEqual(change.after)
        else expect(at(before, change.path)).toEqual(change.before)
      }
      // The order of an object's elements is no difference.
      const ordered = (one: unknown): unknown =>
        Array.isArray(one)
          ? one.map(ordered)
          : typeof one === 'object' && one !== null
            ? Object.fromEntries(
                Object.entries(one)
                  .toSorted(([a], [b]) => (a < b ? -1 : 1))
                  .map(([name, part]) => [name, ordered(part)]),
              )
            : one
      expect(same).toBe(JSON.stringify(ordered(before)) === JSON.stringify(ordered(after)))
    }),
  )
})
