import type { Bundle, Observation, Organization, Patient, Resource } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../testkit/database.ts'
import { type CallContext, movedClock, systemActor } from '../kernel/index.ts'
import { type CodeExpander, createRecord, type RecordGuard, type SearchOptions, type Visible } from './index.ts'
import { searchAll, searchOne } from './search-bundle.ts'

// A search is compared with a filter written here from the specification's words, over the resources as they are read
// back. The filter shares nothing with the search but the data.
const now = Date.UTC(2026, 2, 1)
const clock = movedClock(now)
const record = createRecord({ clock })
let db: FreshDatabase
let context: CallContext

type Stored = Resource & { id: string }
type World = readonly Stored[]
type Of<T extends Resource> = T & { id: string }

const random = <T>(arbitrary: fc.Arbitrary<T>, count: number, seed: number) =>
  fc.sample(arbitrary, { numRuns: count, seed })
const some = <T>(...choices: readonly T[]) => fc.constantFrom(...choices)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 })

/** Dates with the range each stands for, in milliseconds, by hand. */
const days = (low: number, high: number): [number, number] => [low, high]
const dates: Record<string, [number, number]> = {
  '2025': days(Date.UTC(2025, 0, 1), Date.UTC(2026, 0, 1)),
  '2025-11': days(Date.UTC(2025, 10, 1), Date.UTC(2025, 11, 1)),
  '2026-02-27': days(Date.UTC(2026, 1, 27), Date.UTC(2026, 1, 28)),
  '2026-02-28': days(Date.UTC(2026, 1, 28), Date.UTC(2026, 2, 1)),
  '2026-02-28T10:00:00Z': days(Date.UTC(2026, 1, 28, 10), Date.UTC(2026, 1, 28, 10, 0, 1)),
  '2026-02-28T15:00:00+05:00': days(Date.UTC(2026, 1, 28, 10), Date.UTC(2026, 1, 28, 10, 0, 1)),
  '2026-03-01T00:00:00.250Z': days(now + 250, now + 251),
}
const date = some(...Object.keys(dates))
const loinc = 'http://loinc.org'
const sct = 'http://snomed.info/sct'
const ucum = 'http://unitsofmeasure.org'
const systems = [loinc, sct, undefined]
const codes = ['a', 'ab', 'b', 'c']
const texts = ['Pulse', 'pulse rate', 'Tension artérielle', 'TENSION']
const concept = fc.record({
  coding: fc.array(fc.record({ system: some(...systems), code: some(...codes), display: maybe(some(...texts)) }), {
    minLength: 1,
    maxLength: 2,
  }),
  text: maybe(some(...texts)),
})
// Whole milligrams, written in one of three units or in none, so that the comparison here needs whole numbers only.
const milligrams = some(1, 5, 50, 54, 540, 1000, 5400)
const quantity = fc
  .tuple(milligrams, some('mg', 'g', 'ug', 'tablets', undefined), some(undefined, '<', '>='))
  .map(([mg, unit, comparator]) => ({
    value: unit === 'g' ? mg / 1000 : unit === 'ug' ? mg * 1000 : mg,
    ...(unit === undefined ? {} : unit === 'tablets' ? { unit } : { unit, system: ucum, code: unit }),
    ...(comparator === undefined ? {} : { comparator }),
  }))
type Quantity = { value: number; unit?: string; code?: string; system?: string; comparator?: string }

const clean = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T
const families = ['Núñez', 'Nunes', 'O’Hara', 'Smith', 'smithson', 'Ōta', 'de la Cruz']
const organization = fc.record({ name: some(...families), partOf: maybe(some('o0', 'o1', 'o2')) })
const patient = fc.record({
  name: fc.array(
    fc.record({ family: some(...families), given: fc.array(some('Ana', 'Al'), { minLength: 1, maxLength: 2 }) }),
    {
      minLength: 1,
      maxLength: 2,
    },
  ),
  gender: maybe(some('female' as const, 'male' as const)),
  birthDate: maybe(some('1990-02-03', '1990', '1991-05')),
  managingOrganization: maybe(some('o0', 'o1', 'o2', 'gone')),
  identifier: maybe(
    fc.record({
      system: some('urn:mrn', 'urn:ssn'),
      value: some('1', '2', '3'),
      type: maybe(some({ coding: [{ system: 'urn:types', code: 'MR' }], text: 'Medical record' })),
    }),
  ),
  tag: maybe(some('x', 'y')),
})
const observation = fc.record({
  status: some('final' as const, 'amended' as const),
  code: concept,
  subject: maybe(some('Patient/p0', 'Patient/p1', 'Patient/p2', 'Patient/p3', 'Patient/nobody', 'Group/p1')),
  subjectNumber: maybe(some('1', '2')),
  effectiveDateTime: maybe(date),
  period: maybe(fc.record({ start: maybe(date), end: maybe(date) })),
  valueQuantity: maybe(quantity),
  component: fc.array(fc.record({ code: concept, valueQuantity: maybe(quantity) }), { maxLength: 2 }),
  hasMember: fc.array(some('b0', 'b1', 'b2', 'b3'), { maxLength: 2 }),
  profile: maybe(some('http://x.example/a', 'http://x.example/a/b', 'http://x.example/ab')),
})

