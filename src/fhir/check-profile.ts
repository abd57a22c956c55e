import type { Fault } from '../kernel/index.ts'
import { bare, type Profile, type ProfileNode } from './profile.ts'
import { isObject, type Json } from './search-rows.ts'
import { isResourceType, typeRule } from './structure.ts'

/** What the profiles refer to, at hand: other profiles, and the codes of value sets (`system|code`; undefined when they cannot be listed). */
export interface ProfileLibrary {
  profiles: ReadonlyMap<string, Profile>
  valueSets: ReadonlyMap<string, ReadonlySet<string> | undefined>
}

interface Checking {
  library: ProfileLibrary
  faults: Fault[]
  warnings: Fault[]
  root: Json
  resource: Json
}

interface Found {
  value: unknown
  /** The FHIR type; for a choice told by the name that the value came under. */
  type: string
  path: string
}

const most = 100
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value])

function same(one: unknown, other: unknown): boolean {
  if (Array.isArray(one))
    return Array.isArray(other) && one.length === other.length && one.every((each, index) => same(each, other[index]))
  if (!isObject(one) || !isObject(other)) return one === other
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => same(one[name], other[name]))
}

/** Does a value hold all that a pattern holds (FHIR R4, ElementDefinition.pattern[x])? */
function holds(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern))
    return Array.isArray(value) && pattern.every((each) => value.some((one) => holds(one, each)))
  if (!isObject(pattern)) return value === pattern
  return isObject(value) && Object.entries(pattern).every(([name, each]) => holds(value[name], each))
}

/** The values of an element of an object, each with its type and path. */
function valuesOf(object: Json, type: string, name: string, path: string): Found[] {
  const rule = typeRule(type)
  const stem = name.replace('[x]', '')
  const names = name.endsWith('[x]') ? (rule?.choices.get(stem) ?? []) : [name]
  return names.flatMap((key) => {
    const element = rule?.elements.get(key)
    const value = object[key]
    const at = `${path}.${key}`
    const own = (one: unknown) =>
      element?.type === 'Resource' && isObject(one) ? String(one['resourceType']) : (element?.type ?? '')
    if (Array.isArray(value))
      return value.map((one: unknown, index) => ({ value: one, type: own(one), path: `${at}[${index}]` }))
    // A primitive that has only extensions is there too.
    if (value === undefined && object[`_${key}`] === undefined) return []
    return [{ value, type: own(value), path: at }]
  })
}

/** The values at a discriminator's path below a value: names, `$this`, `extension('url')`; undefined for what cannot be followed. */
function reach(from: Found, path: string): Found[] | undefined {
  let found: Found[] = [from]
  if (path === '$this') return found
  for (const part of path.match(/extension\('[^']+'\)|[^.]+/g) ?? []) {
    const url = /^extension\('([^']+)'\)$/.exec(part)?.[1]
    if (url === undefined && !/^\w+$/.test(part)) return undefined
    found = found.flatMap((one) => {
      if (!isObject(one.value)) return []
      const rule = typeRule(one.type)
      const name = rule?.choices.has(part) && !rule.elements.has(part) ? `${part}[x]` : part
      const values = valuesOf(one.value, one.type, url === undefined ? name : 'extension', one.path)
      return url === undefined ? values : values.filter(({ value }) => isObject(value) && value['url'] === url)
    })
  }
  return found
}

/** What a slice demands at a discriminator's path: the node itself, or one below it. */
function demandAt(slice: ProfileNode, path: string): ProfileNode | undefined {
  let node: ProfileNode | undefined = slice
  if (path === '$this') return node
  for (const part of path.split('.')) node = node?.children.get(part) ?? node?.children.get(`${part}[x]`)
  return node
}

/** Does a value meet what a node fixes, there or below? Undefined when the node fixes nothing that can be told. */
function fits(value: unknown, type: string, node: ProfileNode, checking: Checking): boolean | undefined {
  if (node.fixed !== undefined) return same(value, node.fixed)
  if (node.pattern !== undefined) return holds(value, node.pattern)
  const binding = node.element.binding
  if (binding?.strength === 'required' && binding.valueSet)
    return inValueSet(value, type, bare(binding.valueSet), checking.library)
  let told: boolean | undefined
  for (const [name, child] of node.children) {
    if (!isObject(value)) break
    const answers = valuesOf(value, type, name, '').map((one) => fits(one.value, one.type, child, checking))
    const demanded = child.fixed !== undefined || child.pattern !== undefined || child.children.size > 0
    if (answers.length === 0 && child.min > 0 && demanded) return false
    if (answers.includes(false)) return false
    if (answers.includes(true)) told = true
  }
  return told
}

