import type { Bind } from './search-options.ts'
import { searchParameters } from './search-parameters.ts'

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

const paramsOf = (type: string, kind: 'token' | 'date', paths: ReadonlySet<string>): string[] =>
  [...searchParameters(type).values()]
    .filter((parameter) => parameter.kind === kind && parameter.paths.some((path) => paths.has(path.type)))
    .map(({ code }) => code)
const concepts = new Set(['CodeableConcept', 'Coding'])
const times = new Set(['date', 'dateTime', 'instant', 'Period', 'Timing'])

/** What of a resource: its type, and the SQL of its id. */
export interface ContentOf {
  type: string
  id: string
}

/** SQL: is it coded with one of these `system|code`, in any element that can be searched? Undefined when its type has none. */
export function codedSql({ type, id }: ContentOf, codes: readonly string[], bind: Bind): string | undefined {
  const params = paramsOf(type, 'token', concepts)
  if (params.length === 0) return undefined
  const pairs = codes.map((one) => {
    const cut = one.lastIndexOf('|')
    const [system, code] = [one.slice(0, cut), one.slice(cut + 1)]
    return `(con_t.value = ${bind(code, 'text')}${system === '' ? '' : ` and con_t.system = ${bind(system, 'text')}`})`
  })
  return `exists (select from fhir_token con_t where con_t.tenant_id = current_tenant() and con_t.type = ${quoted(type)} and con_t.id = ${id} and con_t.param = any (${bind(params, 'text[]')}) and (${pairs.join(' or ') || 'false'}))`
}

/** SQL: does a date of it overlap [from, to), in milliseconds? `undated` counts for a resource without one. */
export function datedSql(
  { type, id }: ContentOf,
  period: { from: number | null; to: number | null; undated: boolean },
  bind: Bind,
): string | undefined {
  const params = paramsOf(type, 'date', times)
  if (params.length === 0) return undefined
  const rows = `select from fhir_date con_d where con_d.tenant_id = current_tenant() and con_d.type = ${quoted(type)} and con_d.id = ${id} and con_d.param = any (${bind(params, 'text[]')})`
  const inside = [
    ...(period.from === null ? [] : [`con_d.high > ${bind(period.from, 'bigint')}`]),
    ...(period.to === null ? [] : [`con_d.low < ${bind(period.to, 'bigint')}`]),
  ]
  return `(exists (${[rows, ...inside].join(' and ')})${period.undated ? ` or not exists (${rows})` : ''})`
}