function worldOf(seed: number): World {
  const organizations = random(organization, 4, seed).map(
    ({ name, partOf }, i): Of<Organization> => ({
      resourceType: 'Organization',
      id: `o${i}`,
      name,
      ...(partOf === undefined ? {} : { partOf: { reference: `Organization/${partOf}` } }),
    }),
  )
  const patients = random(patient, 12, seed + 1).map(
    ({ managingOrganization: of, identifier, tag, ...rest }, i) =>
      clean({
        resourceType: 'Patient',
        id: `p${i}`,
        ...rest,
        ...(tag === undefined ? {} : { meta: { tag: [{ system: 'urn:tags', code: tag }] } }),
        identifier: identifier && [identifier],
        managingOrganization: of === undefined ? undefined : { reference: `Organization/${of}` },
      }) as Of<Patient>,
  )
  const observations = random(observation, 120, seed + 2).map(
    ({ subject, subjectNumber, period, hasMember, profile, ...rest }, i) =>
      clean({
        resourceType: 'Observation',
        id: `b${i}`,
        ...rest,
        ...(profile === undefined ? {} : { meta: { profile: [profile] } }),
        subject:
          subject === undefined && subjectNumber === undefined
            ? undefined
            : { reference: subject, identifier: subjectNumber && { system: 'urn:mrn', value: subjectNumber } },
        ...(rest.effectiveDateTime === undefined && (period?.start ?? period?.end)
          ? { effectivePeriod: readable(period) }
          : {}),
        component: rest.component.length > 0 ? rest.component : undefined,
        hasMember: hasMember.length > 0 ? hasMember.map((id) => ({ reference: `Observation/${id}` })) : undefined,
      }) as Of<Observation>,
  )
  const list = {
    resourceType: 'List',
    id: 'l',
    status: 'current',
    mode: 'working',
    entry: [
      ...['p1', 'p2', 'p3'].map((id) => ({ item: { reference: `Patient/${id}` } })),
      { deleted: true, item: { reference: 'Patient/p4' } },
    ],
  } as const
  return [...organizations, ...patients, ...observations, list as unknown as Stored]
}
// A period must not end before it starts.
function readable(period: { start?: string | undefined; end?: string | undefined } | undefined) {
  const { start, end } = period ?? {}
  if (start !== undefined && end !== undefined && (dates[start]?.[0] ?? 0) > (dates[end]?.[1] ?? 0)) return { start }
  return { start, end }
}

// ---- the filter ----
type Holds = (resource: Stored, world: World) => boolean
type Query = { type: string; name: string; value: string; holds: Holds }
const asPatient = (resource: Stored) => resource as Of<Patient>
const asObservation = (resource: Stored) => resource as Of<Observation>
const byReference = (world: World, reference: string | undefined) =>
  world.find(({ resourceType, id }) => `${resourceType}/${id}` === reference)
const bare: Record<string, string> = { ú: 'u', ñ: 'n', ō: 'o', é: 'e' }
const plainText = (text: string) => text.toLowerCase().replace(/[úñōé]/g, (letter) => bare[letter] ?? letter)
const isBelow = (value: string, root: string) => value === root || value.startsWith(`${root}/`)

