import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { ElementDefinition, OperationOutcome, StructureDefinition, ValueSet } from '@medplum/fhirtypes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import { importBundles } from './index.ts'

const house = useHouse()
const door = useDoor(house)
let folder: string

const element = (id: string, more: Partial<ElementDefinition> = {}): ElementDefinition => ({
  id,
  path: id.replace(/:[^.]+/g, ''),
  ...more,
})
const definition = (name: string, type: string, elements: ElementDefinition[]): StructureDefinition => ({
  resourceType: 'StructureDefinition',
  id: name,
  url: `urn:profile:${name}`,
  name,
  status: 'active',
  kind: type === 'Extension' ? 'complex-type' : 'resource',
  abstract: false,
  type,
  derivation: 'constraint',
  baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
  fhirVersion: '4.0.1',
  ...(type === 'Extension' ? { context: [{ type: 'element', expression: 'Patient' }] } : {}),
  snapshot: {
    element: elements.map((one) => ({
      definition: one.path,
      min: 0,
      max: '*',
      base: { path: one.path, min: 0, max: '*' },
      ...one,
    })),
  },
})
const genders: ValueSet = {
  resourceType: 'ValueSet',
  id: 'tribes',
  url: 'urn:vs:tribes',
  status: 'active',
  compose: { include: [{ system: 'urn:tribe', concept: [{ code: 'a' }, { code: 'b' }] }] },
}

// Of the shape that publishers give theirs: must-haves, a fixed system in slices, an extension with its own profile, a binding, a rule.
const person = definition('person', 'Patient', [
  element('Patient', {
    constraint: [
      {
        key: 'per-name',
        severity: 'error',
        human: 'A family name or a reason',
        expression: 'name.family.exists() or name.extension.exists()',
      },
      { key: 'per-advice', severity: 'warning', human: 'A birth date helps', expression: 'birthDate.exists()' },
    ],
  }),
  element('Patient.extension', { slicing: { rules: 'open', discriminator: [{ type: 'value', path: 'url' }] } }),
  element('Patient.extension:tribe', {
    sliceName: 'tribe',
    max: '1',
    type: [{ code: 'Extension', profile: ['urn:profile:tribe'] }],
  }),
  element('Patient.identifier', {
    min: 1,
    slicing: { rules: 'open', discriminator: [{ type: 'value', path: 'system' }] },
  }),
  element('Patient.identifier:mrn', { sliceName: 'mrn', min: 1, max: '1' }),
  element('Patient.identifier:mrn.system', { min: 1, max: '1', fixedUri: 'urn:mrn' }),
  element('Patient.identifier:mrn.value', { min: 1, max: '1' }),
  element('Patient.gender', { min: 1, max: '1' }),
  element('Patient.photo', { max: '0' }),
  element('Patient.deceased[x]', { max: '1', type: [{ code: 'boolean' }] }),
  element('Patient.maritalStatus', { max: '1', patternCodeableConcept: { coding: [{ system: 'urn:ms' }] } }),
  element('Patient.managingOrganization', {
    max: '1',
    type: [{ code: 'Reference', targetProfile: ['http://hl7.org/fhir/StructureDefinition/Organization'] }],
  }),
])
const tribe = definition('tribe', 'Extension', [
  element('Extension'),
  element('Extension.url', { min: 1, max: '1', fixedUri: 'urn:profile:tribe' }),
  element('Extension.value[x]', {
    min: 1,
    max: '1',
    type: [{ code: 'Coding' }],
    binding: { strength: 'required', valueSet: 'urn:vs:tribes' },
  }),
])

/** A FHIR package as publishers make them: a gzipped tar of `package/<Type>-<id>.json`. */
function pack(files: Record<string, object>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const body = Buffer.from(JSON.stringify(content))
    const header = Buffer.alloc(512)
    header.write(name, 0)
    header.write(body.length.toString(8).padStart(11, '0'), 124)
    header.write('0', 156)
    header.write('ustar', 257)
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]
  })
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'package-'))
  const file = join(folder, 'clinic.tgz')
  await writeFile(
    file,
    pack({
      'package/package.json': { name: 'clinic', version: '1.0.0' },
      'package/StructureDefinition-person.json': person,
      'package/StructureDefinition-tribe.json': tribe,
      'package/ValueSet-tribes.json': genders,
      'package/example/Patient-x.json': { resourceType: 'Patient', id: 'example' },
    }),
  )
  const report = await importBundles(
    { record: house.record, database: house.database, audit: async () => {} },
    house.context,
    [file],
  )
  expect(report).toMatchObject({ entries: 3, created: 3, failed: [] })
})
afterAll(() => rm(folder, { recursive: true }))