/** Is this value one of the slice? Undefined when its discriminators cannot be told. */
function isOf(slice: ProfileNode, parent: ProfileNode, one: Found, checking: Checking): boolean | undefined {
  const profile = slice.element.type?.[0]?.profile?.map(bare)
  if ((slice.name === 'extension' || slice.name === 'modifierExtension') && profile)
    return isObject(one.value) && profile.includes(String(one.value['url']))
  let told = true
  for (const { type, path = '$this' } of parent.element.slicing?.discriminator ?? []) {
    const demand = demandAt(slice, path)
    if (type === 'type') {
      const allowed = (demand?.element.type ?? []).map(({ code }) => code)
      if (path !== '$this') return undefined
      if (!allowed.includes(one.type)) return false
      continue
    }
    const values = reach(one, path)
    if (!values || !demand) return undefined
    if (type === 'exists') {
      if (demand.max === 0 ? values.length > 0 : demand.min > 0 && values.length === 0) return false
      continue
    }
    if (type !== 'value' && type !== 'pattern') return undefined
    const answers = values.map(({ value, type: valueType }) => fits(value, valueType, demand, checking))
    if (answers.every((answer) => answer === false)) return false
    if (!answers.includes(true)) told = false
  }
  if ((parent.element.slicing?.discriminator ?? []).length === 0) return undefined
  return told ? true : undefined
}

function inValueSet(value: unknown, type: string, url: string, library: ProfileLibrary): boolean | undefined {
  const codes = library.valueSets.get(url)
  if (!codes) return undefined
  const has = (coding: unknown) =>
    isObject(coding) && codes.has(`${String(coding['system'] ?? '')}|${String(coding['code'] ?? '')}`)
  if (type === 'CodeableConcept') return isObject(value) && list(value['coding']).some(has)
  if (type === 'Coding' || type === 'Quantity') return has(value)
  return typeof value === 'string' ? [...codes].some((code) => code.endsWith(`|${value}`)) : undefined
}

function add(checking: Checking, path: string, code: string, message: string): void {
  if (checking.faults.length < most) checking.faults.push({ path, code, message })
}
function warn(checking: Checking, path: string, message: string): void {
  if (checking.warnings.length < most) checking.warnings.push({ path, code: 'not-supported', message })
}

function checkCount(node: ProfileNode, count: number, path: string, checking: Checking): void {
  const name = node.slice === undefined ? '' : ` of the slice ${node.slice}`
  if (count < node.min)
    add(checking, path, 'required', `occurs ${count} times${name}; the profile wants ${node.min} at least`)
  if (count > node.max) add(checking, path, 'structure', `occurs ${count} times${name}; the profile allows ${node.max}`)
}

function checkReference(one: Found, node: ProfileNode, checking: Checking): void {
  const targets = (node.element.type ?? []).flatMap(({ code, targetProfile = [] }) =>
    code === 'Reference' ? targetProfile : [],
  )
  const reference = isObject(one.value) ? one.value['reference'] : undefined
  const type =
    typeof reference === 'string' ? /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]{1,64}/.exec(reference)?.[1] : undefined
  if (targets.length === 0 || type === undefined) return
  const allowed = targets.map((target) => {
    const core = /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/(\w+)$/.exec(bare(target))?.[1]
    // Profiles of FHIR's own (vitalsigns) have addresses like its types.
    const known = core !== undefined && (core === 'Resource' || isResourceType(core))
    return known ? core : checking.library.profiles.get(bare(target))?.type
  })
  // A target profile that is not at hand may allow this type.
  if (allowed.includes(undefined) || allowed.includes('Resource') || allowed.includes(type)) return
  add(checking, one.path, 'value', `refers to ${type}; the profile allows ${allowed.join(', ')}`)
}