interface Concept {
  coding?: { system?: string; code?: string; display?: string }[]
  text?: string
}
const tokenQueries = (
  type: string,
  name: string,
  read: (resource: Stored) => readonly Concept[],
): fc.Arbitrary<Query> => {
  const codings = (resource: Stored) => read(resource).flatMap(({ coding }) => coding ?? [])
  const subsumed: Record<string, readonly string[]> = { a: ['a', 'ab'], ab: ['ab'], b: ['b'], c: ['c'] }
  return fc.oneof(
    some(...codes).map((code) => ({
      type,
      name,
      value: code,
      holds: (r: Stored) => codings(r).some((one) => one.code === code),
    })),
    fc.tuple(some(...codes), some(loinc, sct, '')).map(([code, system]) => ({
      type,
      name,
      value: `${system}|${code}`,
      holds: (r: Stored) => codings(r).some((one) => one.code === code && (one.system ?? '') === system),
    })),
    some(loinc, sct).map((system) => ({
      type,
      name,
      value: `${system}|`,
      holds: (r: Stored) => codings(r).some((one) => one.system === system),
    })),
    fc.tuple(some(...codes), some(...codes)).map(([one, other]) => ({
      type,
      name: `${name}:not`,
      value: `${one},${other}`,
      holds: (r: Stored) => !codings(r).some(({ code }) => code === one || code === other),
    })),
    some('pulse', 'Pulse r', 'tension', 'x').map((text) => ({
      type,
      name: `${name}:text`,
      value: text,
      holds: (r: Stored) =>
        read(r)
          .flatMap((one) => [one.text, ...(one.coding ?? []).map(({ display }) => display)])
          .some((words) => words !== undefined && plainText(words).startsWith(plainText(text))),
    })),
    some('in', 'not-in').map((how) => ({
      type,
      name: `${name}:${how}`,
      value: 'urn:set',
      holds: (r: Stored) =>
        codings(r).some(
          ({ system, code }) => (system === loinc && code === 'a') || (system === sct && code === 'c'),
        ) ===
        (how === 'in'),
    })),
    some(...codes).map((code) => ({
      type,
      name: `${name}:below`,
      value: `${sct}|${code}`,
      holds: (r: Stored) => codings(r).some((one) => one.system === sct && subsumed[code]?.includes(one.code ?? '')),
    })),
    some('true', 'false').map((value) => ({
      type,
      name: `${name}:missing`,
      value,
      holds: (r: Stored) => (codings(r).length === 0) === (value === 'true'),
    })),
  )
}

const prefixes = ['', 'eq', 'ne', 'lt', 'gt', 'le', 'ge', 'sa', 'eb', 'ap'] as const
function dateHolds(prefix: string, [low, high]: [number, number], stored: [number, number]): boolean {
  const within = stored[0] >= low && stored[1] <= high
  const about = Math.floor(Math.abs(now - low) / 10)
  switch (prefix) {
    case 'ne':
      return !within
    case 'lt':
      return stored[0] < low
    case 'gt':
      return stored[1] > high
    case 'le':
      return stored[0] < low || within
    case 'ge':
      return stored[1] > high || within
    case 'sa':
      return stored[0] >= high
    case 'eb':
      return stored[1] <= low
    case 'ap':
      return stored[0] < high + about && stored[1] > low - about
    default:
      return within
  }
}
const when = (r: Stored): [number, number][] => {
  const { effectiveDateTime: at, effectivePeriod: period } = asObservation(r)
  if (at !== undefined) return [dates[at] ?? [0, 0]]
  if (!period) return []
  return [[dates[period.start ?? '']?.[0] ?? -Infinity, dates[period.end ?? '']?.[1] ?? Infinity]]
}

