import { fhirPathPlaces, type Place, type Spot } from '../expressions/index.ts'
import { moveDigits } from '../kernel/index.ts'
import { refuse } from './errors.ts'
import { isObject, type Json } from './search-rows.ts'
import { type ElementRule, typeRule } from './structure.ts'

const wrong = (path: string, message: string) => refuse('patch-invalid', { faults: [{ path, message }] })
const failed = (path: string, message: string) => refuse('patch-failed', { faults: [{ path, message }] })
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The `part`s of a Parameters' parameter by their names; the last of one name counts. */
function partsOf(parameter: unknown, at: string): Map<string, Json> {
  const parts = new Map<string, Json>()
  for (const part of list(isObject(parameter) ? parameter['part'] : undefined)) {
    if (!isObject(part) || typeof part['name'] !== 'string') throw wrong(`${at}.part`, 'has no name')
    parts.set(part['name'], part)
  }
  return parts
}

const valueName = (part: Json): string | undefined =>
  Object.keys(part).find((name) => name.startsWith('value') && name.length > 5)

function text(parts: ReadonlyMap<string, Json>, name: string, at: string): string {
  const part = parts.get(name)
  const key = part && valueName(part)
  const value = part && key !== undefined ? part[key] : undefined
  if (typeof value !== 'string' || value === '') throw wrong(`${at}.${name}`, 'is required')
  return value
}

function whole(parts: ReadonlyMap<string, Json>, name: string, at: string): number {
  const value = parts.get(name)?.['valueInteger']
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
    throw wrong(`${at}.${name}`, 'is not a whole number from 0 on')
  return value
}

/** The FHIR type at a path of element names from a resource down: `['contact', 'name']` of Patient is HumanName. */
function typeAt(resource: Json, path: readonly string[]): string {
  let type = String(resource['resourceType'])
  let value: unknown = resource
  for (const name of path) {
    type = typeRule(type)?.elements.get(name)?.type ?? ''
    value = isObject(value) ? value[name] : undefined
    // A contained resource says itself what it is.
    if (type === 'Resource' && isObject(value)) type = String(value['resourceType'])
  }
  return type
}

/** The name that JSON has for an element of a type when given a value of that kind, and its rule. */
function elementFor(
  type: string,
  name: string,
  value: Json,
  at: string,
): { name: string; rule: ElementRule; key: string | undefined } {
  const rule = typeRule(type)
  const key = valueName(value)
  const choices = rule?.choices.get(name)
  const full = choices ? name + (key ?? '').slice('value'.length) : name
  const element = rule?.elements.get(full)
  if (!element || (choices && !choices.includes(full)))
    throw wrong(at, choices ? `may not have a value of this type` : `is not an element of ${type}`)
  return { name: full, rule: element, key }
}

/** The value that a part carries: a `value[x]`, a resource, or, for a part of a resource that no value[x] can hold, nested parts. */
function read(value: Json, type: string, at: string): { value: unknown; from: Json; key: string } {
  const key = valueName(value)
  if (key !== undefined) return { value: value[key], from: value, key }
  if (isObject(value['resource'])) return { value: value['resource'], from: value, key: 'resource' }
  const made: Json = {}
  for (const part of list(value['part'])) {
    if (!isObject(part) || typeof part['name'] !== 'string') throw wrong(`${at}.part`, 'has no name')
    const element = elementFor(type, part['name'], part, `${at}.${part['name']}`)
    const inner = read(part, element.rule.type, `${at}.${part['name']}`)
    if (element.rule.many) made[element.name] = [...list(made[element.name]), inner.value]
    else {
      made[element.name] = inner.value
      moveDigits(inner.from, inner.key, made, element.name)
    }
  }
  if (Object.keys(made).length === 0) throw wrong(at, 'has no value')
  return { value: made, from: {}, key: '' }
}

/** Takes out or puts in at a place of a list, and at the same place of the list of ids and extensions beside it. */
function splice(parent: Json, name: string, index: number, count: number, ...put: unknown[]): void {
  const values = parent[name]
  if (!Array.isArray(values)) return
  values.splice(index, count, ...put)
  const beside = parent[`_${name}`]
  if (Array.isArray(beside)) beside.splice(index, count, ...put.map(() => null))
  if (values.length === 0) {
    delete parent[name]
    delete parent[`_${name}`]
  }
}

function drop({ parent, name, index }: Place & { parent: Json }): void {
  if (index === undefined) {
    delete parent[name]
    delete parent[`_${name}`]
  } else splice(parent, name, index, 1)
}

function places(resource: Json, source: string, at: string): { found: Place[]; spots: Spot[] } {
  const compiled = fhirPathPlaces(source)
  if (!compiled.ok) throw wrong(`${at}.path`, compiled.message)
  try {
    return { found: compiled.find(resource), spots: compiled.spots(resource) }
  } catch (cause) {
    throw refuse('patch-invalid', { cause, faults: [{ path: `${at}.path`, message: 'cannot be evaluated here' }] })
  }
}

