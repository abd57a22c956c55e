import { refuse } from './errors.ts'
import type { Condition, RowParam, RowTable } from './search-condition.ts'
import type { Bind, Visible } from './search-options.ts'
import { codeOfRow, looksAt } from './search-parameters.ts'
import { lowBounds, narrowness, paramIs, quoted, rowTest, updatedTest } from './search-row-sql.ts'

/** A resource as a condition sees it: SQL of its id and, when its own row is at hand, the alias of that. */
interface Seen {
  id: string
  alias?: string
}

export interface Builder {
  values: unknown[]
  bind: Bind
  /**
   * What `alias`, a row of fhir_resource, must be like to be a resource of the type that exists and may be seen. This is the only place where a resource enters
   * a statement, so that what is hidden is neither found, nor counted, nor chained through, nor included.
   */
  resource(type: string, alias: string): string
  /** `from … where …` for search rows. */
  rows(table: RowTable, alias: string, type: string, params: readonly RowParam[]): string
  /** SQL that is true when the condition holds for a resource of the type. */
  holds(type: string, condition: Condition, seen: Seen): string
  /** A select of the ids (maybe more than once) of resources of the type for which the condition holds; undefined when it cannot begin there. */
  ids(type: string, condition: Condition): string | undefined
}

/** Lower goes first: where a statement had better begin. Undefined: nothing to begin with. */
export function rank(condition: Condition): number | undefined {
  switch (condition.kind) {
    case 'rows':
      return narrowness(condition.test, condition.params)
    case 'referred':
      return rank(condition.of) === undefined ? undefined : 6
    case 'refers': {
      const ranks = condition.targets.map(({ of }) => (of.kind === 'ids' ? 0 : rank(of)))
      return ranks.some((one) => one === undefined) ? undefined : 4
    }
    case 'any': {
      const ranks = condition.of.map(rank)
      return ranks.some((one) => one === undefined) ? undefined : Math.max(...ranks.map(Number))
    }
    default:
      return undefined
  }
}

/** The conditions that a statement could begin with, best first; none when the resources are named. */
export function beginnings(conditions: readonly Condition[]): readonly Condition[] {
  if (conditions.some(({ kind }) => kind === 'ids')) return []
  return conditions
    .filter((condition) => rank(condition) !== undefined)
    .toSorted((a, b) => Number(rank(a)) - Number(rank(b)))
}

/** What a statement begins with when nothing is known of how much there is. */
export const firstOf = ({ conditions }: { conditions: readonly Condition[] }): Condition | undefined =>
  beginnings(conditions)[0]

/** Does a condition look at the resource's own row? */
export function needsRow(condition: Condition): boolean {
  switch (condition.kind) {
    case 'updated':
      return true
    case 'any':
    case 'all':
      return condition.of.some(needsRow)
    case 'not':
      return needsRow(condition.of)
    default:
      return false
  }
}

/** Do the ids of a condition belong to resources that exist? Search rows have no others; what is merely named may be gone. */
const isSure = (condition: Condition): boolean =>
  condition.kind === 'rows' || condition.kind === 'refers' || (condition.kind === 'any' && condition.of.every(isSure))

const unresolved = (condition: { kind: string }): never => {
  throw new TypeError(`a condition of kind ${condition.kind} was not resolved`)
}

/** A row that may hold what the caller is not shown is not looked at: not for a condition, not for the order. */
function refuseHidden(type: string, params: readonly RowParam[], hidden: readonly string[]): void {
  for (const { name } of params)
    if (looksAt(type, name, hidden))
      throw refuse('search-parameter-hidden', {
        faults: [{ path: `${type}.${codeOfRow(name)}`, message: 'goes by what you are not shown' }],
      })
}

/**
 * Builds the parts of one statement; its first value is the tenant. `stepwise`: conditions are looked at one resource after
 * the other, in the order in which those come; `offset 0` keeps PostgreSQL from turning them into a join.
 */
export function createBuilder(tenant: string, now: number, visible?: Visible, stepwise = false): Builder {
  const values: unknown[] = [tenant]
  return builderOf('$1', values, (value, type) => `$${values.push(value)}::${type}`, now, visible, stepwise)
}

/** Builds a part of somebody else's statement, whose values are bound by `bind`. */
export const createPartBuilder = (bind: Bind, now: number): Builder =>
  builderOf('current_tenant()', [], bind, now, undefined)

