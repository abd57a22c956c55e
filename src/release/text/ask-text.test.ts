import { expect, test } from 'vitest'
import { table } from '../../../testkit/pathway.ts'
import { readAutomation } from '../index.ts'
import { askText } from './ask-text.ts'

const { automation } = readAutomation(
  `automation: letter
title: {en: Letter, fr: Lettre}
intended-use: {en: For tests, fr: Pour les essais}
owner: lead
clinical-owner: lead
inputs: {reason: {type: string, on: ServiceRequest, path: reasonCode.first().text}}
answers: [{code: yes-it-is, title: {en: 'Yes', fr: Oui}}]
fallback: {role: lead, title: {en: Decide, fr: Décider}, due: 60}
text: {model: tiny, prompt: Is it?}
`,
  1,
  { table, roles: ['lead'] },
)
if (!automation) throw new Error('it is in order')

test('without an endpoint nothing is asked', async () => {
  expect(await askText(undefined, automation, { reason: 'x' })).toEqual({ silence: 'no-endpoint' })
  expect(await askText(undefined, automation, { reason: null })).toEqual({ silence: 'input-missing' })
})

test('an endpoint that this server may not call is not called', async () => {
  const endpoint = { url: 'http://127.0.0.1:9/v1', key: undefined, outbound: { allow: [] }, timeout: 200 }
  await expect(askText(endpoint, automation, { reason: 'x' })).rejects.toThrow('not on the list of allowed addresses')
})
