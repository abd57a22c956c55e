import type { Communication } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { silenceOf } from './silence.ts'

const held = (code: string): Communication => ({
  resourceType: 'Communication',
  status: 'preparation',
  extension: [
    { url: 'urn:throughline:held', valueCode: code },
    { url: 'urn:throughline:not-before', valueDateTime: '2026-06-02T12:00:00.000Z' },
  ],
})

test('a message that is held says until when and why, in both languages', () => {
  expect(silenceOf(held('quiet'), 'en', 'America/Toronto')).toBe(
    'Held until Jun 2, 2026, 8:00 a.m.: it is the patient’s quiet hours.',
  )
  expect(silenceOf(held('weekly'), 'fr', 'America/Toronto')).toBe(
    'Retenu jusqu’au 2 juin 2026, 08 h 00 : la personne a déjà reçu cette semaine tous les messages permis.',
  )
})

test('a message that was not sent says why; one that was says nothing', () => {
  const message = {
    resourceType: 'Communication',
    status: 'not-done',
    statusReason: { text: 'consent refuses it' },
  } as const
  expect(silenceOf(message, 'en', 'UTC')).toBe('Not sent: the patient’s consent does not allow it.')
  expect(silenceOf({ resourceType: 'Communication', status: 'completed' }, 'en', 'UTC')).toBeNull()
  expect(silenceOf({ resourceType: 'Communication', status: 'preparation' }, 'fr', 'UTC')).toContain('En file')
})
