import type { SystemCode } from './code-expander.ts'
import type { DateRange } from './date-range.ts'

export type RowTable = 'token' | 'reference' | 'date' | 'string' | 'quantity'

export type Prefix = 'eq' | 'ne' | 'lt' | 'gt' | 'le' | 'ge' | 'sa' | 'eb' | 'ap'

export type DateTest = DateRange & { prefix: Prefix }

/** A number: itself, and the half-open range that its written precision stands for (`5.40` is 5.395 to 5.405). */
export interface NumberTest {
  prefix: Prefix
  at: number
  low: number
  high: number
}

/** With `base`, `at`, `low` and `high` are in those base units; the empty one stands for rows that are in none. Without, they are as written. */
export type QuantityTest = NumberTest & {
  base: string | undefined
  system: string | undefined
  /** A code. */
  code: string | undefined
  /** A code or a unit's name. */
  unit: string | undefined
}

/** Name of a parameter whose rows are looked at; `open`: all names that begin so (a composite without its token's system). */
export interface RowParam {
  name: string
  open: boolean
}

/** What a row must be like; alternatives are joined by OR. */
export type RowTest =
  | { by: 'presence' }
  | { by: 'token'; values: readonly { value: string | undefined; system: string | undefined }[] }
  | { by: 'codes'; codes: readonly SystemCode[]; bare: boolean }
  | { by: 'beginning'; values: readonly string[] }
  | { by: 'uri-below'; values: readonly string[] }
  | { by: 'reference'; values: readonly { targetId: string; targetType: string | undefined }[] }
  | { by: 'date'; values: readonly DateTest[] }
  | { by: 'string'; how: 'prefix' | 'exact' | 'contains'; values: readonly { folded: string; exact: string }[] }
  | { by: 'quantity'; values: readonly QuantityTest[] }
  | { by: 'two-numbers'; first: NumberTest; second: NumberTest }
  | { by: 'nearness'; latitude: number; longitude: number; kilometres: number }

/** What a resource must meet. Below the top, all of it is about one type, which whoever walks the tree keeps in hand. */
export type Condition =
  | { kind: 'ids'; ids: readonly string[] }
  | { kind: 'updated'; values: readonly DateTest[] }
  | { kind: 'rows'; table: RowTable; params: readonly RowParam[]; test: RowTest }
  /** Points to a resource that meets a condition: chaining. */
  | { kind: 'refers'; params: readonly RowParam[]; targets: readonly { type: string; of: Condition }[] }
  /** Is pointed to by a resource that meets a condition: `_has`. */
  | { kind: 'referred'; type: string; params: readonly RowParam[]; of: Condition }
  | { kind: 'any'; of: readonly Condition[] }
  | { kind: 'all'; of: readonly Condition[] }
  | { kind: 'not'; of: Condition }
  /** Must be looked up before there is SQL for it: see resolve-condition.ts. */
  | { kind: 'listed'; list: string }
  | {
      kind: 'code-set'
      params: readonly RowParam[]
      bare: boolean
      path: string
      of: readonly ({ how: 'in'; valueSet: string } | { how: 'below' | 'above'; system: string; code: string })[]
    }
