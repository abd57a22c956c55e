import type { Tx } from '../db/index.ts'

/** A code of a code system; `system` is its canonical URL, without a version. */
export interface SystemCode {
  system: string
  code: string
}

/**
 * What searches by `:in`, `:not-in`, `:below` and `:above` need of a terminology. Each answers undefined when the value
 * set or the code system is not known here: the search is refused then, since guessing would find too much or too little.
 */
export interface CodeExpander {
  /** All codes of a value set, named by its canonical URL (`|version` allowed). */
  expand(tx: Tx, valueSetUrl: string): Promise<readonly SystemCode[] | undefined>
  /** The code itself and all that it subsumes. */
  below(tx: Tx, system: string, code: string): Promise<readonly SystemCode[] | undefined>
  /** The code itself and all that subsume it. */
  above(tx: Tx, system: string, code: string): Promise<readonly SystemCode[] | undefined>
}
