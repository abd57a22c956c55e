/** Lists longer than this are compared place by place: to align them would take too long in a browser. */
const longest = 300

/** A place in one list and the place in the other that stands for it; undefined: nothing does. */
export interface Pair {
  from: number | undefined
  to: number | undefined
}

/** Which element of one list stands for which of the other: equal ones for each other, those between in their order. */
export function alignment(before: readonly unknown[], after: readonly unknown[]): Pair[] {
  const a = before.map((one) => JSON.stringify(one))
  const b = after.map((one) => JSON.stringify(one))
  const pairs: Pair[] = []
  let from = 0
  let to = 0
  const upTo = (end: { from: number; to: number }) => {
    while (from < end.from || to < end.to)
      pairs.push({ from: from < end.from ? from++ : undefined, to: to < end.to ? to++ : undefined })
  }
  for (const same of a.length > longest || b.length > longest ? [] : longestCommon(a, b)) {
    upTo(same)
    pairs.push(same)
    from = same.from + 1
    to = same.to + 1
  }
  upTo({ from: a.length, to: b.length })
  return pairs
}

/** The longest common subsequence, as the places of its members in both lists. */
function longestCommon(a: readonly string[], b: readonly string[]): { from: number; to: number }[] {
  const width = b.length + 1
  const length = new Uint16Array((a.length + 1) * width)
  const at = (i: number, j: number) => length[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      length[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const found: { from: number; to: number }[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) found.push({ from: i++, to: j++ })
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1
    else j += 1
  }
  return found
}
