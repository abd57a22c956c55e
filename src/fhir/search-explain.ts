import type { Parameters } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import type { Answer } from './answer.ts'
import { type RecordDeps, knownType } from './interact.ts'
import { parseSearch } from './parse-search.ts'
import { sightOf } from './guard.ts'
import { optionsOf } from './search-bundle.ts'
import { searchPlans } from './search.ts'

/** How PostgreSQL would carry out a search, as Parameters: each statement with its plan. Nothing is carried out but look-ups of codes. */
export async function explainSearch(
  deps: RecordDeps,
  tx: Tx,
  context: CallContext,
  type: string,
  query: URLSearchParams,
): Promise<Answer> {
  knownType(type)
  const plans = await searchPlans(
    tx,
    parseSearch(type, query),
    context.clock.now(),
    optionsOf(deps, await sightOf(deps, tx, context)),
  )
  const answer: Parameters = {
    resourceType: 'Parameters',
    parameter: plans.map(({ statement, plan }) => ({
      name: 'statement',
      part: [
        { name: 'sql', valueString: statement },
        { name: 'plan', valueString: plan },
      ],
    })),
  }
  return { status: 200, content: JSON.stringify(answer) }
}
