import type { EvaluationContext, Provider, ResolutionDetails } from '@openfeature/server-sdk'
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
  const resolve = async (key: string, context: EvaluationContext): Promise<ResolutionDetails<Level>> => {
    const flag = (await read()).find((one) => one.key === key)
    if (!flag) throw told('FLAG_NOT_FOUND', `there is no flag ${key}`)
    const now = clock.now()
    const value = allowedBy([flag], flag.automation, caseOf(context, now), now)
    return { value, reason: flag.expiresAt <= now ? 'STALE' : 'TARGETING_MATCH', variant: value }
  }
  const mismatch = () =>
    Promise.reject(told('TYPE_MISMATCH', 'a flag is a level, or whether it lets do more than look on'))
  return {
    metadata: { name: 'throughline' },
    runsOn: 'server',
    resolveStringEvaluation: (key, _value, context) => resolve(key, context),
    async resolveBooleanEvaluation(key, _value, context) {
      const found = await resolve(key, context)
      return { ...found, value: lower(found.value, 'recommend') === 'recommend' }
    },
    resolveNumberEvaluation: mismatch,
    resolveObjectEvaluation: mismatch,
  }
}

/** A failure as OpenFeature's clients tell it: they answer with the default and this code. */
const told = (code: 'FLAG_NOT_FOUND' | 'TYPE_MISMATCH', message: string): Error =>
  Object.assign(new Error(message), { code })

function caseOf(context: EvaluationContext, at: number): Case {
  const given: Case = { at }
  for (const name of ['site', 'department', 'providerGroup', 'step', 'acuity'] as const) {
    const value = context[name]
    if (typeof value === 'string') given[name] = value
  }
  return given
}
