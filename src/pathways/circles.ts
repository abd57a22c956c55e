import { type Definition, predecessorsOf, stepsOf } from './model.ts'

/** A circle: the steps that go round, and those of them whose edges to its first step close it. */
export interface Circle {
  steps: ReadonlySet<string>
  from: ReadonlySet<string>
}

/** Steps that follow each step. */
export function followersOf(definition: Definition): Map<string, string[]> {
  const next = new Map<string, string[]>()
  for (const { id, step } of stepsOf(definition))
    for (const { step: from } of predecessorsOf(step).from) next.set(from, [...(next.get(from) ?? []), id])
  return next
}

/** Steps that can be reached from each step, by its edges. */
export function reachable(definition: Definition): Map<string, Set<string>> {
  const next = followersOf(definition)
  return new Map(
    stepsOf(definition).map(({ id }) => {
      const seen = new Set<string>()
      const todo = [...(next.get(id) ?? [])]
      for (let one = todo.pop(); one !== undefined; one = todo.pop())
        if (!seen.has(one)) {
          seen.add(one)
          todo.push(...(next.get(one) ?? []))
        }
      return [id, seen]
    }),
  )
}

/**
 * The circles of a pathway by their first step: where a walk from the steps without predecessors, in the order they are
 * written, comes back to a step it is still on. A circle is the natural loop of the edges that close it: all steps from
 * which such an edge is reached without passing the first step (Aho, Sethi, Ullman: Compilers, 10.4).
 */
export function circlesOf(definition: Definition): Map<string, Circle> {
  const next = followersOf(definition)
  const closing = new Map<string, Set<string>>()
  const state = new Map<string, 'on the way' | 'done'>()
  const visit = (id: string) => {
    state.set(id, 'on the way')
    for (const follower of next.get(id) ?? []) {
      const met = state.get(follower)
      if (met === 'on the way') closing.set(follower, (closing.get(follower) ?? new Set()).add(id))
      else if (met === undefined) visit(follower)
    }
    state.set(id, 'done')
  }
  const all = stepsOf(definition)
  for (const { id, step } of all) if (predecessorsOf(step).from.length === 0 && !state.has(id)) visit(id)
  // What nothing leads to is walked too, so that the checker can speak of its circles.
  for (const { id } of all) if (!state.has(id)) visit(id)

  if (closing.size === 0) return new Map()
  const before = new Map(all.map(({ id, step }) => [id, predecessorsOf(step).from.map((edge) => edge.step)]))
  const reach = reachable(definition)
  return new Map(
    [...closing].map(([first, from]) => {
      const steps = new Set([first])
      const todo = [...from]
      for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
        if (steps.has(one) || !reach.get(first)?.has(one)) continue
        steps.add(one)
        todo.push(...(before.get(one) ?? []))
      }
      return [first, { steps, from }]
    }),
  )
}
