import type { CodeSystem, CodeSystemConcept, ConceptMap } from '@medplum/fhirtypes'
import type { ConceptContent, Designation, MapContent, PropertyValue, SystemContent } from './content.ts'

/** A CodeSystem of the record as content; undefined for one that holds no concepts of its own (a supplement, or not present). */
export function contentOfCodeSystem(resource: CodeSystem): SystemContent | undefined {
  const { url, content } = resource
  if (url === undefined || (content !== 'complete' && content !== 'fragment' && content !== 'example')) return undefined
  const concepts: ConceptContent[] = []
  // What a part of something is, is not a kind of it.
  const isKind = resource.hierarchyMeaning !== 'part-of'
  const add = (own: readonly CodeSystemConcept[], parent: string | undefined) => {
    for (const concept of own) {
      const { code, display } = concept
      if (code === undefined) continue
      concepts.push(conceptOf(concept, code, display ?? code, isKind ? parent : undefined))
      add(concept.concept ?? [], code)
    }
  }
  add(resource.concept ?? [], undefined)
  return {
    url,
    version: resource.version ?? '',
    title: resource.title ?? resource.name ?? url,
    content,
    order: 'as-defined',
    concepts,
  }
}

function conceptOf(
  concept: CodeSystemConcept,
  code: string,
  display: string,
  parent: string | undefined,
): ConceptContent {
  const properties = (concept.property ?? []).flatMap((one): PropertyValue[] => {
    const name = one.code ?? ''
    if (one.valueCode !== undefined) return [{ code: name, value: one.valueCode }]
    if (one.valueString !== undefined) return [{ code: name, value: one.valueString, type: 'string' }]
    if (one.valueBoolean !== undefined) return [{ code: name, value: String(one.valueBoolean), type: 'boolean' }]
    if (one.valueInteger !== undefined) return [{ code: name, value: String(one.valueInteger), type: 'integer' }]
    if (one.valueDecimal !== undefined) return [{ code: name, value: String(one.valueDecimal), type: 'decimal' }]
    if (one.valueDateTime !== undefined) return [{ code: name, value: one.valueDateTime, type: 'dateTime' }]
    return one.valueCoding?.code === undefined ? [] : [{ code: name, value: one.valueCoding.code }]
  })
  const says = (name: string, value: string) => properties.some((one) => one.code === name && one.value === value)
  const parents = [
    ...(parent === undefined ? [] : [parent]),
    ...properties.filter((one) => one.code === 'parent' || one.code === 'subsumedBy').map(({ value }) => value),
  ]
  const designations = (concept.designation ?? []).map(
    (one): Designation => ({
      value: one.value ?? '',
      ...(one.language === undefined ? {} : { language: one.language }),
      ...(one.use?.code === undefined ? {} : { use: one.use.code }),
    }),
  )
  return {
    code,
    display,
    active: !says('inactive', 'true') && !says('status', 'retired') && !says('status', 'deprecated'),
    abstract: says('notSelectable', 'true') || says('abstract', 'true'),
    ...(concept.definition === undefined ? {} : { definition: concept.definition }),
    ...(designations.length === 0 ? {} : { designations }),
    ...(properties.length === 0 ? {} : { properties }),
    ...(parents.length === 0 ? {} : { parents }),
  }
}

/** A ConceptMap of the record as content; undefined without a url. */
export function contentOfConceptMap(resource: ConceptMap): MapContent | undefined {
  if (resource.url === undefined) return undefined
  const source = resource.sourceCanonical ?? resource.sourceUri
  const target = resource.targetCanonical ?? resource.targetUri
  return {
    url: resource.url,
    version: resource.version ?? '',
    title: resource.title ?? resource.name ?? resource.url,
    ...(source === undefined ? {} : { source }),
    ...(target === undefined ? {} : { target }),
    entries: (resource.group ?? []).flatMap((group) =>
      group.element.flatMap((element) =>
        (element.target ?? []).map((one) => ({
          sourceSystem: group.source ?? '',
          sourceCode: element.code ?? '',
          targetSystem: group.target ?? '',
          targetCode: one.code ?? '',
          equivalence: one.equivalence ?? 'relatedto',
          ...(one.display === undefined ? {} : { display: one.display }),
          ...(one.comment === undefined ? {} : { comment: one.comment }),
        })),
      ),
    ),
  }
}