const well = {
  resourceType: 'Patient',
  meta: { profile: ['urn:profile:person'] },
  identifier: [{ system: 'urn:mrn', value: '1' }, { system: 'urn:other' }],
  name: [{ family: 'Roy' }],
  gender: 'female',
  birthDate: '1980-02-03',
  deceasedBoolean: false,
  maritalStatus: { coding: [{ system: 'urn:ms', code: 'M' }], text: 'Married' },
  managingOrganization: { reference: 'Organization/1' },
  extension: [{ url: 'urn:profile:tribe', valueCoding: { system: 'urn:tribe', code: 'a' } }],
}
async function issues(resource: object, query = '') {
  const { body } = await door.fhir('POST', `/fhir/Patient/$validate${query}`, resource)
  return (body as unknown as OperationOutcome).issue.map(
    ({ severity, expression }) => `${severity} ${expression?.[0] ?? ''}`,
  )
}

test('a resource that keeps to the profile it claims has no faults', async () => {
  expect(await issues(well)).toEqual(['information '])
  expect(await issues({ ...well, meta: {}, language: 'en' }, '?profile=urn:profile:person')).toEqual([
    'error Patient.meta',
  ])
})

test.each([
  ['a must-have that is missing', { gender: undefined }, ['error Patient.gender']],
  ['an element the profile forbids', { photo: [{ title: 'x' }] }, ['error Patient.photo']],
  ['a slice that is missing', { identifier: [{ system: 'urn:other' }] }, ['error Patient.identifier']],
  [
    'a slice too often',
    {
      identifier: [
        { system: 'urn:mrn', value: '1' },
        { system: 'urn:mrn', value: '2' },
      ],
    },
    ['error Patient.identifier'],
  ],
  ['a must-have inside a slice', { identifier: [{ system: 'urn:mrn' }] }, ['error Patient.identifier[0].value']],
  [
    'a type the profile leaves out',
    { deceasedBoolean: undefined, deceasedDateTime: '2026' },
    ['error Patient.deceasedDateTime'],
  ],
  ['a pattern not held', { maritalStatus: { text: 'x' } }, ['error Patient.maritalStatus']],
  [
    'a reference to another type',
    { managingOrganization: { reference: 'Patient/1' } },
    ['error Patient.managingOrganization'],
  ],
  [
    'a code outside the value set',
    { extension: [{ url: 'urn:profile:tribe', valueCoding: { system: 'urn:tribe', code: 'z' } }] },
    ['error Patient.extension[0].valueCoding'],
  ],
  [
    'an extension of another type',
    { extension: [{ url: 'urn:profile:tribe', valueString: 'a' }] },
    ['error Patient.extension[0].valueString'],
  ],
  ['a rule broken', { name: [{ text: 'Roy' }] }, ['error Patient']],
  ['advice not kept', { birthDate: undefined }, ['warning Patient', 'information ']],
])('what breaks the profile is told with its path: %s', async (_, change, found) => {
  expect(await issues({ ...well, ...change })).toEqual(found)
})

test('a profile that is not here is refused when asked for and told of when only claimed', async () => {
  const asked = await door.fhir('POST', '/fhir/Patient/$validate?profile=urn:profile:none', well)
  expect([asked.status, (asked.body as unknown as OperationOutcome).issue[0]?.details?.coding?.[0]?.code]).toEqual([
    422,
    'profile-unknown',
  ])
  expect(await issues({ ...well, meta: { profile: ['urn:profile:none'] } })).toEqual([
    'warning Patient.meta.profile',
    'information ',
  ])
})

test('$validate tells faults of the base rules, invariants and the mode, and stores nothing', async () => {
  expect(await issues({ resourceType: 'Patient', active: 'yes' })).toEqual(['error Patient.active'])
  expect(await issues({ resourceType: 'Patient', contact: [{ gender: 'male' }] })).toEqual(['error Patient.contact[0]'])
  expect(await issues({ resourceType: 'Patient' }, '?mode=update')).toEqual(['error Patient.id'])
  expect(await issues({ resourceType: 'Observation', status: 'final', code: { text: 'x' } })).toEqual([
    'error resourceType',
  ])
  const parameters = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'resource', resource: { ...well, gender: undefined } },
      { name: 'mode', valueCode: 'create' },
      { name: 'profile', valueUri: 'urn:profile:person' },
    ],
  }
  expect(await issues(parameters)).toEqual(['error Patient.gender'])
  expect(
    (await door.fhir('POST', '/fhir/Patient/nobody/$validate?mode=delete', { resourceType: 'Parameters' })).status,
  ).toBe(404)
  expect((await door.fhir('POST', '/fhir/Patient/$validate?mode=guess', well)).status).toBe(400)
  expect((await door.fhir('GET', '/fhir/Patient')).body['total']).toBe(0)
})

test('a write that breaks an invariant is refused with the rule', async () => {
  const answer = await door.fhir('POST', '/fhir/Appointment', {
    resourceType: 'Appointment',
    status: 'booked',
    participant: [{ status: 'accepted', actor: { reference: 'Patient/1' } }],
  })
  expect([answer.status, (answer.body as unknown as OperationOutcome).issue[0]?.diagnostics]).toEqual([
    422,
    'breaks the rule app-3',
  ])
})
