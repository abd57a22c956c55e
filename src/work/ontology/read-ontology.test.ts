import { readFileSync } from 'node:fs'
import type { Patient } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { CodedError } from '../../kernel/index.ts'
import { momentOf, readYaml } from '../../pathways/index.ts'
import { ruleFor } from '../routing/ontology.ts'
import { placeOf, placeOfPatient } from './place-of.ts'
import { readOntology } from './read-ontology.ts'
import { spanOf } from './span-of.ts'

const zone = 'America/Toronto'
const names = ['places', 'credentials', 'compacts', 'kinds', 'policy', 'levels']
const files = names.map((name) => ({
  file: `ontology/${name}.yaml`,
  source: readFileSync(new URL(`../../../library/ontology/${name}.yaml`, import.meta.url), 'utf8'),
}))
const readWith = (change: (source: string, file: string) => string) =>
  readOntology({
    files: files.map(({ file, source }) => ({ file, source: change(source, file) })),
    read: readYaml,
    momentOf: (text) => momentOf(text, zone),
    calendar: { zone, hours: { 1: [480, 1020] }, holidays: [] },
    roles: ['triage-nurse', 'charge-nurse', 'care-coordinator', 'physician', 'clinical-director', 'operations-lead'],
  })
const faultsWith = (change: (source: string, file: string) => string) => {
  try {
    readWith(change)
    return []
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'ontology-invalid') throw error
    return error.faults
  }
}
const ontology = readWith((source) => source)

test('the library’s ontology is read: Ohio joins the nurses’ compact at its first midnight of 2023', () => {
  const ohio = ontology.compacts[0]?.members.find(({ jurisdiction }) => jurisdiction === 'US-OH')
  expect(ohio).toEqual({ jurisdiction: 'US-OH', from: Date.UTC(2023, 0, 1, 5) })
  expect(ontology.places).toHaveLength(64)
  const rule = (at: number) => ruleFor(ontology, 'renewal', 'US-NY', at)?.may
  expect(rule(Date.UTC(2022, 3, 1))).toEqual(['md'])
  expect(rule(Date.UTC(2022, 3, 10))).toEqual(['np', 'md'])
})

test('what an ontology names and does not have, has twice or says in the wrong shape, is refused with its place', () => {
  const swap = (file: string, from: string, to: string) => (source: string, name: string) =>
    name === `ontology/${file}.yaml` ? source.replace(from, to) : source
  expect(faultsWith(swap('kinds', 'may: [np, md]', 'may: [np, wizard]'))).toEqual([
    { path: 'ontology/kinds.yaml:3.rules.0.may', message: 'there is no credential wizard' },
  ])
  expect(faultsWith(swap('compacts', 'US-AR', 'US-XX'))).toEqual([
    { path: 'ontology/compacts.yaml:0.members.0.in', message: 'there is no place US-XX' },
  ])
  expect(faultsWith(swap('policy', 'given: []', 'given: [nothing]'))).toEqual([
    { path: 'ontology/policy.yaml:given', message: 'there is no kind nothing' },
  ])
  expect(faultsWith(swap('credentials', 'id: ma', 'id: clerk'))[0]).toEqual({
    path: 'ontology/credentials.yaml:1.id',
    message: 'clerk is there twice',
  })
  expect(faultsWith(swap('kinds', 'from: 2000-01-01', 'from: soon'))).toEqual([
    { path: 'ontology/kinds.yaml:0.rules.0.from', message: 'a date such as 2026-01-31' },
  ])
  expect(faultsWith(swap('policy', 'load: 4', 'lode: 4')).map(({ path }) => path)).toEqual([
    'ontology/policy.yaml:weights.load',
    'ontology/policy.yaml:weights',
  ])
})

test('service levels that name what is not there, or climb backwards, are refused with their place', () => {
  const swap = (from: string, to: string) => (source: string, name: string) =>
    name === 'ontology/levels.yaml' ? source.replace(from, to) : source
  expect(faultsWith(swap('kinds: [nurse-triage]', 'kinds: [naps]'))).toEqual([
    { path: 'ontology/levels.yaml:policies.0.for.kinds', message: 'there is no kind naps' },
  ])
  expect(faultsWith(swap('to: charge-nurse', 'to: nobody'))).toEqual([
    { path: 'ontology/levels.yaml:policies.0.ladder.0.to', message: 'there is no role nobody' },
  ])
  expect(faultsWith(swap('calendar: always', 'calendar: moon'))).toEqual([
    { path: 'ontology/levels.yaml:policies.0.calendar', message: 'there is no calendar moon' },
  ])
  expect(faultsWith(swap('at: 75 %', 'at: 175 %'))).toEqual([
    { path: 'ontology/levels.yaml:policies.0.ladder.1.at', message: 'comes before the rung under it' },
  ])
  expect(faultsWith(swap('goal: 2 h', 'goal: 2 moons')).map(({ path }) => path)).toEqual([
    'ontology/levels.yaml:policies.0.goal',
  ])
})

test('a place is known by its code or its name, and never by another country’s', () => {
  expect(placeOf(ontology, 'OH')).toBe('US-OH')
  expect(placeOf(ontology, 'us-oh')).toBe('US-OH')
  expect(placeOf(ontology, ' Pennsylvanie ', 'USA')).toBe('US-PA')
  expect(placeOf(ontology, 'QC', 'CAN')).toBe('CA-QC')
  expect(placeOf(ontology, 'ON', 'US')).toBe(undefined)
  expect(placeOf(ontology, 'CA', 'MX')).toBe(undefined)
  expect(placeOf(ontology, undefined)).toBe(undefined)
})

test('a patient who stays elsewhere for a while is there, and then at home again', () => {
  const patient: Patient = {
    resourceType: 'Patient',
    address: [
      { use: 'home', state: 'ON', country: 'CA' },
      { use: 'temp', state: 'Florida', country: 'US', period: { start: '2026-01-10', end: '2026-03-31' } },
      { use: 'old', state: 'NY' },
    ],
  }
  const at = (text: string) => placeOfPatient(ontology, patient, Date.parse(text))
  expect(at('2026-01-09T23:00:00-05:00')).toBe('CA-ON')
  expect(at('2026-01-10T00:00:00-05:00')).toBe('US-FL')
  expect(at('2026-03-31T23:59:59-04:00')).toBe('US-FL')
  expect(at('2026-04-01T00:00:00-04:00')).toBe('CA-ON')
  expect(placeOfPatient(ontology, { resourceType: 'Patient' }, 0)).toBe(undefined)
})

test('a period lasts through its last day, month or year, also when the clock changes on it', () => {
  const span = (start: string, end: string) => spanOf({ start, end }, (text) => momentOf(text, zone))
  expect(span('2026-10-31', '2026-11-01')).toEqual({ from: Date.UTC(2026, 9, 31, 4), until: Date.UTC(2026, 10, 2, 5) })
  expect(span('2026-02', '2026-02')).toEqual({ from: Date.UTC(2026, 1, 1, 5), until: Date.UTC(2026, 2, 1, 5) })
  expect(span('2026', '2026-06-01T12:00:00Z')).toEqual({
    from: Date.UTC(2026, 0, 1, 5),
    until: Date.UTC(2026, 5, 1, 12),
  })
})
