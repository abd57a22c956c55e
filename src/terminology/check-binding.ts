import type { Tx } from '../db/index.ts'
import { findValueSet } from './compile-value-set.ts'
import { findSystem } from './systems.ts'
import { validateInValueSet } from './validate-code.ts'

/** Whether a code is in the value set that an element is bound to; undefined when that cannot be told here. For validation. */
export async function checkBinding(
  tx: Tx,
  valueSetUrl: string,
  coding: { system?: string; code: string },
): Promise<boolean | undefined> {
  const valueSet = await findValueSet(tx, valueSetUrl)
  if (!valueSet) return undefined
  if ((await validateInValueSet(tx, valueSet, coding)).result) return true
  return coding.system !== undefined && (await findSystem(tx, coding.system)) === undefined ? undefined : false
}