/** The one element a path leads to; undefined when it leads nowhere. */
function single(found: readonly Place[], at: string): Place | undefined {
  if (found.length > 1) throw failed(`${at}.path`, `leads to ${found.length} elements`)
  return found[0]
}

const inside = (place: Place, at: string): Place & { parent: Json } => {
  const { parent } = place
  if (!parent) throw failed(`${at}.path`, 'is the whole resource')
  return { ...place, parent }
}

/** The one list a path leads to. */
function listAt(spots: readonly Spot[], at: string): { spot: Spot; values: unknown[] } {
  const [spot] = spots
  if (!spot || spots.length > 1) throw failed(`${at}.path`, 'does not lead to one list')
  const values = spot.parent[spot.name]
  if (values !== undefined && !Array.isArray(values)) throw failed(`${at}.path`, 'is not a list')
  return { spot, values: values ?? [] }
}

function add(resource: Json, parts: ReadonlyMap<string, Json>, found: readonly Place[], at: string): void {
  const place = single(found, at)
  const target = place?.value
  if (!place || !isObject(target)) throw failed(`${at}.path`, 'leads to no element that holds others')
  const value = parts.get('value')
  if (!value) throw wrong(`${at}.value`, 'is required')
  const element = elementFor(typeAt(resource, place.path), text(parts, 'name', at), value, `${at}.name`)
  const given = read(value, element.rule.type, `${at}.value`)
  if (element.rule.many) target[element.name] = [...list(target[element.name]), given.value]
  else if (target[element.name] !== undefined) throw failed(`${at}.name`, 'is there already and may occur once only')
  else {
    target[element.name] = given.value
    moveDigits(given.from, given.key, target, element.name)
  }
}

function replace(resource: Json, parts: ReadonlyMap<string, Json>, found: readonly Place[], at: string): void {
  const one = single(found, at)
  if (!one) throw failed(`${at}.path`, 'leads nowhere')
  const place = inside(one, at)
  const value = parts.get('value')
  if (!value) throw wrong(`${at}.value`, 'is required')
  const type = typeAt(resource, place.path.slice(0, -1))
  const rule = typeRule(type)?.elements.get(place.name)
  const element = elementFor(type, rule?.choice ?? place.name, value, `${at}.value`)
  const given = read(value, element.rule.type, `${at}.value`)
  if (place.index !== undefined) splice(place.parent, place.name, place.index, 1, given.value)
  else {
    drop(place)
    place.parent[element.name] = given.value
    moveDigits(given.from, given.key, place.parent, element.name)
  }
}

function insert(resource: Json, parts: ReadonlyMap<string, Json>, spots: readonly Spot[], at: string): void {
  const { spot, values } = listAt(spots, at)
  const value = parts.get('value')
  if (!value) throw wrong(`${at}.value`, 'is required')
  const rule = typeRule(typeAt(resource, spot.path.slice(0, -1)))?.elements.get(spot.name)
  if (!rule?.many) throw failed(`${at}.path`, 'is not a list')
  const index = whole(parts, 'index', at)
  if (index > values.length) throw failed(`${at}.index`, `is past the end of the list, ${values.length}`)
  spot.parent[spot.name] = values
  splice(spot.parent, spot.name, index, 0, read(value, rule.type, `${at}.value`).value)
}

function move(parts: ReadonlyMap<string, Json>, spots: readonly Spot[], at: string): void {
  const { spot, values } = listAt(spots, at)
  const [from, to] = [whole(parts, 'source', at), whole(parts, 'destination', at)]
  for (const [name, index] of Object.entries({ source: from, destination: to }))
    if (index >= values.length) throw failed(`${at}.${name}`, `is past the end of the list, ${values.length}`)
  values.splice(to, 0, ...values.splice(from, 1))
  const beside = spot.parent[`_${spot.name}`]
  if (Array.isArray(beside)) beside.splice(to, 0, ...(beside.splice(from, 1) as unknown[]))
}

/** Carries out a FHIRPath Patch (FHIR R4 3.1.0.11.4.2) on a resource that the caller gives away. */
export function fhirPathPatch(resource: Json, parameters: Json): void {
  for (const [index, parameter] of list(parameters['parameter']).entries()) {
    const at = `Parameters.parameter[${index}]`
    if (!isObject(parameter) || parameter['name'] !== 'operation') throw wrong(`${at}.name`, 'is not operation')
    const parts = partsOf(parameter, at)
    const type = text(parts, 'type', at)
    const { found, spots } = places(resource, text(parts, 'path', at), at)
    if (type === 'add') add(resource, parts, found, at)
    else if (type === 'replace') replace(resource, parts, found, at)
    else if (type === 'insert') insert(resource, parts, spots, at)
    else if (type === 'move') move(parts, spots, at)
    else if (type === 'delete') {
      // Deleting what is not there is no failure.
      const place = single(found, at)
      if (place) drop(inside(place, at))
    } else throw wrong(`${at}.type`, 'is not add, insert, delete, replace or move')
  }
}
