import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { useAutomations } from '../../testkit/automations.ts'
import { useDoor } from '../../testkit/door.ts'
import { useHouse } from '../../testkit/house.ts'
import type { ModelCard, ReleaseNote, ReleaseNoteList, SafetyCase } from '../contracts/index.ts'

const house = useHouse()
const door = useDoor(house)
const { publish, rise, standing, stop, inAlpha } = useAutomations(house)
const get = async <T>(path: string): Promise<T> => {
  const nurse = await door.signIn('nurse@alpha.example')
  const { body, status } = await door.call(nurse, 'GET', `/api/automations/${path}`)
  expect(status, JSON.stringify(body)).toBe(200)
  return body as T
}
const safetyCase = () => get<SafetyCase>('urgency/versions/1/safety-case')
const notes = async () => (await get<ReleaseNoteList>('urgency/release-notes')).items

test('a safety case says what is missing, and stops saying so when it is there', async () => {
  await publish()
  const first = await safetyCase()
  // For this automation nobody wrote hazards of its own: it has those that all have.
  expect(first.hazards.map(({ id }) => id)).toContain('cannot-be-stopped')
  expect(first.gaps).toEqual(['no-hazards', 'no-runbook', 'no-flag'])
  await standing('bounded')
  expect((await safetyCase()).gaps).toEqual([
    'no-hazards',
    'unsigned',
    'no-evidence',
    'no-drill',
    'no-runbook',
    'no-flag',
  ])
  const lead = await door.signIn('lead@alpha.example')
  await door.call(lead, 'POST', '/api/flags', {
    key: 'urgency-live',
    automation: 'urgency',
    owner: 'operations-lead',
    clinicalOwner: 'clinical-director',
    allows: 'bounded',
    scope: {},
    expires: '2026-12-31',
    retires: '2027-03-31',
    retirementTest: 'flags.db.test.ts passes without it',
    reason: 'The first year.',
  })
  await stop('It read the wrong field.')
  const now = await safetyCase()
  expect(now.gaps).toEqual(['no-hazards', 'open-incident', 'unsigned', 'no-evidence', 'no-runbook'])
  expect(now.incidents).toMatchObject([{ reason: 'It read the wrong field.', closedAt: null }])
  const nurse = await door.signIn('nurse@alpha.example')
  expect((await door.call(nurse, 'GET', '/api/automations/urgency/versions/9/safety-case')).status).toBe(404)
  expect((await door.call(nurse, 'GET', '/api/automations/urgency/versions/x/model-card')).status).toBe(400)
})

test('a note is kept at each rise, as the case stood then; nobody can change it, and its hash is in the audit', async () => {
  await house.db.asSuperuser('delete from throughline.automation_standing')
  await rise('shadow')
  const [note] = await notes()
  expect(note).toMatchObject({ version: 1, occasion: 'risen', by: 'theo' })
  const { content, hash } = await get<ReleaseNote>(`release-notes/${note?.id}`)
  expect(createHash('sha256').update(content).digest('hex')).toBe(hash)
  const kept: SafetyCase = JSON.parse(content)
  expect(kept.signers.map(({ side, by, level }) => [side, by, level])).toEqual([
    ['clinical', 'clara', 'shadow'],
    ['technical', 'theo', 'shadow'],
  ])
  expect(kept.standings).toMatchObject([{ level: 'shadow' }])
  const audited = await house.db.asSuperuser<{ content: string }>(
    `select content from throughline.audit_event where content like '%release-note-kept%'`,
  )
  expect(audited.some((event) => event.content.includes(hash))).toBe(true)
  for (const text of [`update release_note set content = '{}'`, 'delete from release_note'])
    await expect(inAlpha((tx) => tx.run({ text }))).rejects.toMatchObject({ code: '42501' })
})

test('a model card says what a version is for, what it goes by, and where it stops', async () => {
  const card = await get<ModelCard>('urgency/versions/1/model-card')
  expect(card).toMatchObject({
    kind: 'rules',
    intendedUse: { en: 'For tests' },
    training: null,
    freshFor: 1440,
    fallbackRole: 'triage-nurse',
    answers: [
      { code: 'soon', alone: false },
      { code: 'routine', alone: true },
    ],
    inputs: [
      { name: 'age', type: 'int', from: 'Patient.birthDate', required: false },
      { name: 'priority', type: 'string', from: 'ServiceRequest.priority', required: false },
    ],
    fairness: { equivalent: 0, disparity: 0, notEnough: 0 },
  })
})
