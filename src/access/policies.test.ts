import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readYaml } from '../pathways/index.ts'
import { createPolicies, roleTitles } from './index.ts'

const policies = createPolicies({ read: readYaml, roles: roleTitles().map(({ id }) => id) })
const folder = new URL('../../library/policies/', import.meta.url)
const clinic = readFileSync(new URL('clinic.yaml', folder), 'utf8')

test('every policy of the library passes its checker without a word', () => {
  const files = readdirSync(folder)
  expect(files.length).toBeGreaterThan(2)
  for (const file of files)
    expect([file, policies.check(readFileSync(new URL(file, folder), 'utf8'))]).toEqual([file, []])
})

test.each([
  ['an unknown word', clinic.replace('effect: hide', 'effect: veil'), 'shape'],
  ['no YAML', `${clinic}\n  : [`, 'yaml-syntax'],
  ['a rule twice', clinic.replace('rule: coordination', 'rule: clinical-staff'), 'rule-twice'],
  ['a name of the house', clinic.replace('rule: coordination', 'rule: consent'), 'rule-reserved'],
  ['a role that does not exist', clinic.replace('supervisor: clinical-director', 'supervisor: nobody'), 'unknown-role'],
  [
    'a relationship that does not exist',
    clinic.replace('relations: [self, family]', 'relations: [neighbour]'),
    'shape',
  ],
  ['an element that cannot be hidden', clinic.replace('Patient.photo', 'Patient.meta'), 'element-needed'],
  ['a label that nothing guards', clinic.replaceAll('SUD, PSY', 'PSY'), 'label-unused'],
])('the checker names %s and where it stands', (_what, source, code) => {
  const found = policies.check(source)
  expect(found.map((one) => one.code)).toContain(code)
  expect(found.every((one) => typeof one.line === 'number')).toBe(true)
})
