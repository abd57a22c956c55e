import type { ValueSet, ValueSetComposeInclude, ValueSetExpansionContains } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { refuse } from './errors.ts'
import type { Members } from './members.ts'
import { parseEcl } from './parse-ecl.ts'
import { findSystem, type LoadedSystem, splitCanonical } from './systems.ts'

/** What a value set means, system by system, in the order of its includes. */
export interface CompiledPart {
  url: string
  version: string | undefined
  /** Undefined when it is not loaded: then only what is listed can be told. */
  system: LoadedSystem | undefined
  members: Members
  /** Displays that the value set gives itself. */
  displays: Map<string, string>
}

export interface CompiledValueSet {
  url: string | undefined
  version: string | undefined
  title: string | undefined
  parts: CompiledPart[]
}

/** Code systems whose codes are told by their form: media types (BCP 13) and languages (BCP 47). */
export const grammars: Readonly<Record<string, RegExp>> = {
  'urn:ietf:bcp:13': /^[\w.+-]+\/[\w.+*-]+(?:\s*;.*)?$/,
  'urn:ietf:bcp:47': /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$/,
}

const snomed = 'http://snomed.info/sct'
const deepest = 20

/** Finds a value set by its canonical: a known one, or one that SNOMED CT or LOINC imply. */
export async function findValueSet(tx: Tx, canonical: string): Promise<ValueSet | undefined> {
  const { url, version } = splitCanonical(canonical)
  const [row] = await tx.query<{ content: string }>({
    name: 'term-value-set',
    text: `select content from term_value_set where tenant_id = $1 and url = $2 and ($3::text is null or version = $3)
           order by loaded_at desc, version desc limit 1`,
    values: [tx.tenant, url, version ?? null],
  })
  return row ? JSON.parse(row.content) : impliedValueSet(url, version)
}

/** http://hl7.org/fhir/R4/snomedct.html#implicit and http://hl7.org/fhir/R4/loinc.html#alertnate */
function impliedValueSet(url: string, version: string | undefined): ValueSet | undefined {
  const include = (one: ValueSetComposeInclude): ValueSet => ({
    resourceType: 'ValueSet',
    url,
    status: 'active',
    compose: { include: [one] },
  })
  if (url === 'http://loinc.org/vs') return include({ system: 'http://loinc.org', ...(version ? { version } : {}) })
  const [, edition = '', what = ''] = /^http:\/\/snomed\.info\/sct(\/[^?]*)?\?fhir_vs(?:=(.*))?$/s.exec(url) ?? []
  if (!url.startsWith(snomed) || !url.includes('?fhir_vs')) return undefined
  const system = { system: snomed, ...(edition === '' ? {} : { version: `${snomed}${edition}` }) }
  const [, kind, rest = ''] = /^(isa|refset|ecl)(?:\/(.*))?$/s.exec(decodeURIComponent(what)) ?? []
  if (what === '') return include(system)
  if (kind === 'isa') return include({ ...system, filter: [{ property: 'concept', op: 'is-a', value: rest }] })
  if (kind === 'refset')
    return include({
      ...system,
      filter: [
        rest === ''
          ? { property: 'refset', op: 'exists', value: 'true' }
          : { property: 'concept', op: 'in', value: rest },
      ],
    })
  if (kind === 'ecl') return include({ ...system, filter: [{ property: 'constraint', op: '=', value: rest }] })
  return undefined
}

export async function needValueSet(tx: Tx, canonical: string, path: string): Promise<ValueSet> {
  const found = await findValueSet(tx, canonical)
  if (!found) throw refuse('value-set-unknown', { faults: [{ path, message: `${canonical} is not known` }] })
  return found
}

/** Turns a value set, with all that it takes from others, into members of systems. Refuses one that includes itself. */
export async function compileValueSet(
  tx: Tx,
  valueSet: ValueSet,
  within: readonly string[] = [],
): Promise<CompiledValueSet> {
  const name = valueSet.url ?? 'ValueSet'
  const invalid = (path: string, message: string) => refuse('value-set-invalid', { faults: [{ path, message }] })
  if (within.includes(name) || within.length > deepest) throw invalid(name, 'includes itself')
  const parts: CompiledPart[] = []
  const head = { url: valueSet.url, version: valueSet.version, title: valueSet.title ?? valueSet.name }
  const compose = valueSet.compose
  if (!compose) {
    for (const one of flatten(valueSet.expansion?.contains ?? []))
      if (one.system !== undefined && one.code !== undefined)
        merge(parts, {
          url: one.system,
          version: one.version,
          system: await findSystem(tx, one.system, one.version),
          members: { kind: 'codes', codes: [one.code] },
          displays: new Map(one.display === undefined ? [] : [[one.code, one.display]]),
        })
    return { ...head, parts }
  }
  for (const [index, include] of compose.include.entries())
    for (const part of await compileInclude(tx, include, `${name} compose.include[${index}]`, [...within, name]))
      merge(parts, part)
  for (const [index, exclude] of (compose.exclude ?? []).entries())
    for (const gone of await compileInclude(tx, exclude, `${name} compose.exclude[${index}]`, [...within, name]))
      for (const part of parts)
        if (part.url === gone.url && (gone.version === undefined || sameSystem(part, gone)))
          part.members = { kind: 'and', parts: [part.members, { kind: 'not', part: gone.members }] }
  if (compose.inactive === false)
    for (const part of parts) part.members = { kind: 'and', parts: [part.members, { kind: 'active' }] }
  return { ...head, parts }
}

