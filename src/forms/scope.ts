import type { FormItem } from './form.ts'
import { keyOf, type Sheet } from './sheet.ts'
import type { Answer } from './values.ts'

/** One row of siblings, and the rows around it: where a condition looks for its question, the nearest first. */
export class Scope {
  readonly outer: Scope | undefined
  readonly items: readonly FormItem[]
  readonly sheet: Sheet
  readonly above: string
  readonly row: number

  constructor(outer: Scope | undefined, items: readonly FormItem[], sheet: Sheet, above: string, row: number) {
    this.outer = outer
    this.items = items
    this.sheet = sheet
    this.above = above
    this.row = row
  }

  /** Answers to a question, of all its occurrences in the nearest row that has it. */
  find(
    linkId: string,
    off: (key: string) => boolean,
    computed: (key: string) => readonly Answer[] | undefined,
  ): readonly Answer[] {
    const found = answersIn(linkId, this.items, this.sheet, this.above, this.row, off, computed)
    return found ?? this.outer?.find(linkId, off, computed) ?? []
  }
}

function answersIn(
  linkId: string,
  items: readonly FormItem[],
  sheet: Sheet,
  above: string,
  row: number,
  off: (key: string) => boolean,
  computed: (key: string) => readonly Answer[] | undefined,
): readonly Answer[] | undefined {
  let found: Answer[] | undefined
  for (const [place, item] of items.entries()) {
    const key = keyOf(above, row, place)
    const node = sheet[place]
    if (!node) continue
    if (item.linkId === linkId) found = [...(found ?? []), ...(off(key) ? [] : (computed(key) ?? node.answers))]
    for (const [index, below] of node.rows.entries()) {
      const inner = answersIn(linkId, item.items, below, key, index, off, computed)
      if (inner) found = [...(found ?? []), ...(off(key) ? [] : inner)]
    }
  }
  return found
}