/** A stored quantity as a range of whole micrograms (or of its own unit when it is no mass). */
function measured(one: Quantity, scale: (of: Quantity) => number | undefined): [number, number] | undefined {
  const factor = scale(one)
  if (factor === undefined) return undefined
  const at = Math.round(one.value * factor)
  return [one.comparator === '<' ? -Infinity : at, one.comparator === '>=' ? Infinity : at]
}
function numberHolds(prefix: string, at: number, half: number, [low, high]: [number, number]): boolean {
  const equal = low >= at - half && high < at + half
  switch (prefix) {
    case 'ne':
      return low < at - half || high >= at + half
    case 'lt':
      return low < at
    case 'gt':
      return high > at
    case 'le':
      return low <= at
    case 'ge':
      return high >= at
    case 'sa':
      return low > at
    case 'eb':
      return high < at
    case 'ap':
      return low <= at + at / 10 && high >= at - at / 10
    default:
      return equal
  }
}
const micrograms: Record<string, number> = { ug: 1, mg: 1000, g: 1_000_000 }
/** Written values with the number of micrograms they mean and half their last figure. */
const asked: [text: string, at: number, half: number, scale: (of: Quantity) => number | undefined][] = [
  [`5.4|${ucum}|mg`, 5400, 50, ({ code }) => micrograms[code ?? '']],
  [`54|${ucum}|mg`, 54_000, 500, ({ code }) => micrograms[code ?? '']],
  [`0.0540|${ucum}|g`, 54_000, 50, ({ code }) => micrograms[code ?? '']],
  [`1|${ucum}|g`, 1_000_000, 500_000, ({ code }) => micrograms[code ?? '']],
  [`1e3|${ucum}|ug`, 1000, 500, ({ code }) => micrograms[code ?? '']],
  ['50||tablets', 50_000_000, 500_000, ({ unit }) => (unit === 'tablets' ? 1_000_000 : undefined)],
  ['540||mg', 540_000_000, 500_000, ({ unit }) => (unit === 'mg' ? 1_000_000 : undefined)],
  ['5', 5_000_000, 500_000, () => 1_000_000],
  ['1000', 1_000_000_000, 500_000, () => 1_000_000],
]
const quantityTests = fc.tuple(some(...prefixes), some(...asked)).map(([prefix, [text, at, half, scale]]) => ({
  text: `${prefix}${text}`,
  holds: (one: Quantity | undefined) => {
    const range = one && measured(one, scale)
    return range !== undefined && numberHolds(prefix, at, half, range)
  },
}))
const ownQuantity = (r: Stored) => asObservation(r).valueQuantity as Quantity | undefined
const components = (r: Stored) => (asObservation(r).component ?? []) as { code: Concept; valueQuantity?: Quantity }[]
const hasCode = ({ coding }: Concept, code: string, system?: string) =>
  coding?.some((one) => one.code === code && (system === undefined || (one.system ?? '') === system)) ?? false