const sameSystem = (a: CompiledPart, b: CompiledPart) =>
  a.url === b.url && (a.system || b.system ? a.system?.id === b.system?.id : a.version === b.version)

function merge(parts: CompiledPart[], part: CompiledPart): void {
  const known = parts.find((one) => sameSystem(one, part))
  if (!known) {
    parts.push(part)
    return
  }
  const former = known.members
  known.members =
    former.kind === 'codes' && part.members.kind === 'codes'
      ? { kind: 'codes', codes: [...former.codes, ...part.members.codes] }
      : { kind: 'or', parts: [former, part.members] }
  for (const [code, display] of part.displays) known.displays.set(code, display)
}

const flatten = (contains: readonly ValueSetExpansionContains[]): ValueSetExpansionContains[] =>
  contains.flatMap((one) => [one, ...flatten(one.contains ?? [])])

async function compileInclude(
  tx: Tx,
  include: ValueSetComposeInclude,
  path: string,
  within: readonly string[],
): Promise<CompiledPart[]> {
  const nested: CompiledPart[][] = []
  for (const canonical of include.valueSet ?? []) {
    const found = await needValueSet(tx, canonical, `${path}.valueSet`)
    nested.push((await compileValueSet(tx, found, within)).parts)
  }
  const { system: url, version } = include
  if (url === undefined) {
    const [first, ...others] = nested
    if (!first)
      throw refuse('value-set-invalid', { faults: [{ path, message: 'names neither a system nor a value set' }] })
    return first.flatMap((part) => intersect(part, others) ?? [])
  }
  const filters = (include.filter ?? []).map((filter, index) => compileFilter(url, filter, `${path}.filter[${index}]`))
  const concepts = include.concept ?? []
  const own: CompiledPart = {
    url,
    version,
    system: await findSystem(tx, url, version),
    members: {
      kind: 'and',
      parts: [
        ...(concepts.length > 0 ? [{ kind: 'codes', codes: concepts.map(({ code }) => code ?? '') } as const] : []),
        ...filters,
      ],
    },
    displays: new Map(
      concepts.flatMap(({ code, display }) => (code !== undefined && display !== undefined ? [[code, display]] : [])),
    ),
  }
  if (own.members.kind === 'and') {
    const [only, ...rest] = own.members.parts
    if (only === undefined) own.members = { kind: 'all' }
    else if (rest.length === 0) own.members = only
  }
  const met = intersect(own, nested)
  return met ? [met] : []
}

/** A part with what others say of the same system; undefined when one of them has nothing of it. */
function intersect(part: CompiledPart, others: readonly (readonly CompiledPart[])[]): CompiledPart | undefined {
  const parts: Members[] = [part.members]
  for (const other of others) {
    const same = other.filter((one) => sameSystem(one, part))
    if (same.length === 0) return undefined
    parts.push({ kind: 'or', parts: same.map(({ members }) => members) })
  }
  return parts.length === 1 ? part : { ...part, members: { kind: 'and', parts } }
}

/** http://hl7.org/fhir/R4/valueset-filter-operator.html */
function compileFilter(url: string, filter: { property?: string; op?: string; value?: string }, path: string): Members {
  const { property = '', op, value = '' } = filter
  const isConcept = property === 'concept' || property === 'code'
  switch (op) {
    case 'is-a':
      return { kind: 'reach', code: value, down: true, self: true }
    case 'descendent-of':
      return { kind: 'reach', code: value, down: true, self: false }
    case 'is-not-a':
      return { kind: 'not', part: { kind: 'reach', code: value, down: true, self: true } }
    case 'generalizes':
      return { kind: 'reach', code: value, down: false, self: true }
    case '=':
      if (property === 'constraint' && url === snomed) return parseEcl(value)
      if (property === 'parent') return { kind: 'reach', code: value, down: true, self: false, direct: true }
      if (property === 'child') return { kind: 'reach', code: value, down: false, self: false, direct: true }
      if (property === 'ancestor') return { kind: 'reach', code: value, down: true, self: false }
      return isConcept ? { kind: 'codes', codes: [value] } : { kind: 'property', property, values: [value] }
    case 'in':
    case 'not-in': {
      const values = value.split(',').map((one) => one.trim())
      // In SNOMED CT `concept in` names a reference set.
      const members: Members =
        property === 'concept' && url === snomed
          ? { kind: 'property', property: 'refset', values }
          : isConcept
            ? { kind: 'codes', codes: values }
            : { kind: 'property', property, values }
      return op === 'in' ? members : { kind: 'not', part: members }
    }
    case 'regex':
      return { kind: 'regex', property, pattern: value }
    case 'exists':
      return value === 'false' ? { kind: 'not', part: { kind: 'exists', property } } : { kind: 'exists', property }
    default:
      throw refuse('filter-unsupported', { faults: [{ path, message: `the operator ${op ?? ''} is not one of R4` }] })
  }
}
