import type { Given } from '../../expressions/index.ts'
import { primitives } from '../primitives.ts'
import { isObject, type Json } from '../search-rows.ts'
import { type ElementRule, typeRule } from '../structure.ts'

const steps = /^[A-Za-z]\w*(?:\[\d{1,3}\])?(?:\.[A-Za-z]\w*(?:\[\d{1,3}\])?)*$/

/** A value in the type that an element has, where FHIR lets one stand for the other; undefined where it does not. */
function fit({ type, value }: Given, rule: ElementRule): unknown {
  const well = primitives[rule.type]
  if (well) {
    if (well(value)) return value
    const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
    if (well(text)) return text
    // A moment is a day where a day is asked for.
    return typeof value === 'string' && rule.type === 'date' && well(value.slice(0, 10))
      ? value.slice(0, 10)
      : undefined
  }
  if (rule.type === 'CodeableConcept' && type === 'Coding') return { coding: [value] }
  if (rule.type === 'CodeableConcept' && typeof value === 'string') return { text: value }
  if (rule.type === 'Reference' && typeof value === 'string') return { reference: value }
  if (rule.type === 'Reference' && isObject(value) && typeof value['resourceType'] === 'string')
    return { reference: `${value['resourceType']}/${String(value['id'])}` }
  return isObject(value) ? value : undefined
}

/** The name that JSON has for an element: its own, or of a choice the one that these values, or what stands there, have. */
function nameFor(object: Json, type: string, name: string, given: Given | undefined): string | undefined {
  const rule = typeRule(type)
  if (rule?.elements.has(name)) return name
  const choices = rule?.choices.get(name.replace(/\[x\]$/, '')) ?? []
  const ending = given && given.type.charAt(0).toUpperCase() + given.type.slice(1)
  return choices.find((one) => one === `${name}${ending}`) ?? choices.find((one) => object[one] !== undefined)
}

/**
 * Sets an element of a resource, or of a part of one, by a path of names and places (`dosageInstruction[0].text`, `code`,
 * `occurrence`), making what leads there. Gives in words why it could not.
 */
export function setAt(target: Json, type: string, path: string, given: readonly Given[]): string | undefined {
  const plain = path.replace(/^\$this\./, '').replace(/^[A-Z]\w*\./, '')
  if (!steps.test(plain)) return 'is no path of names and places'
  const parts = plain.split('.').map((part) => {
    const [, name = '', place] = /^(\w+)(?:\[(\d+)\])?$/.exec(part) ?? []
    return { name, place: place === undefined ? undefined : Number(place) }
  })
  const [first] = given
  if (!first) return undefined
  let object = target
  let owner = type
  for (const [index, { name, place }] of parts.entries()) {
    const last = index === parts.length - 1
    const key = nameFor(object, owner, name, last ? first : undefined)
    const rule = key === undefined ? undefined : typeRule(owner)?.elements.get(key)
    if (key === undefined || !rule) return `${name} is not an element of ${owner} that can be set so`
    const list = rule.many ? (Array.isArray(object[key]) ? [...(object[key] as unknown[])] : []) : undefined
    const at = place ?? 0
    if ((list ? at > list.length : at > 0) || (!list && place !== undefined && place > 0))
      return `${name} has no place ${at}`
    if (last) {
      const values = given.map((one) => fit(one, rule))
      if (values.includes(undefined)) return `${name} is ${rule.type}, which ${first.type} cannot stand for`
      if (!list) {
        if (values.length > 1) return `${name} takes one value`
        object[key] = values[0]
      } else if (place === undefined) object[key] = values
      else object[key] = list.toSpliced(at, 1, ...values)
      return undefined
    }
    const inner = list ? list[at] : object[key]
    if (rule.type === 'Resource' || primitives[rule.type]) return `${name} has nothing below it`
    const below: Json = isObject(inner) ? { ...inner } : {}
    if (list) {
      list[at] = below
      object[key] = list
    } else object[key] = below
    object = below
    owner = rule.type
  }
  return undefined
}
