/** A queue that gives the least first; of equals the one put in first. */
export class Heap<T> {
  readonly #items: { key: number; order: number; value: T }[] = []
  #order = 0

  get size(): number {
    return this.#items.length
  }

  peek(): { key: number; value: T } | undefined {
    return this.#items[0]
  }

  push(key: number, value: T): void {
    const items = this.#items
    this.#order += 1
    const item = { key, order: this.#order, value }
    let at = items.length
    items.push(item)
    while (at > 0) {
      const up = (at - 1) >> 1
      const parent = items[up]
      if (!parent || !before(item, parent)) break
      items[at] = parent
      at = up
    }
    items[at] = item
  }

  pop(): { key: number; value: T } | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (!top || !last || items.length === 0) return top
    let at = 0
    for (;;) {
      let down = 2 * at + 1
      const left = items[down]
      if (!left) break
      const right = items[down + 1]
      const child = right && before(right, left) ? right : left
      if (child === right) down += 1
      if (!before(child, last)) break
      items[at] = child
      at = down
    }
    items[at] = last
    return top
  }
}

const before = (a: { key: number; order: number }, b: { key: number; order: number }): boolean =>
  a.key < b.key || (a.key === b.key && a.order < b.order)