const names = (r: Stored) => asPatient(r).name ?? []
const nameQueries: fc.Arbitrary<Query> = fc.oneof(
  some('NUN', 'smith', 'ota', 'al', 'de la', 'zz').map((value) => ({
    type: 'Patient',
    name: 'name',
    value,
    holds: (r: Stored) =>
      names(r).some(({ family, given }) =>
        [family ?? '', ...(given ?? [])].some((part) => plainText(part).startsWith(plainText(value))),
      ),
  })),
  some(...families).map((value) => ({
    type: 'Patient',
    name: 'family:exact',
    value,
    holds: (r: Stored) => names(r).some(({ family }) => family === value),
  })),
  some('CRUZ', 'th', 'une').map((value) => ({
    type: 'Patient',
    name: 'family:contains',
    value,
    holds: (r: Stored) => names(r).some(({ family }) => plainText(family ?? '').includes(value.toLowerCase())),
  })),
)
const patientOwn: fc.Arbitrary<Query> = fc.oneof(
  nameQueries,
  some('female', 'male').map((value) => ({
    type: 'Patient',
    name: 'gender',
    value,
    holds: (r: Stored) => asPatient(r).gender === value,
  })),
  some('female', 'male').map((value) => ({
    type: 'Patient',
    name: 'gender:not',
    value,
    holds: (r: Stored) => asPatient(r).gender !== value,
  })),
  fc.tuple(some('urn:mrn', 'urn:ssn'), some('1', '2')).map(([system, value]) => ({
    type: 'Patient',
    name: 'identifier',
    value: `${system}|${value}`,
    holds: (r: Stored) => asPatient(r).identifier?.some((one) => one.system === system && one.value === value) ?? false,
  })),
  some('1', '2', '3').map((value) => ({
    type: 'Patient',
    name: 'identifier:of-type',
    value: `urn:types|MR|${value}`,
    holds: (r: Stored) =>
      asPatient(r).identifier?.some((one) => one.value === value && one.type?.coding?.[0]?.code === 'MR') ?? false,
  })),
  some('x', 'y').map((value) => ({
    type: 'Patient',
    name: '_tag',
    value: `urn:tags|${value}`,
    holds: (r: Stored) => r.meta?.tag?.some(({ code }) => code === value) ?? false,
  })),
  fc.subarray(['p0', 'p1', 'p5', 'nobody'], { minLength: 1 }).map((ids) => ({
    type: 'Patient',
    name: '_id',
    value: ids.join(','),
    holds: (r: Stored) => ids.includes(r.id),
  })),
  fc.constant<Query>({
    type: 'Patient',
    name: '_list',
    value: 'l',
    holds: (r, world) => ['p1', 'p2', 'p3'].includes(r.id) && byReference(world, 'List/l') !== undefined,
  }),
)
const organizationOwn: fc.Arbitrary<Query> = some('nun', 'smith', 'o').map((value) => ({
  type: 'Organization',
  name: 'name',
  value,
  holds: (r: Stored) => plainText((r as Of<Organization>).name ?? '').startsWith(value),
}))
const observationOwn: fc.Arbitrary<Query> = fc.oneof(
  tokenQueries('Observation', 'code', (r) => [asObservation(r).code]),
  tokenQueries('Observation', 'component-code', (r) => components(r).map(({ code }) => code)),
  tokenQueries('Observation', 'combo-code', (r) => [asObservation(r).code, ...components(r).map(({ code }) => code)]),
  fc.tuple(some(...prefixes), date).map(([prefix, text]) => ({
    type: 'Observation',
    name: 'date',
    value: prefix + text,
    holds: (r: Stored) => when(r).some((one) => dateHolds(prefix, dates[text] ?? [0, 0], one)),
  })),
  quantityTests.map(({ text, holds }) => ({
    type: 'Observation',
    name: 'value-quantity',
    value: text,
    holds: (r: Stored) => holds(ownQuantity(r)),
  })),
  quantityTests.map(({ text, holds }) => ({
    type: 'Observation',
    name: 'combo-value-quantity',
    value: text,
    holds: (r: Stored) => holds(ownQuantity(r)) || components(r).some(({ valueQuantity }) => holds(valueQuantity)),
  })),
  fc.tuple(quantityTests, some(...codes), some(undefined, loinc, '')).map(([{ text, holds }, code, system]) => ({
    type: 'Observation',
    name: 'component-code-value-quantity',
    value: `${system === undefined ? code : `${system}|${code}`}$${text}`,
    holds: (r: Stored) => components(r).some((one) => hasCode(one.code, code, system) && holds(one.valueQuantity)),
  })),
  fc.tuple(quantityTests, some(...codes)).map(([{ text, holds }, code]) => ({
    type: 'Observation',
    name: 'combo-code-value-quantity',
    value: `${code}$${text}`,
    holds: (r: Stored) =>
      (hasCode(asObservation(r).code, code) && holds(ownQuantity(r))) ||
      components(r).some((one) => hasCode(one.code, code) && holds(one.valueQuantity)),
  })),
  some('p0', 'p1', 'Patient/p2').map((value) => ({
    type: 'Observation',
    name: 'patient',
    value,
    holds: (r: Stored) => asObservation(r).subject?.reference === `Patient/${value.replace('Patient/', '')}`,
  })),
  some('Group', 'Patient').map((kind) => ({
    type: 'Observation',
    name: `subject:${kind}`,
    value: 'p1',
    holds: (r: Stored) => asObservation(r).subject?.reference === `${kind}/p1`,
  })),
  some('1', '2').map((value) => ({
    type: 'Observation',
    name: 'subject:identifier',
    value: `urn:mrn|${value}`,
    holds: (r: Stored) => asObservation(r).subject?.identifier?.value === value,
  })),
  some('http://x.example/a', 'http://x.example/a/b').map((value) => ({
    type: 'Observation',
    name: '_profile:below',
    value,
    holds: (r: Stored) => r.meta?.profile?.some((one) => isBelow(one, value)) ?? false,
  })),
  some('http://x.example/a/b/c', 'http://x.example/ab').map((value) => ({
    type: 'Observation',
    name: '_profile:above',
    value,
    holds: (r: Stored) => r.meta?.profile?.some((one) => isBelow(value, one)) ?? false,
  })),
  some('true', 'false').map((value) => ({
    type: 'Observation',
    name: 'value-quantity:missing',
    value,
    holds: (r: Stored) => (ownQuantity(r) === undefined) === (value === 'true'),
  })),
)

/** `link.name`: holds for what refers to something that the inner query finds. */
const chained = (
  type: string,
  link: string,
  read: (r: Stored) => string | undefined,
  inner: fc.Arbitrary<Query>,
): fc.Arbitrary<Query> =>
  inner.map((query) => ({
    type,
    name: `${link}.${query.name}`,
    value: query.value,
    holds: (r: Stored, world: World) => {
      const target = byReference(world, read(r))
      return target?.resourceType === query.type && query.holds(target, world)
    },
  }))
