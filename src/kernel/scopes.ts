/** An interaction as SMART's second version writes it: create, read, update, delete, search. */
export type ScopeAct = 'c' | 'r' | 'u' | 'd' | 's'

/**
 * What a client was granted over resources, of one scope (SMART App Launch 2.2, "Scopes for requesting FHIR resources").
 * `patient`: only within the record of the launch's patient; `user`: what the person may do anyhow; `system`: no person.
 */
export interface SmartScope {
  level: 'patient' | 'user' | 'system'
  /** A FHIR resource type, or `*` for all. */
  type: string
  /** Read covers vread and history of one resource; search covers history of a type or of the whole record. */
  may: Readonly<Record<ScopeAct, boolean>>
  /** FHIR search parameters, as in an address, that a resource must match: `category=http://…|laboratory`. */
  query?: string
}

const acts: readonly ScopeAct[] = ['c', 'r', 'u', 'd', 's']
// The words of SMART's first version, as its second translates them.
const words: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' }
const shape =
  /^(?<level>patient|user|system)\/(?<type>\*|[A-Z][A-Za-z]{1,63})\.(?:(?<word>read|write|\*)|(?<letters>c?r?u?d?s?)(?:\?(?<query>[^\s?#"\\]+))?)$/

/** One scope over resources; undefined for every other word (`openid`, `launch/patient`) and for what is malformed. */
export function parseScope(text: string): SmartScope | undefined {
  const { level, type, word, letters, query } = shape.exec(text)?.groups ?? {}
  const given = word === undefined ? letters : words[word]
  if (level === undefined || type === undefined || given === undefined || given === '') return undefined
  const [c, r, u, d, s] = acts.map((act) => given.includes(act)) as [boolean, boolean, boolean, boolean, boolean]
  return {
    level: level as SmartScope['level'],
    type,
    may: { c, r, u, d, s },
    ...(query === undefined ? {} : { query }),
  }
}

/** The scopes over resources among the words of an OAuth `scope`. Words that are none grant nothing and are left out. */
export const parseScopes = (text: string): SmartScope[] =>
  text.split(' ').flatMap((word) => {
    const scope = parseScope(word)
    return scope ? [scope] : []
  })

/** A scope in the notation of SMART's second version. */
export const scopeText = ({ level, type, may, query }: SmartScope): string =>
  `${level}/${type}.${acts.filter((act) => may[act]).join('')}${query === undefined ? '' : `?${query}`}`

/** Those of the scopes that allow an act on a type; none means: refuse. A resource need match the query of one of them only. */
export const scopesFor = (scopes: readonly SmartScope[], type: string, act: ScopeAct): SmartScope[] =>
  scopes.filter((scope) => scope.may[act] && (scope.type === '*' || scope.type === type))
