import { expect, test } from 'vitest'
import { checkProfile } from './check-profile.ts'
import { type ConformanceSource, loadProfiles } from './profile-library.ts'

const url = 'http://x/StructureDefinition/panel'
const panel = {
  resourceType: 'StructureDefinition',
  url,
  type: 'Observation',
  snapshot: {
    element: [
      { id: 'Observation', path: 'Observation' },
      {
        id: 'Observation.code',
        path: 'Observation.code',
        min: 1,
        max: '1',
        type: [{ code: 'CodeableConcept' }],
        binding: { strength: 'required', valueSet: 'http://x/ValueSet/large' },
      },
      {
        id: 'Observation.hasMember',
        path: 'Observation.hasMember',
        min: 0,
        max: '*',
        type: [
          {
            code: 'Reference',
            targetProfile: [
              'http://hl7.org/fhir/StructureDefinition/QuestionnaireResponse',
              'http://hl7.org/fhir/StructureDefinition/vitalsigns',
            ],
          },
        ],
      },
    ],
  },
}
/** A large code system, of which only a terminology knows the codes. */
const filtered = { url: 'http://x/ValueSet/large', compose: { include: [{ system: 'http://x/codes', filter: [{}] }] } }

const sourceWith = (codes: readonly string[] | undefined): ConformanceSource => ({
  find: async (_type, canonical) => {
    const found = [panel, filtered].find((one) => one.url === canonical)
    return found && JSON.stringify(found)
  },
  expand: async () => codes?.map((code) => ({ system: 'http://x/codes', code })),
})
const check = async (source: ConformanceSource, code: string, member: string) => {
  const { asked, library } = await loadProfiles(source, [url])
  const [profile] = asked
  if (!profile) throw new Error('it is here')
  const observation = {
    resourceType: 'Observation',
    code: { coding: [{ system: 'http://x/codes', code }] },
    hasMember: [{ reference: member }],
  }
  const { faults, warnings } = checkProfile(observation, profile, library)
  return { faults: faults.map(({ path, code: kind }) => `${kind} ${path}`), warnings: warnings.map(({ path }) => path) }
}

test('a value set that only a terminology can tell is held against the one that is loaded', async () => {
  expect(await check(sourceWith(['a', 'b']), 'a', 'Observation/o')).toEqual({ faults: [], warnings: [] })
  expect((await check(sourceWith(['a', 'b']), 'c', 'Observation/o')).faults).toEqual(['code-invalid Observation.code'])
})

test('without one it cannot be told, which is a warning', async () => {
  expect(await check(sourceWith(undefined), 'c', 'Observation/o')).toEqual({
    faults: [],
    warnings: ['Observation.code'],
  })
})

test('a profile of FHIR’s own is no type, though its address looks like one', async () => {
  expect((await check(sourceWith(['a']), 'a', 'Observation/o')).faults).toEqual([])
})
