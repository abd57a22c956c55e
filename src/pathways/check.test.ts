import { expect, test } from 'vitest'
import { findingsOf, sourceOf, surroundings } from '../../testkit/pathway.ts'
import { checkSource } from './index.ts'

const task = '{role: nurse, title: {en: T, fr: T}, due: 2 days}'
const ends = `, outcomes: [{code: yes, title: {en: Y, fr: O}}, {code: no, title: {en: N, fr: N}}]`
const choice = `{role: nurse, title: {en: T, fr: T}, due: 2 days${ends}}`
const main = 'tracks.main.steps.'

interface Fault {
  fault: string
  steps: string
  top?: string
  tracks?: string
  finds: string
}

const faults: Fault[] = [
  {
    fault: 'a step that is not there',
    steps: `a: {task: ${task}}\nb: {after: c, task: ${task}}`,
    finds: `unknown-step ${main}b.after`,
  },
  {
    fault: 'an outcome that never happens',
    steps: `a: {task: ${choice}}\nb: {after: a.maybe, task: ${task}}`,
    finds: `unknown-outcome ${main}b.after`,
  },
  {
    fault: 'steps that wait for each other',
    steps: `a: {task: ${task}}\nb: {after: [a, c], task: ${task}}\nc: {after: b, task: ${task}}`,
    finds: `deadlock ${main}b.after`,
  },
  {
    fault: 'a step that only such steps lead to',
    steps: `a: {task: ${task}}\nb: {after: [a, c], task: ${task}}\nc: {after: b, task: ${task}}\nd: {after: c, task: ${task}}`,
    finds: `unreachable-step ${main}d`,
  },
  {
    fault: 'a join that wants more than there are',
    steps: `a: {task: ${task}}\nb: {task: ${task}}\nc: {after: {at-least: 3, of: [a, b]}, task: ${task}}`,
    finds: `join-cannot-complete ${main}c.after`,
  },
  {
    fault: 'a join of what excludes each other',
    steps: `a: {task: ${choice}}\nb: {after: a.yes, task: ${task}}\nc: {after: a.no, task: ${task}}\nd: {after: [b, c], task: ${task}}`,
    finds: `join-cannot-complete ${main}d.after`,
  },
  {
    fault: 'a join whose branch may end elsewhere',
    steps: `a: {task: ${choice}}\nb: {task: ${task}}\nc: {after: [a.yes, b], task: ${task}}`,
    finds: `join-may-not-complete ${main}c.after`,
  },
  {
    fault: 'a circle in which no time passes',
    steps: `a: {task: ${task}}\nb: {after: {any: [a, c.sent]}, decide: {rules: [{when: 'true', gives: x}], otherwise: y}}\nc: {after: b.x, message: {to: referrer, template: hello, channels: [sms]}}`,
    finds: `cycle-without-wait ${main}b.after`,
  },
  {
    fault: 'a circle whose only pause its condition may skip',
    steps: `a: {task: ${task}}\nb: {after: {any: [a, b.skipped]}, when: 'false', task: ${task}}`,
    finds: `cycle-without-wait ${main}b.after`,
  },
  {
    fault: 'a circle without a way out',
    steps: `a: {task: ${task}}\nb: {after: {any: [a, c]}, wait: {for: 1 days}}\nc: {after: b, wait: {for: 1 days}}`,
    finds: `endless-loop ${main}b.after`,
  },
  {
    fault: 'a wait without an end',
    steps: 'a: {wait: {events: {x: {on: Observation}}}}',
    finds: `timer-without-end ${main}a.wait`,
  },
  {
    fault: 'a repetition without an end',
    steps: `a: {repeat: {every: 1 weeks}, task: ${task}}`,
    finds: `timer-without-end ${main}a.repeat`,
  },
  {
    fault: 'a rest without an end',
    steps: `a: {task: ${task}}`,
    top: 'pauses: [{on: Encounter, title: {en: P, fr: P}, resume: {on: Encounter}}]',
    finds: 'timer-without-end pauses.0',
  },
  {
    fault: 'a repeated decision',
    steps: `a: {repeat: {every: 1 weeks, times: 3}, wait: {for: 1 days}}`,
    finds: `cannot-repeat ${main}a.repeat`,
  },
  {
    fault: 'a role that is not there',
    steps: `a: {task: {role: nobody, title: {en: T, fr: T}, due: 1 days}}`,
    finds: `unknown-role ${main}a.task.role`,
  },
  {
    fault: 'a role of a fallback that is not there',
    steps: 'a: {message: {to: patient, template: hello, channels: [sms], fallback: [{phone: nobody}]}}',
    finds: `unknown-role ${main}a.message.fallback.0.phone`,
  },
  {
    fault: 'a message that is not there',
    steps: 'a: {message: {to: referrer, template: nothing, channels: [sms]}}',
    finds: `unknown-template ${main}a.message.template`,
  },
  {
    fault: 'a form that is not there',
    steps: `a: {form: {questionnaire: 'urn:form:none', title: {en: T, fr: T}, role: nurse, due: 1 days}}`,
    finds: `unknown-form ${main}a.form.questionnaire`,
  },
  {
    fault: 'a connector that is not there',
    steps: 'a: {call: {connector: ehr, operation: pull, at-most: 1 days}}',
    finds: `no-performer ${main}a.call.operation`,
  },
  {
    fault: 'an automation that is not there',
    steps: 'a: {decide: {automation: guess, gives: [x], otherwise: y, at-most: 1 h}}',
    finds: `no-performer ${main}a.decide.automation`,
  },
  {
    fault: 'a pathway that is not there',
    steps: 'a: {start: {pathway: none, version: 1}}',
    finds: `unknown-pathway ${main}a.start.pathway`,
  },
  {
    fault: 'a version that is not there',
    steps: 'a: {start: {pathway: other, version: 1}}',
    finds: `unknown-pathway ${main}a.start.version`,
  },
  {
    fault: 'a value of another type for another pathway',
    steps: 'a: {start: {pathway: other, version: 2, with: {score: name}}}',
    top: 'variables: {name: string}',
    finds: `variable-type ${main}a.start.with.score`,
  },
  {
    fault: 'a condition that gives no truth',
    steps: `a: {when: tries + 1, task: ${task}}`,
    top: 'variables: {tries: int}',
    finds: `expression-type ${main}a.when`,
  },
  {
    fault: 'a function that answers nothing in a condition on a resource',
    steps: `a: {wait: {events: {seen: {on: Observation, when: "repeat(component).exists()"}}, at-most: 1 days}}`,
    finds: `function-not-offered ${main}a.wait.events.seen.when`,
  },
  {
    fault: 'a function that answers nothing behind an index, in a value',
    steps: `a: {task: ${task}}`,
    top: 'variables: {tries: int}\nfollows: [{on: Patient, set: {tries: "name[descendants().count()].given.count()"}}]',
    finds: 'function-not-offered follows.0.set.tries',
  },
  {
    fault: 'a condition that looks at the clock',
    steps: `a: {wait: {events: {seen: {on: Patient, when: "birthDate < today()"}}, at-most: 1 days}}`,
    finds: `function-not-offered ${main}a.wait.events.seen.when`,
  },
  {
    fault: 'a text put where a number belongs',
    steps: `a: {task: ${task}}`,
    top: 'variables: {tries: int}\nfollows: [{on: Patient, set: {tries: gender}}]',
    finds: 'variable-type follows.0.set.tries',
  },
  {
    fault: 'a variable that nobody declared',
    steps: `a: {task: ${task}}`,
    top: 'follows: [{on: Patient, set: {tries: gender}}]',
    finds: 'unknown-variable follows.0.set.tries',
  },
  {
    fault: 'a date that is none',
    steps: 'a: {wait: {until: tries}}',
    top: 'variables: {tries: int}',
    finds: `unknown-variable ${main}a.wait.until`,
  },
  {
    fault: 'a stage that is not there',
    steps: `a: {stage: two, task: ${task}}`,
    finds: `unknown-stage ${main}a.stage`,
  },
  {
    fault: 'an escalation that counts from nothing',
    steps: `a: {task: {role: nurse, title: {en: T, fr: T}, escalate: [{at: 80 %, to: lead}]}}`,
    finds: `escalation-without-due ${main}a.task.escalate`,
  },
  {
    fault: 'a task that nobody notices as late',
    steps: `a: {task: {role: nurse, title: {en: T, fr: T}}}`,
    finds: `task-without-due ${main}a.task`,
  },
  {
    fault: 'a lateness that never comes',
    steps: `a: {task: {role: nurse, title: {en: T, fr: T}}}\nb: {after: a.missed, task: ${task}}`,
    finds: `never-missed ${main}b.after`,
  },
  {
    fault: 'a patient whom no channel reaches',
    steps: 'a: {message: {to: patient, template: hello, channels: [sms]}}',
    finds: `message-without-fallback ${main}a`,
  },
  {
    fault: 'a title in one language',
    steps: `a: {task: {role: nurse, title: {en: T}, due: 1 days}}`,
    finds: `missing-language ${main}a.task.title.fr`,
  },
  {
    fault: 'an added step that follows another',
    steps: `a: {task: ${task}}\nb: {after: a, discretionary: add, task: ${task}}`,
    finds: `added-step-follows ${main}b.after`,
  },
  {
    fault: 'a step of another track',
    steps: `a: {task: ${task}}`,
    tracks: `more:\n  steps:\n    b: {task: ${task}}\n    c: {after: a, task: ${task}}`,
    finds: 'step-of-another-track tracks.more.steps.c.after',
  },
  {
    fault: 'two steps of one name',
    steps: `a: {task: ${task}}`,
    tracks: `more:\n  steps:\n    a: {task: ${task}}`,
    finds: 'duplicate-step tracks.more.steps.a',
  },
  {
    fault: 'a track that can start again and never starts',
    steps: `a: {task: ${task}}`,
    tracks: `more:\n  again: true\n  steps:\n    b: {task: ${task}}`,
    finds: 'again-without-event tracks.more.again',
  },
  {
    fault: 'a way that comes when the step is open already',
    steps: `a: {task: ${choice}}\nb: {after: a.yes, task: ${task}}\nc: {after: {any: [a.yes, b]}, task: ${task}}`,
    finds: `opened-already ${main}c.after`,
  },
  { fault: 'an unknown word', steps: `a: {taks: ${task}}`, finds: `unknown-key ${main}a.taks` },
]

