import type { Shown } from './parse-search.ts'
import { isObject, type Json } from './search-rows.ts'
import { typeRule } from './structure.ts'

const always = new Set(['resourceType', 'id', 'meta'])

/** A copy with the elements for which `keep` is true; `_birthDate` goes with `birthDate`. */
const filtered = (from: Json, keep: (name: string) => boolean): Json =>
  Object.fromEntries(Object.entries(from).filter(([name]) => keep(name.replace(/^_/, ''))))

function summarised(type: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => summarised(type, one))
  const rule = typeRule(type)
  if (!rule || !isObject(value)) return value
  const kept = filtered(value, (name) => {
    const element = rule.elements.get(name)
    return always.has(name) || (element !== undefined && (element.summary || element.min > 0))
  })
  for (const [name, inner] of Object.entries(kept)) {
    const element = rule.elements.get(name)
    // Parts of the resource have summaries of their own; a data type is shown whole.
    if (element?.type.includes('.')) kept[name] = summarised(element.type, inner)
  }
  return kept
}

function shownOf(type: string, resource: Json, { summary, elements }: Shown): Json {
  const rule = typeRule(type)
  const required = (name: string) => always.has(name) || (rule?.elements.get(name)?.min ?? 0) > 0
  const own = elements.flatMap((element) => {
    const [owner = '', name] = element.split('.')
    return name === undefined ? [owner] : owner === type ? [name] : []
  })
  if (own.length > 0)
    return filtered(
      resource,
      (name) => required(name) || own.includes(name) || own.includes(rule?.elements.get(name)?.choice ?? name),
    )
  switch (summary) {
    case 'true': {
      const kept = summarised(type, resource)
      return isObject(kept) ? kept : resource
    }
    case 'text':
      return filtered(resource, (name) => name === 'text' || required(name))
    case 'data':
      return filtered(resource, (name) => name !== 'text')
    case 'false':
      return resource
  }
}

const subsetted = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }

/** A resource as `_summary` and `_elements` want it (FHIR R4 3.1.1.5.8), marked as incomplete so that nobody writes it back. */
export function showOf(type: string, content: string, shown: Shown): string {
  if (shown.summary === 'false' && shown.elements.length === 0) return content
  const resource: unknown = JSON.parse(content)
  if (!isObject(resource)) return content
  const kept = shownOf(type, resource, shown)
  if (kept === resource) return content
  const meta = isObject(kept['meta']) ? kept['meta'] : {}
  const tags: unknown[] = Array.isArray(meta['tag']) ? meta['tag'] : []
  return JSON.stringify({ ...kept, meta: { ...meta, tag: [...tags, subsetted] } })
}