const having = (
  type: string,
  link: string,
  read: (r: Stored) => string | undefined,
  inner: fc.Arbitrary<Query>,
): fc.Arbitrary<Query> =>
  inner.map((query) => ({
    type,
    name: `_has:${query.type}:${link}:${query.name}`,
    value: query.value,
    holds: (r: Stored, world: World) =>
      world.some(
        (other) =>
          other.resourceType === query.type && read(other) === `${r.resourceType}/${r.id}` && query.holds(other, world),
      ),
  }))
const subjectOf = (r: Stored) => asObservation(r).subject?.reference
const organizationOf = (r: Stored) => asPatient(r).managingOrganization?.reference
const patientQuery: fc.Arbitrary<Query> = fc.oneof(
  { weight: 4, arbitrary: patientOwn },
  { weight: 2, arbitrary: having('Patient', 'subject', subjectOf, observationOwn) },
  { weight: 1, arbitrary: chained('Patient', 'organization', organizationOf, organizationOwn) },
)
const queries: fc.Arbitrary<Query[]> = fc.oneof(
  fc.array(
    fc.oneof(
      { weight: 3, arbitrary: observationOwn },
      { weight: 1, arbitrary: chained('Observation', 'subject', subjectOf, patientQuery) },
      { weight: 1, arbitrary: chained('Observation', 'patient:Patient', subjectOf, patientOwn) },
    ),
    { minLength: 1, maxLength: 3 },
  ),
  fc.array(patientQuery, { minLength: 1, maxLength: 3 }),
  fc.array(fc.oneof(organizationOwn, having('Organization', 'organization', organizationOf, patientQuery)), {
    minLength: 1,
    maxLength: 2,
  }),
)

// ---- the order ----
/** The sort's own value of a resource, and how two of them compare; what has none goes last either way. */
const orders: Record<string, (r: Stored) => readonly (string | number)[]> = {
  date: (r) => when(r).map(([low]) => low),
  family: (r) => names(r).map(({ family }) => plainText(family ?? '')),
  status: (r) => [asObservation(r).status],
  gender: (r) => (asPatient(r).gender === undefined ? [] : [asPatient(r).gender ?? '']),
  birthdate: (r) => [Date.parse(asPatient(r).birthDate ?? '')].filter((at) => !Number.isNaN(at)),
  'value-quantity': (r) => {
    const one = ownQuantity(r)
    if (!one) return []
    const grams = one.code === undefined ? one.value : one.value * (micrograms[one.code] ?? 0) * 1e-6
    return [one.comparator === '<' ? -Infinity : Number(grams.toPrecision(12))]
  },
  _lastUpdated: (r) => [Date.parse(r.meta?.lastUpdated ?? '')],
}
const compare = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0)
function inOrder(resources: readonly Stored[], keys: readonly string[]): Stored[] {
  const valueOf = (r: Stored, key: string) => {
    const values = [...(orders[key.replace(/^-/, '')]?.(r) ?? [])].sort(compare)
    return key.startsWith('-') ? values.at(-1) : values[0]
  }
  const last = keys.at(-1)?.startsWith('-') ? -1 : 1
  return resources.toSorted((a, b) => {
    for (const key of keys) {
      const [one, other] = [valueOf(a, key), valueOf(b, key)]
      if (one === other) continue
      if (one === undefined || other === undefined) return one === undefined ? 1 : -1
      return compare(one, other) * (key.startsWith('-') ? -1 : 1)
    }
    return compare(a.id, b.id) * last
  })
}
const sorts: Record<string, fc.Arbitrary<string[]>> = {
  Observation: some(
    ['date'],
    ['-date'],
    ['status', '-date'],
    ['-value-quantity'],
    ['value-quantity'],
    ['-_lastUpdated'],
    ['-date', 'status'],
  ),
  Patient: some(
    ['family'],
    ['-family'],
    ['-birthdate'],
    ['birthdate'],
    ['gender', '-family'],
    ['_lastUpdated'],
    ['-gender'],
  ),
  Organization: some(['_lastUpdated'], ['-_lastUpdated']),
}