test.each(faults)('an author is told of $fault, and where', ({ steps, top, tracks, finds }) => {
  const found = findingsOf(sourceOf(steps, top, tracks))
  expect(found.map(({ code, path }) => `${code} ${path}`)).toContain(finds)
  const one = found.find(({ code, path }) => `${code} ${path}` === finds)
  expect(one?.line).toBeGreaterThan(0)
  expect(one?.message.length).toBeGreaterThan(15)
})

test('patient data in the subject line of a message is refused where the message is used', () => {
  const [hello] = surroundings.templates
  if (!hello) throw new Error('there is a template')
  const subject = { en: 'For {{patient.given}}', fr: 'Bonjour' }
  const { findings } = checkSource(sourceOf('a: {message: {to: referrer, template: hello, channels: [sms]}}'), {
    ...surroundings,
    templates: [{ ...hello, subject }],
  })
  expect(findings).toMatchObject([{ code: 'patient-data-in-subject', path: `${main}a.message.template`, line: 10 }])
})

test('a form for patients is refused while there are no pages to fill it in', () => {
  const form =
    "a: {form: {questionnaire: 'urn:form:check', title: {en: F, fr: F}, to: patient, template: open-form, channels: [sms], at-most: 3 days}}"
  expect(findingsOf(sourceOf(form))).toEqual([])
  expect(checkSource(sourceOf(form), { ...surroundings, formLinks: false }).findings).toMatchObject([
    { code: 'no-performer', path: `${main}a.form.to` },
  ])
})
