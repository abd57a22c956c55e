import type { Tx } from '../db/index.ts'
import type { SystemCode } from './code-expander.ts'
import { unsupported, invalid } from './read-value.ts'
import { createBuilder } from './search-builder.ts'
import type { Condition } from './search-condition.ts'
import type { SearchOptions } from './search-options.ts'
import { isObject } from './search-rows.ts'

const mostCodes = 100_000

async function codesOf(
  tx: Tx,
  condition: Extract<Condition, { kind: 'code-set' }>,
  { expander }: SearchOptions,
): Promise<SystemCode[]> {
  const { path } = condition
  if (!expander) throw unsupported(path, 'needs code systems, and none are loaded here')
  const found: SystemCode[] = []
  for (const one of condition.of) {
    const codes =
      one.how === 'in' ? await expander.expand(tx, one.valueSet) : await expander[one.how](tx, one.system, one.code)
    if (!codes)
      throw invalid(path, one.how === 'in' ? 'names a value set that is not known' : 'names a code that is not known')
    found.push(...codes)
  }
  if (found.length > mostCodes) throw unsupported(path, `more than ${mostCodes} codes are not supported`)
  return found
}

/** The ids of a type that a List holds; none when the List is not there or may not be seen. */
async function listed(tx: Tx, type: string, list: string, now: number, options: SearchOptions): Promise<string[]> {
  const { values, bind, resource } = createBuilder(tx.tenant, now, options.visible)
  const text = `select r.content from fhir_resource r where ${resource('List', 'r')} and r.id = ${bind(list, 'text')}`
  const [row] = await tx.query<{ content: string }>({ text, values })
  const content: unknown = row && JSON.parse(row.content)
  const entries = isObject(content) && Array.isArray(content['entry']) ? content['entry'] : []
  return entries.flatMap((entry: unknown) => {
    const item = isObject(entry) && entry['deleted'] !== true ? entry['item'] : undefined
    const reference = isObject(item) ? item['reference'] : undefined
    const [of, id] = typeof reference === 'string' ? reference.split('/') : []
    return of === type && id !== undefined ? [id] : []
  })
}

/** Looks up what a condition cannot be asked without: the codes of value sets and hierarchies, the entries of lists. */
export async function resolveCondition(
  tx: Tx,
  type: string,
  condition: Condition,
  now: number,
  options: SearchOptions,
): Promise<Condition> {
  const each = async (conditions: readonly Condition[]) => {
    const done: Condition[] = []
    for (const one of conditions) done.push(await resolveCondition(tx, type, one, now, options))
    return done
  }
  switch (condition.kind) {
    case 'code-set': {
      const { params, bare } = condition
      const codes = await codesOf(tx, condition, options)
      return { kind: 'rows', table: 'token', params, test: { by: 'codes', codes, bare } }
    }
    case 'listed':
      return { kind: 'ids', ids: await listed(tx, type, condition.list, now, options) }
    case 'refers': {
      const targets: { type: string; of: Condition }[] = []
      for (const target of condition.targets)
        targets.push({ type: target.type, of: await resolveCondition(tx, target.type, target.of, now, options) })
      return { ...condition, targets }
    }
    case 'referred':
      return { ...condition, of: await resolveCondition(tx, condition.type, condition.of, now, options) }
    case 'any':
    case 'all':
      return { ...condition, of: await each(condition.of) }
    case 'not':
      return { kind: 'not', of: await resolveCondition(tx, type, condition.of, now, options) }
    default:
      return condition
  }
}
