import { parseScope, type SmartScope, scopeText } from '../../kernel/index.ts'

type May = SmartScope['may']

const both = (one: May, other: May): May => ({
  c: one.c && other.c,
  r: one.r && other.r,
  u: one.u && other.u,
  d: one.d && other.d,
  s: one.s && other.s,
})
const some = (may: May): boolean => Object.values(may).some(Boolean)

/** What two scopes allow both: undefined when that is nothing. */
function meet(asked: SmartScope, allowed: SmartScope): SmartScope | undefined {
  if (asked.level !== allowed.level) return undefined
  if (asked.type !== allowed.type && asked.type !== '*' && allowed.type !== '*') return undefined
  const may = both(asked.may, allowed.may)
  if (!some(may)) return undefined
  // Both filters hold: parameters joined by & must all match.
  const query = [...new Set([asked.query, allowed.query])].filter((one) => one !== undefined).join('&')
  return {
    level: asked.level,
    type: asked.type === '*' ? allowed.type : asked.type,
    may,
    ...(query === '' ? {} : { query }),
  }
}

/**
 * What of an asked scope a client may have by its registration, word by word. A word that is allowed whole stays as it was
 * written (clients of SMART's first version look for their own words); one allowed in part becomes the parts of it.
 */
export function narrowScope(asked: string, allowed: string): string[] {
  const permitted = allowed.split(' ')
  const permittedScopes = permitted.flatMap((word) => parseScope(word) ?? [])
  const words = asked.split(' ').flatMap((word) => {
    const scope = parseScope(word)
    if (!scope) return permitted.includes(word) ? [word] : []
    const met = permittedScopes.flatMap((one) => meet(scope, one) ?? [])
    const whole = scopeText(scope)
    return met.some((one) => scopeText(one) === whole) ? [word] : met.map(scopeText)
  })
  return [...new Set(words)]
}