// ---- the comparison ----
const expander: CodeExpander = {
  expand: async (_, url) =>
    url === 'urn:set'
      ? [
          { system: loinc, code: 'a' },
          { system: sct, code: 'c' },
        ]
      : undefined,
  below: async (_, system, code) => (code === 'a' ? ['a', 'ab'] : [code]).map((one) => ({ system, code: one })),
  above: async () => undefined,
}
const hiding =
  (hidden: readonly string[]): Visible =>
  (type, alias, bind) =>
    `not (${bind(type, 'text')} || '/' || ${alias}.id = any (${bind(hidden, 'text[]')}))`

async function find(type: string, query: URLSearchParams, options: SearchOptions = {}): Promise<Bundle> {
  const { visible } = options
  const guard: RecordGuard = { sight: async () => visible && { visible: () => visible, hidden: () => [] } }
  const deps = { record, audit: async () => {}, expander, guard, searchBounds: options.bounds }
  const answer = await db.database.transaction(db.alpha, (tx) =>
    type === ''
      ? searchAll(deps, tx, context, query, { base: '', strict: true })
      : searchOne(deps, tx, context, type, query, { base: '', strict: true }),
  )
  return JSON.parse(answer.content ?? '{}') as Bundle
}
const keysOf = (bundle: Bundle, mode: string) =>
  (bundle.entry ?? []).flatMap(({ resource, search }) =>
    search?.mode === mode ? `${resource?.resourceType}/${resource?.id}` : [],
  )

/** Values are drawn each for itself: the rules that bind several elements are not what is tested here. */
const unruled = { validate: false }

async function write(world: World): Promise<World> {
  await db.asSuperuser(
    'truncate throughline.fhir_resource, throughline.fhir_history, throughline.fhir_token, throughline.fhir_reference, throughline.fhir_date, throughline.fhir_string, throughline.fhir_quantity, throughline.fhir_change',
  )
  const written = await db.database.transaction(db.alpha, async (tx) => {
    // Written twice, with everything exchanged: the differences of an update must come out as if written once.
    const others = (one: Stored) => world.filter(({ resourceType }) => resourceType === one.resourceType)
    const shuffled = world.map((one, i) => ({ ...(others(one).at(-1 - (i % 3)) ?? one), id: one.id }))
    await record.write(
      tx,
      context,
      shuffled.map((resource) => ({ interaction: 'update', resource })),
      unruled,
    )
    const written = await record.write(
      tx,
      context,
      world.map((resource) => ({ interaction: 'update', resource })),
      unruled,
    )
    return written.flatMap(({ resource }) => (resource ? [resource as Stored] : []))
  })
  await db.asSuperuser('analyze')
  return written
}

beforeAll(async () => {
  db = await freshDatabase()
  context = { tenant: db.alpha, actor: systemActor, clock, requestId: 'test', locale: 'en' }
})
afterAll(() => db.close())

test.each([11, 222, 3333])(
  'any search over a random clinic (%d) finds what reading every resource would, and nothing that is hidden',
  async (seed) => {
    const world = await write(worldOf(seed))
    await fc.assert(
      fc.asyncProperty(
        queries,
        fc.subarray(world.map(({ resourceType, id }) => `${resourceType}/${id}`)),
        fc.boolean(),
        async (conditions, hidden, hide) => {
          const type = conditions[0]?.type ?? ''
          const seen = hide ? world.filter(({ resourceType, id }) => !hidden.includes(`${resourceType}/${id}`)) : world
          const expected = seen
            .filter((one) => one.resourceType === type && conditions.every(({ holds }) => holds(one, seen)))
            .map(({ id }) => `${type}/${id}`)
            .sort()
          const query = new URLSearchParams(conditions.map(({ name, value }) => [name, value]))
          const options = hide ? { visible: hiding(hidden) } : {}
          const all = new URLSearchParams([...query, ['_count', '1000']])
          const found = keysOf(await find(type, all, options), 'match')
          expect([query.toString(), hide && hidden, found]).toEqual([query.toString(), hide && hidden, expected])
          const counted = await find(type, new URLSearchParams([...query, ['_summary', 'count']]), options)
          expect([query.toString(), counted.total, counted.entry]).toEqual([
            query.toString(),
            expected.length,
            undefined,
          ])
        },
      ),
      { numRuns: 60, seed },
    )
  },
  120_000,
)

