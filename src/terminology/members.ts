import { refuse } from './errors.ts'

/** Which concepts of one system are meant. */
export type Members =
  | { kind: 'all' }
  | { kind: 'codes'; codes: readonly string[] }
  /** Below (`down`) or above a code, with it or without, all the way or one step. */
  | { kind: 'reach'; code: string; down: boolean; self: boolean; direct?: boolean }
  | { kind: 'property'; property: string; values: readonly string[] }
  | { kind: 'exists'; property: string }
  | { kind: 'regex'; property: string; pattern: string }
  | { kind: 'active' }
  | { kind: 'and' | 'or'; parts: readonly Members[] }
  | { kind: 'not'; part: Members }

/** Adds a value to a statement and returns its place: `$4`. */
export type Bind = (value: unknown) => string

/** What the statement is about besides: `probe`: few concepts are looked at one by one; `scan`: these members alone are to be found. */
export type Mode = 'probe' | 'scan'

/** A condition on the alias `c` of term_concept. `$1` is the tenant; `system` the place of the system's number. */
export function membersSql(members: Members, system: string, bind: Bind, mode: Mode): string {
  const one = (part: Members) => membersSql(part, system, bind, mode)
  switch (members.kind) {
    case 'all':
      return 'true'
    case 'active':
      return 'c.active'
    case 'codes':
      return `c.code = any(${bind(members.codes)}::text[])`
    case 'reach':
      return reachSql(members, system, bind, mode)
    case 'property':
      if (members.property === 'code') return `c.code = any(${bind(members.values)}::text[])`
      if (members.property === 'inactive') return `c.active <> ${bind(members.values[0] === 'true')}::boolean`
      return isIn(
        `select p.ord from term_property p where p.tenant_id = $1 and p.system = ${system} and p.property = ${bind(members.property)} and p.value = any(${bind(members.values)}::text[])`,
        'p.ord',
        mode,
      )
    case 'exists':
      return isIn(
        `select p.ord from term_property p where p.tenant_id = $1 and p.system = ${system} and p.property = ${bind(members.property)}`,
        'p.ord',
        mode,
      )
    case 'regex': {
      // FHIR means the whole value.
      const pattern = bind(`^(?:${members.pattern})$`)
      if (members.property === 'code' || members.property === 'concept') return `c.code ~ ${pattern}`
      if (members.property === 'display') return `c.display ~ ${pattern}`
      return isIn(
        `select p.ord from term_property p where p.tenant_id = $1 and p.system = ${system} and p.property = ${bind(members.property)} and p.value ~ ${pattern}`,
        'p.ord',
        mode,
      )
    }
    case 'and':
      return members.parts.length === 0 ? 'true' : `(${members.parts.map(one).join(' and ')})`
    case 'or':
      return members.parts.length === 0 ? 'false' : `(${members.parts.map(one).join(' or ')})`
    case 'not':
      return `not ${one(members.part)}`
  }
}

/** A set of numbers, asked in the way that suits: of one concept whether it is in, or for all that are. */
function isIn(select: string, column: string, mode: Mode): string {
  return mode === 'probe' ? probe(`${select} and ${column} = c.ord`) : `c.ord in (${select})`
}

/** Not `exists`: PostgreSQL may gather the whole set first, for the sake of the few rows that are asked about. */
const probe = (select: string): string => `((${select} limit 1) is not null)`

function reachSql(
  { code, down, self, direct }: Extract<Members, { kind: 'reach' }>,
  system: string,
  bind: Bind,
  mode: Mode,
): string {
  const [from, to] = down ? ['ancestor', 'descendant'] : ['descendant', 'ancestor']
  const place = bind(code)
  const start = `(select s.ord from term_concept s where s.tenant_id = $1 and s.system = ${system} and s.code = ${place})`
  const reached = `select a.${to} from term_ancestor a where a.tenant_id = $1 and a.system = ${system} and a.${from} = ${start}${direct ? ' and a.direct' : ''}`
  if (mode === 'probe') return `(${self ? `c.code = ${place} or ` : ''}${probe(`${reached} and a.${to} = c.ord`)})`
  return `c.ord in (${reached}${self ? ` union all select ${start}` : ''})`
}

/** Whether a code is meant, of a system that is not loaded: only where the members are listed. */
export function listedMember(members: Members, code: string, url: string, grammar: RegExp | undefined): boolean {
  const one = (part: Members) => listedMember(part, code, url, grammar)
  switch (members.kind) {
    case 'codes':
      return members.codes.includes(code)
    case 'and':
      return members.parts.every(one)
    case 'or':
      return members.parts.some(one)
    case 'not':
      return !one(members.part)
    case 'active':
      return true
    default:
      if (members.kind === 'all' && grammar) return grammar.test(code)
      throw refuse('code-system-unknown', { faults: [{ path: 'system', message: `${url} is not loaded` }] })
  }
}

/** The codes that are listed, in their order; undefined when something else than a list has a say. */
export function listedCodes(members: Members): readonly string[] | undefined {
  if (members.kind === 'codes') return members.codes
  if (members.kind === 'or') {
    const parts = members.parts.map(listedCodes)
    return parts.every((part) => part !== undefined) ? [...new Set(parts.flat())] : undefined
  }
  if (members.kind === 'and') {
    const lists = members.parts.flatMap((part) => {
      const codes = listedCodes(part)
      return codes ? [codes] : []
    })
    return lists[0]
  }
  return undefined
}
