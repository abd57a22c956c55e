import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import type { CompiledAutomation } from '../automation/compile.ts'

const chunk = 500

/** What came of cases, by what began them; without those of which it is not known yet, or no more. */
export async function outcomesOf(
  tx: Tx,
  record: FhirRecord,
  { outcome }: Pick<CompiledAutomation, 'outcome'>,
  triggers: readonly string[],
): Promise<Map<string, boolean>> {
  const known = new Map<string, boolean>()
  for (let at = 0; at < triggers.length; at += chunk)
    for (const [reference, resource] of await record.readMany(tx, triggers.slice(at, at + chunk))) {
      const happened = outcome?.(resource)
      if (happened !== undefined) known.set(reference, happened)
    }
  return known
}