/** Every page of a search, one after the other; `between` happens after each. */
async function pages(
  type: string,
  query: string,
  options: SearchOptions,
  between: () => Promise<void>,
): Promise<string[]> {
  const seen: string[] = []
  for (let cursor = ''; ; ) {
    const page = await find(type, new URLSearchParams(query + cursor), options)
    seen.push(...keysOf(page, 'match'))
    const next = page.link?.find(({ relation }) => relation === 'next')?.url
    if (next === undefined) return seen
    if (seen.length > 1000) throw new Error(`${type}?${query} does not end`)
    cursor = `&_cursor=${new URL(next, 'http://x').searchParams.get('_cursor')}`
    await between()
  }
}

test.each([7, 77])(
  'pages of a random clinic (%d) follow the order asked for, however they are come by',
  async (seed) => {
    const world = await write(worldOf(seed))
    const bounds = some(undefined, { few: 0, walk: 10 }, { few: 5, walk: 1000 })
    const ask = queries.chain((conditions) =>
      fc.tuple(
        fc.constant(conditions),
        sorts[conditions[0]?.type ?? ''] ?? some([]),
        fc.integer({ min: 1, max: 40 }),
        bounds,
        fc.boolean(),
      ),
    )
    await fc.assert(
      fc.asyncProperty(ask, async ([conditions, sort, count, bounds, everything]) => {
        const type = conditions[0]?.type ?? ''
        const asked = everything ? [] : conditions
        const matching = world.filter(
          (one) => one.resourceType === type && asked.every(({ holds }) => holds(one, world)),
        )
        const query = new URLSearchParams([
          ...asked.map(({ name, value }) => [name, value]),
          ['_sort', sort.join(',')],
          ['_count', String(count)],
        ])
        const found = await pages(type, query.toString(), { bounds }, async () => {})
        expect([query.toString(), bounds, found]).toEqual([
          query.toString(),
          bounds,
          inOrder(matching, sort).map(({ id }) => `${type}/${id}`),
        ])
      }),
      { numRuns: 60, seed },
    )
  },
  120_000,
)

test('paging while others write shows every observation that nobody touched once, in order', async () => {
  const world = await write(worldOf(99))
  const observations = world.filter(({ resourceType }) => resourceType === 'Observation')
  const [touched, left] = [observations.slice(0, 50), observations.slice(50)]
  let made = 0
  // Between two pages: one is changed into another, one is made, one is deleted and later made again.
  const change = async (at: number, other: number) => {
    const [one, two] = [touched[at % 50], touched[other % 50]]
    if (!one || !two) return
    made += 1
    clock.advance(1)
    await db.database.transaction(db.alpha, (tx) =>
      record.write(
        tx,
        context,
        [
          { interaction: 'update', resource: { ...two, id: one.id } },
          { interaction: 'create', resource: { ...two, id: `made${made}` } },
          { interaction: 'delete', resourceType: 'Observation', id: two.id },
        ],
        unruled,
      ),
    )
  }
  const bounds = some(undefined, { few: 0, walk: 10 }, { few: 0, walk: 1000 })
  const ask = fc.tuple(
    fc.array(observationOwn, { maxLength: 1 }),
    sorts['Observation'] ?? some([]),
    fc.integer({ min: 4, max: 40 }),
    bounds,
    fc.array(fc.tuple(fc.nat(49), fc.nat(49)), { minLength: 1, maxLength: 5 }),
  )
  await fc.assert(
    fc.asyncProperty(ask, async ([conditions, sort, count, bounds, changes]) => {
      const query = new URLSearchParams([
        ...conditions.map(({ name, value }) => [name, value]),
        ['_sort', sort.join(',')],
        ['_count', String(count)],
      ])
      let round = 0
      const found = await pages('Observation', query.toString(), { bounds }, async () => {
        const [at, other] = changes[round % changes.length] ?? [0, 0]
        round += 1
        // Not for ever: each change makes one more to come.
        if (round <= 8) await change(at, other)
      })
      const untouched = left.map(({ id }) => `Observation/${id}`)
      const expected = inOrder(
        left.filter((one) => conditions.every(({ holds }) => holds(one, world))),
        sort,
      ).map(({ id }) => `Observation/${id}`)
      expect([query.toString(), bounds, found.filter((key) => untouched.includes(key))]).toEqual([
        query.toString(),
        bounds,
        expected,
      ])
    }),
    { numRuns: 25, seed: 5 },
  )
}, 120_000)
