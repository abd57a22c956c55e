import type { Bounded } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'

/** A count that ends somewhere: "500+". */
export function useBounded(): (of: Bounded) => string {
  const { number } = useWords()
  return ({ count, more }) => `${number(count)}${more ? '+' : ''}`
}
