import { useRef, useState } from 'react'
import type { WorkItem } from '../../../src/contracts/index.ts'

export interface Selection {
  /** Selected tasks that are still in the list, in its order. */
  chosen: readonly WorkItem[]
  has(id: string): boolean
  turn(id: string): void
  /** From the last one turned to this one: what a click with the shift key means. */
  reach(id: string): void
  add(id: string): void
  set(ids: readonly string[]): void
  clear(): void
}

/** Which rows of a list are selected. What leaves the list is selected no more. */
export function useSelection(items: readonly WorkItem[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  const last = useRef<string>(undefined)
  return {
    chosen: items.filter(({ id }) => ids.has(id)),
    has: (id) => ids.has(id),
    turn(id) {
      last.current = id
      setIds((now) => (now.has(id) ? new Set([...now].filter((one) => one !== id)) : new Set([...now, id])))
    },
    reach(id) {
      const from = items.findIndex((one) => one.id === last.current)
      const to = items.findIndex((one) => one.id === id)
      if (from < 0 || to < 0) return this.turn(id)
      const between = items.slice(Math.min(from, to), Math.max(from, to) + 1)
      setIds((now) => new Set([...now, ...between.map((one) => one.id)]))
    },
    add(id) {
      last.current = id
      setIds((now) => new Set([...now, id]))
    },
    set: (wanted) => setIds(new Set(wanted)),
    clear: () => setIds(new Set()),
  }
}
