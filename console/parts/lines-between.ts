import { alignment } from './align.ts'

/** A line of two texts side by side; null: the text has none here. */
export interface TwoLines {
  before: { n: number; text: string } | null
  after: { n: number; text: string } | null
}

/** Two texts line by line: equal lines beside each other, what was taken away or added alone. */
export function linesBetween(before: string, after: string): TwoLines[] {
  const a = before.replace(/\n$/, '').split('\n')
  const b = after.replace(/\n$/, '').split('\n')
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1
  const at = (lines: readonly string[], index: number) => ({ n: index + 1, text: lines[index] ?? '' })
  const same = (from: number, to: number): TwoLines => ({ before: at(a, from), after: at(b, to) })
  const middle = alignment(a.slice(head, a.length - tail), b.slice(head, b.length - tail)).flatMap(
    ({ from, to }): TwoLines[] => {
      const one = from === undefined ? null : at(a, head + from)
      const other = to === undefined ? null : at(b, head + to)
      return one && other && one.text !== other.text
        ? [
            { before: one, after: null },
            { before: null, after: other },
          ]
        : [{ before: one, after: other }]
    },
  )
  return [
    ...Array.from({ length: head }, (_none, index) => same(index, index)),
    ...middle,
    ...Array.from({ length: tail }, (_none, index) => same(a.length - tail + index, b.length - tail + index)),
  ]
}
