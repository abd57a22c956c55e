import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codeSystems, feeSystems, serviceModes, type ServiceDefinition } from '../../contracts/index.ts'
import { CodedError } from '../../kernel/index.ts'
import { findFaults } from '../../fhir/index.ts'
import type { Around } from './check-service.ts'
import { codeFault } from './codes.ts'
import { eligibleFor } from './eligibility.ts'
import { serviceFrom } from './from-fhir.ts'
import { readServices } from './read-services.ts'
import { definitionsOf, offeringOf } from './to-fhir.ts'

const around: Around = {
  kinds: ['visit', 'renewal'],
  jurisdictions: ['US-NY', 'CA-ON', 'CA-QC'],
  pathways: ['recall'],
  forms: ['https://example.org/forms/phq-9'],
  places: ['riverside'],
  anybodyMay: () => true,
}
const good = `
service: check-up
title: {en: Check-up, fr: Bilan}
minutes: 30
modes: [in-person]
codes: [{system: loinc, code: 4548-4}]
fees: [{system: cpt, code: '99213', in: [US-NY]}]
forms: ['https://example.org/forms/phq-9']
pathways: [recall]
eligibility: age >= 18
in: [US-NY, CA-ON]
places: [riverside]
hours: clinic
needs: [{kind: visit}]
`
const faultsOf = (...sources: string[]) => {
  try {
    readServices(
      sources.map((source, n) => ({ file: `services/${n}.yaml`, source })),
      around,
    )
    return []
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'services-invalid') throw error
    return error.faults.map(({ path, message, code }) => `${code ?? ''} ${path} ${message}`)
  }
}

test('a service that names what is not there, or a code that cannot be, is refused with its file and path', () => {
  expect(faultsOf(good)).toEqual([])
  const swap = (from: string, to: string) => faultsOf(good.replace(from, to))
  expect(swap('kind: visit', 'kind: wizardry')).toEqual([
    'unknown-kind services/0.yaml:needs.0.kind there is no kind wizardry',
  ])
  expect(swap('4548-4', '4548-5')).toEqual([
    'code-invalid services/0.yaml:codes.0.code its check digit is another: a figure is wrong',
  ])
  expect(swap("'99213', in: [US-NY]", "'99213', in: [CA-QC]")).toEqual([
    'not-offered-there services/0.yaml:fees.0.in.0 the service is not offered in CA-QC',
  ])
  expect(swap('in: [US-NY, CA-ON]', 'in: [US-NY, US-ZZ]')).toEqual([
    'unknown-jurisdiction services/0.yaml:in.1 there is no jurisdiction US-ZZ',
  ])
  expect(swap('age >= 18', 'age >= "old"')[0]).toMatch(/^expression services\/0.yaml:eligibility /)
  expect(swap('age >= 18', 'height > 2')[0]).toMatch(/^expression services\/0.yaml:eligibility .*height/)
  expect(swap('minutes: 30', 'minutes: soon')[0]).toMatch(/^shape services\/0.yaml:minutes /)
  expect(swap('hours: clinic', 'hours: {')).toHaveLength(1)
  expect(faultsOf(good, good)).toEqual(['twice services/1.yaml:service check-up is there twice'])
})

test('codes are held to their system’s form and check digit', () => {
  expect(codeFault('snomed', '44054006')).toBe(undefined)
  expect(codeFault('snomed', '44054007')).toBeDefined()
  expect(codeFault('loinc', '96607-7')).toBe(undefined)
  expect(codeFault('cpt', '9921')).toBeDefined()
  expect(codeFault('icd-10-cm', 'F32.A')).toBe(undefined)
  expect(codeFault('icd-10', 'F32.A')).toBeDefined()
})

test('whether a patient may have a service is not known as long as something that the rule asks is not', () => {
  const nobody = { age: undefined, sex: undefined, jurisdiction: undefined, payer: undefined, language: undefined }
  expect(eligibleFor(undefined, nobody)).toEqual({ eligible: true, unknown: [] })
  // Nought years would be under eighteen.
  expect(eligibleFor('age < 18', nobody)).toEqual({ eligible: undefined, unknown: ['age'] })
  expect(eligibleFor('age < 18', { ...nobody, age: 17 })).toEqual({ eligible: true, unknown: [] })
  expect(
    eligibleFor("jurisdiction == 'US-NY' && payer == 'medicare age'", { ...nobody, jurisdiction: 'US-NY' }),
  ).toEqual({
    eligible: undefined,
    unknown: ['payer'],
  })
})

const words = fc.stringMatching(/^[A-Za-zé]{1,12}$/)
const title = fc.record({ en: words, fr: words })
const some = <T>(list: readonly T[], min = 0) => fc.subarray([...list], { minLength: min })
const service: fc.Arbitrary<ServiceDefinition> = fc
  .record(
    {
      service: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
      title,
      description: title,
      minutes: fc.integer({ min: 1, max: 600 }),
      modes: some(serviceModes, 1),
      codes: fc.uniqueArray(
        fc.record({ system: fc.constantFrom(...codeSystems), code: fc.stringMatching(/^[A-Z0-9.]{1,8}$/) }),
      ),
      fees: fc.uniqueArray(
        fc.record(
          {
            system: fc.constantFrom(...feeSystems),
            code: fc.stringMatching(/^[A-Z0-9]{1,6}$/),
            in: some(around.jurisdictions, 1),
          },
          { requiredKeys: ['system', 'code'] },
        ),
      ),
      forms: some(around.forms),
      pathways: some(['recall', 'other']),
      eligibility: fc.constantFrom('age > 3', "sex == 'female'"),
      in: some(around.jurisdictions, 1),
      places: some(['riverside', 'lab.2']),
      hours: fc.constantFrom('clinic', 'always'),
      needs: fc.array(fc.record({ kind: fc.constantFrom('visit', 'renewal') }), { minLength: 1, maxLength: 3 }),
    },
    {
      requiredKeys: [
        'service',
        'title',
        'minutes',
        'modes',
        'codes',
        'fees',
        'forms',
        'pathways',
        'in',
        'places',
        'hours',
        'needs',
      ],
    },
  )
  .map((one) => one as ServiceDefinition)
// FHIR keeps codes by what they are for, so their order among each other is lost.
const sorted = (one: ServiceDefinition) => ({
  ...one,
  codes: one.codes.toSorted((a, b) => (a.system + a.code < b.system + b.code ? -1 : 1)),
})

test('what a service says comes back from its FHIR definitions whole, and those are valid R4', () => {
  fc.assert(
    fc.property(service, fc.integer({ min: 1, max: 99 }), (one, version) => {
      const [activity, charge] = definitionsOf(one, { version, status: 'active', date: 0 })
      const back = serviceFrom(activity, charge)
      expect(back && { ...back, definition: sorted(back.definition) }).toEqual({
        id: one.service,
        version,
        status: 'active',
        date: new Date(0).toISOString(),
        stored: 1,
        definition: sorted(one),
      })
      const offering = offeringOf(
        one,
        { version, status: 'active' },
        { zone: 'UTC', hours: { 1: [480, 1020] }, holidays: [] },
      )
      for (const resource of [activity, charge, offering]) expect(findFaults(resource)).toEqual([])
    }),
    { numRuns: 100 },
  )
})
