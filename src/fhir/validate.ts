import type { Resource } from '@medplum/fhirtypes'
import type { Fault } from '../kernel/index.ts'
import { refuse } from './errors.ts'
import { type Invariant, invariantsOf } from './invariants.ts'
import { primitives } from './primitives.ts'
import { isObject, type Json } from './search-rows.ts'
import { type ElementRule, isResourceType, typeRule } from './structure.ts'

const mostFaults = 50
const deepest = 60

type Code = 'structure' | 'required' | 'value' | 'code-invalid' | 'invariant'

/** Gathers faults down a resource; stops gathering at fifty, so that hostile input does not grow the answer. */
class Findings {
  readonly faults: Fault[] = []
  readonly warnings: Fault[] = []
  /** The resource that is checked, and the contained or bundled one that is being looked at. */
  root: Json = {}
  resource: Json = {}
  add(path: string, code: Code, message: string): void {
    if (this.faults.length < mostFaults) this.faults.push({ path, code, message })
  }
}

const article = (type: string) => (/^[aeiou]/i.test(type) ? `an ${type}` : `a ${type}`)

/** What an element breaks; told only of elements that are well formed, since the expressions rely on it. */
function checkInvariants(
  list: readonly Invariant[],
  value: unknown,
  type: string,
  path: string,
  found: Findings,
): void {
  for (const { key, severity, met } of list) {
    if (met({ value, type }, { resource: found.resource, rootResource: found.root }) !== false) continue
    if (severity === 'error') found.add(path, 'invariant', `breaks the rule ${key}`)
    else if (found.warnings.length < mostFaults)
      found.warnings.push({ path, code: 'invariant', message: `does not keep to the advice ${key}` })
  }
}

function checkPrimitive(value: unknown, rule: ElementRule, path: string, found: Findings): void {
  const well = primitives[rule.type]
  if (!well?.(value)) {
    const kind = value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value
    found.add(
      path,
      isObject(value) || Array.isArray(value) || value === null ? 'structure' : 'value',
      `is not ${article(rule.type)} (${kind})`,
    )
  } else if (rule.codes && !rule.codes.has(String(value)))
    found.add(path, 'code-invalid', 'is not one of the codes that FHIR requires here')
}

function checkValue(value: unknown, rule: ElementRule, path: string, depth: number, found: Findings): void {
  if (primitives[rule.type]) checkPrimitive(value, rule, path, found)
  else if (rule.type === 'Resource') checkResource(value, path, depth, found)
  else if (isObject(value)) checkObject(value, rule.type, path, depth, found)
  else found.add(path, 'structure', `is not an object of type ${rule.type}`)
}

/** `_birthDate`: the id and extensions of a primitive; in lists, null stands for none. */
function checkShadow(value: unknown, rule: ElementRule, path: string, depth: number, found: Findings): void {
  const each = rule.many ? value : [value]
  if (!Array.isArray(each)) found.add(path, 'structure', 'is not a list')
  else {
    for (const [index, one] of each.entries()) {
      const at = rule.many ? `${path}[${index}]` : path
      if (one === null && rule.many) continue
      if (isObject(one)) checkObject(one, 'Element', at, depth, found)
      else found.add(at, 'structure', 'is not an object with id or extensions')
    }
  }
}

function checkElement(
  object: Json,
  name: string,
  rule: ElementRule,
  owner: string,
  path: string,
  depth: number,
  found: Findings,
): void {
  const value = object[name]
  const at = `${path}.${name}`
  const invariants = invariantsOf(owner, rule.choice ?? name)
  const before = found.faults.length
  if (!rule.many) {
    if (Array.isArray(value)) found.add(at, 'structure', 'may occur once only: it is no list')
    else checkValue(value, rule, at, depth, found)
    if (invariants.length > 0 && found.faults.length === before)
      checkInvariants(invariants, value, rule.type, at, found)
    return
  }
  if (!Array.isArray(value)) {
    found.add(at, 'structure', 'is not a list')
    return
  }
  if (value.length === 0) found.add(at, 'structure', 'is an empty list')
  const shadow = object[`_${name}`]
  for (const [index, one] of value.entries()) {
    if (one === null && Array.isArray(shadow) && isObject(shadow[index])) continue
    checkValue(one, rule, `${at}[${index}]`, depth, found)
    if (invariants.length > 0 && found.faults.length === before)
      checkInvariants(invariants, one, rule.type, `${at}[${index}]`, found)
  }
}

function checkObject(object: Json, type: string, path: string, depth: number, found: Findings): void {
  const rule = typeRule(type)
  if (!rule) return
  if (depth > deepest) {
    found.add(path, 'structure', 'is nested too deeply')
    return
  }
  let count = 0
  const before = found.faults.length
  for (const name in object) {
    if (found.faults.length >= mostFaults) return
    // What the program builds may hold undefined; JSON leaves it out.
    if (object[name] === undefined || (name === 'resourceType' && depth === 0)) continue
    count += 1
    const element = rule.elements.get(name)
    if (element) checkElement(object, name, element, type, path, depth + 1, found)
    else {
      const shadowed = name.startsWith('_') ? rule.elements.get(name.slice(1)) : undefined
      if (shadowed && primitives[shadowed.type])
        checkShadow(object[name], shadowed, `${path}.${name}`, depth + 1, found)
      else if (name !== 'resourceType' || !isResourceType(type))
        found.add(`${path}.${name}`, 'structure', `is not an element of ${type}`)
    }
  }
  if (count === 0 && !isResourceType(type)) found.add(path, 'invariant', 'is empty')
  for (const { name, choices } of rule.required) {
    if (!choices.some((choice) => object[choice] !== undefined || object[`_${choice}`] !== undefined))
      found.add(`${path}.${name}`, 'required', 'is required')
  }
  for (const [name, choices] of rule.choices) {
    let given = 0
    for (const choice of choices) if (object[choice] !== undefined || object[`_${choice}`] !== undefined) given += 1
    if (given > 1) found.add(`${path}.${name}[x]`, 'structure', 'is given in more than one type')
    if (type === 'Extension' && given > 0 === (object['extension'] !== undefined))
      found.add(path, 'invariant', 'has either a value or extensions')
  }
  if (found.faults.length === before) checkInvariants(invariantsOf(type, ''), object, type, path, found)
}

function checkResource(value: unknown, path: string, depth: number, found: Findings): void {
  const type = isObject(value) ? value['resourceType'] : undefined
  if (!isObject(value)) found.add(path, 'structure', 'is not a resource')
  else if (typeof type !== 'string' || !isResourceType(type))
    found.add(`${path}.resourceType`, 'value', 'is not a resource type of FHIR R4')
  else {
    const around = found.resource
    found.resource = value
    checkObject(value, type, depth === 0 ? type : path, depth, found)
    found.resource = around
  }
}

/** What is wrong with a resource by the base rules of FHIR R4: elements, cardinality, types, formats, required codes, invariants. */
export function findFaults(resource: unknown): Fault[] {
  return examine(resource).faults
}

/** Beside the faults, what is only advised against. */
export function examine(resource: unknown): { faults: Fault[]; warnings: Fault[] } {
  const found = new Findings()
  if (isObject(resource)) found.root = resource
  checkResource(resource, 'Resource', 0, found)
  return found
}

/** Throws `resource-invalid` with the path of every fault. */
export function validateResource(resource: Resource): void {
  const faults = findFaults(resource)
  if (faults.length > 0) throw refuse('resource-invalid', { faults })
}