function checkValue(one: Found, node: ProfileNode, checking: Checking): void {
  const { value, type, path } = one
  if (node.fixed !== undefined && !same(value, node.fixed))
    add(checking, path, 'value', 'is not what the profile fixes')
  if (node.pattern !== undefined && !holds(value, node.pattern))
    add(checking, path, 'value', 'does not hold what the profile demands')
  const types = node.element.type ?? []
  if (node.name.endsWith('[x]') && types.length > 0 && !types.some(({ code }) => code === type))
    add(checking, path, 'structure', `is a ${type}; the profile allows ${types.map(({ code }) => code).join(', ')}`)
  if (type === 'Reference') checkReference(one, node, checking)
  const { binding } = node.element
  if (binding?.strength === 'required' && binding.valueSet && value !== undefined) {
    const well = inValueSet(value, type, bare(binding.valueSet), checking.library)
    if (well === false) add(checking, path, 'code-invalid', `is not of the value set ${bare(binding.valueSet)}`)
    if (well === undefined && checking.library.valueSets.has(bare(binding.valueSet)))
      warn(checking, path, `could not be held against the value set ${bare(binding.valueSet)}`)
  }
  for (const { key, severity, human, met } of node.constraints) {
    const answer = met?.({ value, type }, { resource: checking.resource, rootResource: checking.root })
    if (answer === undefined) warn(checking, path, `could not be held against the rule ${key}`)
    else if (!answer && severity === 'error') add(checking, path, 'invariant', `breaks the rule ${key}: ${human}`)
    else if (!answer) warn(checking, path, `does not keep to the advice ${key}: ${human}`)
  }
  for (const { profile = [] } of types.filter(({ code }) => code === type)) {
    const others = profile.map((url) => checking.library.profiles.get(bare(url)))
    const [other] = others
    if (others.length === 1 && other) checkBelow(one, other.root, checking)
    else if (others.length === 1 && type !== 'Extension')
      warn(checking, path, `could not be held against ${profile.join(', ')}`)
  }
  checkBelow(one, node, checking)
}

function checkSlices(values: readonly Found[], node: ProfileNode, path: string, checking: Checking): void {
  const unsure = new Set<ProfileNode>()
  const members = new Map<ProfileNode, Found[]>(node.slices.map((slice) => [slice, []]))
  for (const one of values) {
    let matched = false
    for (const slice of node.slices) {
      const answer = isOf(slice, node, one, checking)
      if (answer === undefined) unsure.add(slice)
      else if (answer) {
        members.get(slice)?.push(one)
        matched = true
        break
      }
    }
    if (!matched && unsure.size === 0 && node.element.slicing?.rules === 'closed')
      add(checking, one.path, 'structure', 'belongs to none of the slices of the profile')
  }
  for (const [slice, found] of members) {
    if (unsure.has(slice)) warn(checking, path, `could not be held against the slice ${slice.slice}`)
    else checkCount(slice, found.length, path, checking)
    for (const one of found) checkValue(one, slice, checking)
  }
}

/** The elements of an object against the elements of a node. */
function checkBelow(one: Found, node: ProfileNode, checking: Checking): void {
  const { value, type, path } = one
  if (!isObject(value)) return
  const around = checking.resource
  if (typeof value['resourceType'] === 'string') checking.resource = value
  for (const [name, child] of node.children) {
    const found = valuesOf(value, type, name, path)
    const at = `${path}.${name.replace('[x]', '')}`
    // A slice's own children repeat what the unsliced element says; only what its snapshot lists counts.
    if (child.element.min !== undefined || child.element.max !== undefined)
      checkCount(child, found.length, at, checking)
    for (const each of found) checkValue(each, child, checking)
    if (child.slices.length > 0) checkSlices(found, child, at, checking)
  }
  checking.resource = around
}

/** What in a resource breaks a profile, beside the base rules, and what could not be told. */
export function checkProfile(
  resource: Json,
  profile: Profile,
  library: ProfileLibrary,
): { faults: Fault[]; warnings: Fault[] } {
  const checking: Checking = { library, faults: [], warnings: [], root: resource, resource }
  const type = String(resource['resourceType'])
  if (type !== profile.type) add(checking, type, 'structure', `is no ${profile.type}, which ${profile.url} is for`)
  else checkValue({ value: resource, type, path: type }, profile.root, checking)
  return checking
}