function builderOf(
  owner: string,
  values: unknown[],
  bind: Bind,
  now: number,
  visible: Visible | undefined,
  stepwise = false,
): Builder {
  const apart = stepwise ? ' offset 0' : ''
  let aliases = 0
  const alias = (letter: string) => {
    aliases += 1
    return `${letter}${aliases}`
  }

  const resource = (type: string, as: string) =>
    `${as}.tenant_id = ${owner} and ${as}.type = ${quoted(type)} and ${as}.content is not null${
      visible ? ` and (${visible(type, as, bind)})` : ''
    }`
  const rows = (table: RowTable, as: string, type: string, params: readonly RowParam[]) => {
    refuseHidden(type, params, visible?.hidden?.(type) ?? [])
    return `from fhir_${table} ${as} where ${as}.tenant_id = ${owner} and ${as}.type = ${quoted(type)} and ${paramIs(as, params, bind)}`
  }

  /** Ids of the resources of another type that may be seen and meet a condition: the end of a link. */
  function seenIds(type: string, condition: Condition): string {
    const begun = ids(type, condition)
    if (begun !== undefined && !visible && isSure(condition)) return begun
    const as = alias('r')
    const from = `select ${as}.id from fhir_resource ${as} where ${resource(type, as)}`
    return begun === undefined
      ? `${from} and ${holds(type, condition, { id: `${as}.id`, alias: as })}`
      : `${from} and ${as}.id in (${begun})`
  }

  /** A resource of the other end of a link, by its id, may be seen and meets a condition. */
  function seenHolds(type: string, condition: Condition, id: string): string {
    // Whatever refers to something exists.
    if (!visible && !needsRow(condition)) return holds(type, condition, { id })
    const as = alias('r')
    return `exists (select from fhir_resource ${as} where ${resource(type, as)} and ${as}.id = ${id} and ${holds(type, condition, { id: `${as}.id`, alias: as })}${apart})`
  }

  function ids(type: string, condition: Condition): string | undefined {
    switch (condition.kind) {
      case 'rows': {
        const as = alias('t')
        const { table, params, test } = condition
        const bounds =
          test.by === 'date' ? lowBounds(as, test.values, () => rows(table, 'l', type, params), bind, now) : []
        return `select ${as}.id ${[rows(table, as, type, params), ...bounds, rowTest(as, test, bind, now)].join(' and ')}`
      }
      case 'refers': {
        return condition.targets
          .map(({ type: target, of }) => {
            const as = alias('f')
            return `select ${as}.id ${rows('reference', as, type, condition.params)} and ${as}.target_type = ${quoted(target)} and ${as}.target_id in (${seenIds(target, of)})`
          })
          .join(' union all ')
      }
      case 'referred': {
        const as = alias('f')
        return `select ${as}.target_id as id ${rows('reference', as, condition.type, condition.params)} and ${as}.target_type = ${quoted(type)} and ${as}.id in (${seenIds(condition.type, condition.of)})`
      }
      case 'ids':
        return `select unnest(${bind(condition.ids, 'text[]')}) as id`
      case 'any': {
        const each = condition.of.map((one) => ids(type, one))
        return each.includes(undefined) ? undefined : each.join(' union all ')
      }
      default:
        return undefined
    }
  }

  function holds(type: string, condition: Condition, seen: Seen): string {
    switch (condition.kind) {
      case 'ids':
        return `${seen.id} = any (${bind(condition.ids, 'text[]')})`
      case 'updated':
        return `(${condition.values.map((value) => updatedTest(`${seen.alias}.updated`, value, bind, now)).join(' or ')})`
      case 'rows': {
        const as = alias('t')
        return `exists (select ${rows(condition.table, as, type, condition.params)} and ${rowTest(as, condition.test, bind, now)} and ${as}.id = ${seen.id}${apart})`
      }
      case 'refers':
        return `${seen.id} in (${ids(type, condition)})`
      case 'referred': {
        const as = alias('f')
        return `exists (select ${rows('reference', as, condition.type, condition.params)} and ${as}.target_id = ${seen.id} and ${as}.target_type = ${quoted(type)} and ${seenHolds(condition.type, condition.of, `${as}.id`)}${apart})`
      }
      case 'any':
        return condition.of.length === 0
          ? 'false'
          : `(${condition.of.map((one) => holds(type, one, seen)).join(' or ')})`
      case 'all':
        return condition.of.length === 0
          ? 'true'
          : `(${condition.of.map((one) => holds(type, one, seen)).join(' and ')})`
      case 'not':
        return `not ${holds(type, condition.of, seen)}`
      default:
        return unresolved(condition)
    }
  }

  return { values, bind, resource, rows, holds, ids }
}
