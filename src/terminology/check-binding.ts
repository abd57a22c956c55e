import type { Tx } from '../db/index.ts'
import { compileValueSet, findValueSet, grammars } from './compile-value-set.ts'
import { listedCodes } from './members.ts'
import { validateInParts } from './validate-code.ts'

/**
 * Whether a code is in the value set that an element is bound to; undefined when that cannot be told here, because the
 * value set is not known or a system that could have the code is not loaded. `system` is absent for an element of type code.
 */
export async function checkBinding(
  tx: Tx,
  valueSetUrl: string,
  coding: { system?: string; code: string },
): Promise<boolean | undefined> {
  const valueSet = await findValueSet(tx, valueSetUrl)
  if (!valueSet) return undefined
  const { parts } = await compileValueSet(tx, valueSet)
  if ((await validateInParts(tx, parts, coding, valueSetUrl)).result) return true
  const untold = parts.some(
    ({ url, system, members }) =>
      (coding.system === undefined || coding.system === url) && !system && !grammars[url] && !listedCodes(members),
  )
  return untold ? undefined : false
}
