import { expect, test } from 'vitest'
import { calendar, table } from '../../../testkit/pathway.ts'
import { compile, parse, runScenarios } from '../index.ts'
import { expectAsFound } from './expect-as-found.ts'

const source = `pathway: visit
title: {en: Visit, fr: Visite}
owner: lead
starts: [{on: ServiceRequest}]
variables: {score: int}
stages: [{id: begun, title: {en: Begun, fr: Commencé}}, {id: seen, title: {en: Seen, fr: Vu}}]
tracks:
  main:
    steps:
      call: {stage: begun, task: {role: nurse, title: {en: Call, fr: Appeler}, due: 2 days}}
      see: {after: call, stage: seen, task: {role: nurse, title: {en: See, fr: Voir}, due: 3 days}}
`
const played = (scenario: string) => {
  const { definition } = parse(source)
  if (!definition) throw new Error('no definition')
  return runScenarios(compile(definition, 1, table).pathway, [{ name: 'it', source: scenario }], calendar).results[0]
}
const scenario = (expectation: string) => `scenario: it
pathway: visit
lines:
  # A referral comes in.
  - at: 2026-03-02 09:00
    record: {resourceType: ServiceRequest, id: r1, subject: {reference: Patient/p1}}
    expect: ${expectation}
`

test('a scenario takes what happens now as what it expects, and keeps the rest as it was written', () => {
  const before = scenario(
    '{stage: seen, open: [see], due: {call: 2026-03-09 09:00}, messages: [hello], status: active}',
  )
  const result = played(before)
  expect(result?.ok).toBe(false)
  const after = expectAsFound(before, result?.failures ?? [], calendar) ?? ''
  expect(after).toContain('# A referral comes in.')
  expect(after.split('\n').at(-2)).toBe(
    '    expect: {stage: begun, open: [call], due: {call: 2026-03-04 09:00}, messages: [], status: active}',
  )
  expect(played(after)).toMatchObject({ ok: true, failures: [] })
})

test('what is expected of a step that is not open any more is left out', () => {
  const before = scenario('{due: {see: 2026-03-09 09:00}, stage: begun}')
  const after = expectAsFound(before, played(before)?.failures ?? [], calendar) ?? ''
  expect(after).toContain('expect: {due: {}, stage: begun}')
  expect(played(after)?.ok).toBe(true)
})

test('an act that is not possible any more is for a person to change', () => {
  const before = `${scenario('{stage: begun}')}  - complete: see\n`
  expect(expectAsFound(before, played(before)?.failures ?? [], calendar)).toBeUndefined()
})

test('a scenario that stands is not touched', () => {
  expect(expectAsFound(scenario('{stage: begun}'), [], calendar)).toBeUndefined()
})
