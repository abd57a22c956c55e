import type { EvaluationContext, JsonValue, Provider, ResolutionDetails } from '@openfeature/server-sdk'
import type { Clock } from '../../kernel/index.ts'
import { type Level, lower } from '../authority.ts'
import type { Case } from '../scope.ts'
import { allowedBy, type Flag } from './flags.ts'

/**
 * The flags as a provider of OpenFeature (https://openfeature.dev/specification/sections/providers): as text the level that a
 * flag allows in the case that the context tells (`site`, `department`, `providerGroup`, `step`, `acuity`), as a boolean
 * whether it lets its automation do more than look on. Numbers and objects they have none.
 */
export function createFlagProvider({ read, clock }: { read: () => Promise<readonly Flag[]>; clock: Clock }): Provider {
  const resolve = async (key: string, context: EvaluationContext): Promise<ResolutionDetails<Level> | undefined> => {
    const flag = (await read()).find((one) => one.key === key)
    if (!flag) return undefined
    const now = clock.now()
    const value = allowedBy([flag], flag.automation, caseOf(context, now), now)
    return { value, reason: flag.expiresAt <= now ? 'STALE' : 'TARGETING_MATCH', variant: value }
  }
  const absent = { reason: 'ERROR', errorCode: 'FLAG_NOT_FOUND' as ResolutionDetails<string>['errorCode'] }
  const mismatch = { reason: 'ERROR', errorCode: 'TYPE_MISMATCH' as ResolutionDetails<string>['errorCode'] }
  return {
    metadata: { name: 'throughline' },
    runsOn: 'server',
    async resolveStringEvaluation(key, value, context) {
      return (await resolve(key, context)) ?? { value, ...absent }
    },
    async resolveBooleanEvaluation(key, value, context) {
      const found = await resolve(key, context)
      return found ? { ...found, value: lower(found.value, 'recommend') === 'recommend' } : { value, ...absent }
    },
    resolveNumberEvaluation: async (_key, value) => ({ value, ...mismatch }),
    resolveObjectEvaluation: async <T extends JsonValue>(_key: string, value: T) => ({ value, ...mismatch }),
  }
}

function caseOf(context: EvaluationContext, at: number): Case {
  const given: Case = { at }
  for (const name of ['site', 'department', 'providerGroup', 'step', 'acuity'] as const) {
    const value = context[name]
    if (typeof value === 'string') given[name] = value
  }
  return given
}
