import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { play, sourceOf, surroundings } from '../../testkit/pathway.ts'
import { checkSource, explain, type Locale, nextOf, readLibrary, type ScenarioReport, whyNot } from './index.ts'

const roles = readLibrary({
  'roles.yaml': readFileSync(new URL('../../library/roles.yaml', import.meta.url), 'utf8'),
}).roles
const steps = `
triage:
  task:
    role: triage-nurse
    title: {en: Triage, fr: Trier}
    due: 4 h
    outcomes: [{code: accept, title: {en: Accept, fr: Accepter}}, {code: redirect, title: {en: Redirect, fr: Diriger}}]
    escalate: [{at: '80 %', to: charge-nurse}]
papers: {title: {en: Papers, fr: Documents}, wait: {events: {came: {on: DocumentReference}}, at-most: 3 days}}
book: {after: [triage.accept, papers], task: {role: access-coordinator, title: {en: Book, fr: Fixer}, due: 1 days}}
tell: {title: {en: Tell, fr: Annoncer}, after: book, message: {to: patient, template: hello, channels: [sms], fallback: [{phone: access-coordinator, due: 1 days}]}}
extra: {discretionary: add, task: {role: physician, title: {en: Extra call, fr: Appel en plus}, due: 1 days}}`
const tracks = `
fever:
  title: {en: Fever, fr: Fièvre}
  starts: {on: Observation}
  steps:
    look: {task: {role: physician, title: {en: Look, fr: Voir}, due: 1 days}}`
const around = { ...surroundings, roles: roles.map((role) => role.id) }
const source = sourceOf(steps, '', tracks)
const { definition, findings } = checkSource(source, around)
if (!definition) throw new Error(JSON.stringify(findings))
const told = (locale: Locale) => ({ definition, version: 1, roles, locale, zone: 'America/Toronto' })
const run = (lines: string): ScenarioReport & { state: NonNullable<ScenarioReport['state']> } => {
  const report = play(source, lines, around)
  expect(report.failures).toEqual([])
  if (!report.state) throw new Error('it has begun')
  return { ...report, state: report.state }
}

test('staff read what would have to happen next, what follows from it, and who is told if it does not', () => {
  const { state } = run('- {expect: {open: [triage, papers]}}')
  expect(nextOf(state, told('en'))).toEqual([
    {
      step: 'triage',
      must: 'Triage nurse must do “Triage”, by Mon, Mar 2, 1:00 p.m.',
      follows: [
        'Accept → “Book” (once “Papers” has ended too)',
        'Redirect → nothing more',
        'If not, Charge nurse is told: Mon, Mar 2, 12:12 p.m.',
      ],
    },
    {
      step: 'papers',
      must: 'For “Papers”, this must happen: came, by Thu, Mar 5, 9:00 a.m.',
      follows: [
        'Came → “Book” (once “Triage” has ended too)',
        'Did not come in time → “Book” (once “Triage” has ended too)',
      ],
    },
  ])
  expect(nextOf(state, told('fr'))[0]).toEqual({
    step: 'triage',
    must: 'Infirmière au triage doit faire « Trier », avant lun. 2 mars, 13 h 00.',
    follows: [
      'Accepter → « Fixer » (une fois « Documents » aussi terminé)',
      'Diriger → rien de plus',
      'Sinon, avis à Infirmière responsable : lun. 2 mars, 12 h 12',
    ],
  })
})

test('silence is explained: what a step waits for, back to what really stands in the way', () => {
  const { state, log } = run('- {expect: {open: [triage, papers]}}')
  expect(whyNot('tell', state, log, told('en'))).toBe(
    '“Tell” has not begun: it waits for “Book” to end (“Book” has not begun: it waits for “Triage” to end with “Accept” (under way) and “Papers” to end (under way)).',
  )
  expect(whyNot('book', state, log, told('fr'))).toBe(
    '« Fixer » n’a pas commencé : il faut que « Trier » se termine par : Accepter (en cours) et que « Documents » se termine (en cours).',
  )
  expect(whyNot('look', state, log, told('en'))).toBe(
    '“Look” belongs to “Fever”, which begins with a matching Observation; that has not happened.',
  )
  expect(whyNot('extra', state, log, told('fr'))).toBe('« Appel en plus » n’a lieu que si une personne l’ajoute.')
  expect(whyNot('triage', state, log, told('en'))).toBe(
    '“Triage” is under way. Triage nurse must do “Triage”, by Mon, Mar 2, 1:00 p.m.',
  )
  expect(whyNot('nothing', state, log, told('en'))).toBeUndefined()
})

test('a way that was not taken, a rest and an end are each given as the reason', () => {
  const other = run('- {complete: triage, with: redirect}')
  expect(whyNot('book', other.state, other.log, told('en'))).toContain(
    '“Triage” to end with “Accept” (it ended with “Redirect”)',
  )
  const rests = run('- {pause: in hospital}')
  expect(whyNot('book', rests.state, rests.log, told('en'))).toBe('“Book” cannot begin: the journey is paused.')
  expect(nextOf(rests.state, told('fr'))).toMatchObject([{ must: expect.stringContaining('suspendu') }])
  const over = run('- {cancel: moved away}')
  expect(whyNot('book', over.state, over.log, told('fr'))).toBe(
    '« Fixer » n’a jamais eu lieu : le parcours s’est terminé avant.',
  )
  expect(over.log.map((entry) => explain(entry, told('en'))).at(-1)).toBe('Journey stopped by scenario: moved away.')
})

test('a message that no channel delivered says who tells it instead', () => {
  const { state } = run(`
- {complete: triage, with: accept}
- {record: {resourceType: DocumentReference, id: d, status: current, content: []}}
- {complete: book}
- {undeliverable: tell}`)
  expect(nextOf(state, told('en'))).toEqual([
    {
      step: 'tell',
      must: 'Access coordinator must tell “Tell” by telephone, by Tue, Mar 3, 9:00 a.m.: no channel delivered it.',
      follows: ['Sent → nothing more', 'Could not be delivered → nothing more'],
    },
  ])
})
