import type { ConceptContent } from './content.ts'
import { refuse } from './errors.ts'

export interface Closure {
  /** Pairs in all. */
  size: number
  /** Each pair once, by ancestor and then descendant; numbers count from 0. */
  pairs(): Generator<{ ancestor: number; descendant: number; direct: boolean }>
}

/** Every concept with all that are above it. Refuses a concept that stands above itself. */
export function closeHierarchy(concepts: readonly ConceptContent[]): Closure {
  const numbers = new Map(concepts.map(({ code }, index) => [code, index]))
  const parents = concepts.map(({ parents }) => [
    ...new Set((parents ?? []).flatMap((code) => numbers.get(code) ?? [])),
  ])
  const above: (Set<number> | undefined)[] = []
  const open = new Set<number>()
  const ancestorsOf = (index: number): Set<number> => {
    const known = above[index]
    if (known) return known
    if (open.has(index))
      throw refuse('files-unreadable', {
        faults: [{ path: concepts[index]?.code ?? '', message: 'stands above itself in the hierarchy' }],
      })
    open.add(index)
    const found = new Set<number>()
    for (const parent of parents[index] ?? []) {
      found.add(parent)
      for (const further of ancestorsOf(parent)) found.add(further)
    }
    open.delete(index)
    above[index] = found
    return found
  }
  // Counted first, so that the pairs lie in one array by ancestor: an index is quickest filled in its own order.
  const starts = new Uint32Array(concepts.length + 1)
  let size = 0
  for (const index of concepts.keys())
    for (const ancestor of ancestorsOf(index)) {
      starts[ancestor + 1] = (starts[ancestor + 1] ?? 0) + 1
      size += 1
    }
  for (let at = 1; at < starts.length; at += 1) starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0)
  const below = new Uint32Array(size)
  const next = starts.slice()
  for (const index of concepts.keys()) {
    for (const ancestor of ancestorsOf(index)) {
      const at = next[ancestor] ?? 0
      below[at] = index
      next[ancestor] = at + 1
    }
    above[index] = undefined
  }
  return {
    size,
    *pairs() {
      for (const ancestor of concepts.keys())
        for (let at = starts[ancestor] ?? 0; at < (starts[ancestor + 1] ?? 0); at += 1) {
          const descendant = below[at] ?? 0
          yield { ancestor, descendant, direct: parents[descendant]?.includes(ancestor) === true }
        }
    },
  }
}
