import type { CodeExpander } from './code-expander.ts'

/** Adds a value to a statement and gives its place in the text, cast to the named PostgreSQL type. */
export type Bind = (value: unknown, type: string) => string

/**
 * SQL that is true for the resources of `type` that the caller may see, over `alias`, a row of fhir_resource. It is asked
 * for every alias that a search brings in: what is found, counted, chained through or included.
 */
export interface Visible {
  (type: string, alias: string, bind: Bind): string
  /** Elements of a type that the caller is not shown (`name.family`); searching or sorting by them is refused, since the order would tell. */
  hidden?(type: string): readonly string[]
  /** A short condition that implies the whole one, for statements about few resources; undefined where there is none. */
  surely?(type: string, alias: string, bind: Bind): string | undefined
}

export interface SearchOptions {
  /** Everything is visible when it is not given. */
  visible?: Visible | undefined
  /** Searches over code systems are refused when it is not given. */
  expander?: CodeExpander | undefined
  /** How many rows are joined and sorted without a thought, and how far a walk along an order goes: less in tests. */
  bounds?: { few: number; walk: number } | undefined
}
