import { expect, test } from 'vitest'
import { calendar, play, sourceOf, surroundings, table } from '../../testkit/pathway.ts'
import { advance, checkSource, compile, type JourneyEvent, type JourneyState } from './index.ts'

const holds = (source: string, lines: string) => {
  const report = play(source, lines)
  expect(report.failures).toEqual([])
  return report
}
const task = (more = '') => `{role: nurse, title: {en: T, fr: T}, due: 2 days${more}}`
const outcomes = (...codes: string[]) =>
  `, outcomes: [${codes.map((code) => `{code: ${code}, title: {en: ${code}, fr: ${code}}}`).join(', ')}]`

test('a join of two of three opens with the second, and only once', () => {
  const steps = `
a: {task: ${task()}}
b: {task: ${task()}}
c: {task: ${task()}}
d: {after: {at-least: 2, of: [a, b, c]}, task: ${task()}}`
  holds(
    sourceOf(steps),
    `
- {complete: a, expect: {open: [b, c]}}
- {complete: c, expect: {open: [b, d]}}
- {complete: b, expect: {open: [d]}}
- {complete: d, expect: {status: completed}}`,
  )
})

const race = `
begin: {task: ${task()}}
left: {after: {any: [begin, joint.again]}, task: ${task()}}
right: {after: left, task: ${task()}}
other: {after: left, task: ${task()}}
joint: {after: {any: [right, other]}, task: ${task(outcomes('again', 'stop'))}}`

test('two branches that race inside a circle open their joint step once in each round', () => {
  holds(
    sourceOf(race),
    `
- {complete: begin}
- {complete: left, expect: {open: [right, other]}}
- {complete: right, expect: {open: [other, joint]}}
- {complete: other, expect: {open: [joint]}}
- {complete: joint, with: again, expect: {open: [left]}}
- {complete: left}
- {complete: other, expect: {open: [right, joint]}}
- {complete: joint, with: stop, expect: {open: [right]}}
- {complete: right, expect: {status: completed}}`,
  )
})

test('what a circle has left open is withdrawn when it goes round, and does not spoil the next round', () => {
  const { log } = holds(
    sourceOf(race),
    `
- {complete: begin}
- {complete: left}
- {complete: right}
- {complete: joint, with: again, expect: {open: [left]}}
- {complete: left, expect: {open: [right, other]}}
- {complete: other, expect: {open: [joint, right]}}`,
  )
  expect(log.filter((entry) => entry.kind === 'withdrawn')).toMatchObject([
    { step: 'other', n: 1, data: { why: 'again' } },
  ])
})

test('a join of all beside a circle waits for the answer of the round that runs, not for an old one', () => {
  const steps = `
begin: {task: ${task()}}
side: {task: ${task()}}
check: {after: {any: [begin, check.again]}, task: ${task(outcomes('again', 'fine'))}}
closing: {after: [check, side], task: ${task()}}`
  holds(
    sourceOf(steps),
    `
- {complete: begin}
- {complete: check, with: again, expect: {open: [check, side]}}
- {complete: side, expect: {open: [check]}}
- {complete: check, with: fine, expect: {open: [closing]}}`,
  )
})

test('alternate ways round a circle each open what follows them', () => {
  const steps = `
begin: {task: ${task()}}
ask: {after: {any: [begin, told.again]}, task: ${task(outcomes('phone', 'letter'))}}
phone: {after: ask.phone, task: ${task()}}
letter: {after: ask.letter, task: ${task()}}
told: {after: {any: [phone, letter]}, task: ${task(outcomes('again', 'stop'))}}
note: {after: {any: [phone, letter]}, task: ${task()}}`
  holds(
    sourceOf(steps),
    `
- {complete: begin}
- {complete: ask, with: phone}
- {complete: phone, expect: {open: [told, note]}}
- {complete: note}
- {complete: told, with: again}
- {complete: ask, with: letter}
- {complete: letter, expect: {open: [told, note]}}`,
  )
})

test('the same change of the record does not satisfy what waits for the next one', () => {
  const result = `{events: {came: {on: Observation}}, at-most: 9 days}`
  const { definition } = checkSource(
    sourceOf(`first: {wait: ${result}}\nsecond: {after: first.came, wait: ${result}}`),
    surroundings,
  )
  if (!definition) throw new Error('the probe is in order')
  const { pathway } = compile(definition, 1, table)
  const now = Date.UTC(2026, 2, 2, 14)
  const observed = (id: string, version: number): JourneyEvent => ({
    id: `Observation/${id}/${version}`,
    at: now,
    kind: 'change',
    change: { interaction: 'create', resource: { resourceType: 'Observation', id, status: 'final', code: {} } },
  })
  const begun: JourneyEvent = {
    id: 'ServiceRequest/r1/1',
    at: now,
    kind: 'start',
    journey: 'j',
    key: 'r1',
    subject: 'Patient/p1',
    parent: { journey: 'p', trigger: 'ServiceRequest/r1', priority: 'routine', variables: {} },
  }
  const states = [begun, observed('o1', 1), observed('o1', 1), observed('o2', 1)].reduce<JourneyState[]>(
    (all, event) => [...all, advance(pathway, all.at(-1), event, { now, calendar }).state],
    [],
  )
  expect(states.map((state) => Object.keys(state.open))).toEqual([['first'], ['second'], ['second'], []])
})

test('a weekly check keeps its hour over the clock change, and one of every few days skips closed days', () => {
  const steps = `check: {repeat: {every: 1 weeks, times: 3, at: '10:00'}, task: ${task()}}
after: {after: check, task: ${task()}}`
  holds(
    sourceOf(steps),
    `
- {expect: {due: {check: 2026-03-04 09:00}}}
- {complete: check, expect: {open: []}}
- {at: 2026-03-09 09:59, expect: {open: []}}
- {at: 2026-03-09 10:00, expect: {open: [check]}}
- {complete: check}
- {at: 2026-03-16 10:00, expect: {open: [check]}}
- {complete: check, expect: {open: [after]}}`,
  )
  holds(
    sourceOf(`check: {repeat: {every: 5 days, times: 3, on: business days}, task: ${task()}}`),
    `
- {complete: check}
- {at: 2026-03-07 09:00, expect: {open: []}}
- {at: 2026-03-09 09:00, expect: {open: [check]}}
- {complete: check}
- {at: 2026-03-12 09:00, expect: {open: [check]}}
- {complete: check, expect: {status: completed}}`,
  )
})

test('an occurrence that is still open when the next one comes is missed, and said to be', () => {
  const steps = `check: {repeat: {every: 1 weeks, times: 2}, task: {role: nurse, title: {en: T, fr: T}, due: 9 days}}`
  const { log } = holds(
    sourceOf(steps),
    `
- {at: +8 days, expect: {open: [check], missed: [check]}}
- {complete: check, expect: {status: completed}}`,
  )
  expect(log.filter((entry) => entry.kind === 'withdrawn')).toMatchObject([{ step: 'check', data: { why: 'missed' } }])
})

test('an occurrence that its condition skips counts, and the repetition goes on and ends', () => {
  const steps = `
check: {when: weight < 50.0, repeat: {every: 1 weeks, times: 3}, task: ${task()}}
after: {after: check, task: ${task()}}`
  const top = 'variables: {weight: double}\nfollows: [{on: Observation, set: {weight: value.ofType(Quantity).value}}]'
  const weight = (value: number) =>
    `{record: {resourceType: Observation, id: w${value}, status: final, code: {}, valueQuantity: {value: ${value}}}}`
  holds(
    sourceOf(steps, top),
    `
- {complete: check}
- ${weight(60)}
- {at: +1 weeks, expect: {open: []}}
- ${weight(40)}
- {at: +1 weeks, expect: {open: [check]}}
- {complete: check, expect: {open: [after]}}`,
  )
  holds(
    sourceOf(steps, top),
    `
- {complete: check}
- ${weight(60)}
- {at: +1 weeks}
- {at: +1 weeks, expect: {open: [after]}}`,
  )
})

test('a repetition ends as soon as its goal is reached', () => {
  const steps = `
check:
  repeat: {every: 1 weeks, times: 9, until: score < 5}
  form: {questionnaire: 'urn:form:check', title: {en: F, fr: F}, role: nurse, due: 2 days, set: {score: "item.where(linkId = 'sum').answer.value.ofType(integer).first()"}}
low: {after: check, task: ${task()}}`
  const answer = (value: number) => `{item: [{linkId: sum, answer: [{valueInteger: ${value}}]}]}`
  holds(
    sourceOf(steps, 'variables: {score: int}'),
    `
- {complete: check, saying: ${answer(12)}, expect: {open: [], variables: {score: 12}}}
- {at: +1 weeks, expect: {open: [check]}}
- {complete: check, saying: ${answer(4)}, expect: {open: [low], variables: {score: 4}}}`,
  )
})

test('a reminder goes two days before the appointment, and moves with it', () => {
  const top = `
variables: {visit: dateTime}
follows: [{on: Appointment, when: "status = 'booked'", set: {visit: start}}]`
  const visit = (id: string, start: string) =>
    `{resourceType: Appointment, id: ${id}, status: booked, start: '${start}', participant: []}`
  holds(
    sourceOf(
      `
booked: {wait: {events: {yes: {on: Appointment, set: {visit: start}}}, at-most: 30 days}}
remind: {after: booked.yes, wait: {until: visit, less: 2 days, at: '09:00'}}
tell: {after: remind, task: ${task()}}`,
      top,
    ),
    `
- {record: ${visit('a', '2026-03-10T14:00:00-04:00')}, expect: {open: [remind], due: {remind: 2026-03-08 09:00}}}
- {record: ${visit('a', '2026-03-20T14:00:00-04:00')}, expect: {due: {remind: 2026-03-18 09:00}}}
- {at: 2026-03-08 10:00, expect: {open: [remind]}}
- {at: 2026-03-18 09:00, expect: {open: [tell]}}`,
  )
})

test('a patient in another zone is reminded on their own clock, also after they move', () => {
  const patient = (zone: string) =>
    `{resourceType: Patient, id: p1, extension: [{url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: ${zone}}]}`
  holds(
    sourceOf(
      `pause: {wait: {for: 1 days, at: '09:00'}}\nagain: {after: pause, wait: {for: 1 days, at: '09:00'}}`,
      'zone: patient',
    ),
    `
- {expect: {due: {pause: 2026-03-03 09:00}}}
- {record: ${patient('America/Vancouver')}}
- {at: 2026-03-03 09:00, expect: {due: {again: 2026-03-04 12:00}}}`,
  )
})

test('a message that no channel delivers is told by telephone, then by letter, within the same step', () => {
  const steps = `
tell: {message: {to: patient, template: hello, channels: [sms, email], fallback: [{phone: clerk, due: 1 days}, {letter: clerk}]}}
told: {after: tell.sent, task: ${task()}}
lost: {after: tell.failed, task: ${task()}}`
  holds(
    sourceOf(steps),
    `
- {undeliverable: tell, expect: {open: [tell], due: {tell: 2026-03-03 09:00}}}
- {complete: tell, with: not-reached, expect: {open: [tell]}}
- {complete: tell, with: posted, expect: {open: [told]}}`,
  )
  holds(
    sourceOf(steps),
    `
- {undeliverable: tell}
- {complete: tell, with: not-reached}
- {complete: tell, with: not-possible, expect: {open: [lost]}}`,
  )
})

test('an appointment is asked for, and its time becomes known when it is booked', () => {
  const steps = `
visit: {appointment: {title: {en: V, fr: V}, at-most: 20 days, set: {when: start}}}
reminder: {after: visit.booked, wait: {until: when, less: 1 days}}
call: {after: {any: [visit.declined, visit.late]}, task: ${task()}}`
  holds(
    sourceOf(steps, 'variables: {when: dateTime}'),
    `
- {complete: visit, saying: {start: '2026-03-12T10:00:00-04:00'}, expect: {open: [reminder], due: {reminder: 2026-03-11 10:00}}}`,
  )
  const late = holds(
    sourceOf(steps, 'variables: {when: dateTime}'),
    '- {at: +20 days, expect: {open: [call], missed: [visit]}}',
  )
  expect(late.log.find((entry) => entry.kind === 'missed')?.rule).toBe('tracks.main.steps.visit.appointment.at-most')
})

test('an order ends with its own result, and not with somebody else’s', () => {
  const order = `{title: {en: O, fr: O}, code: {system: 'http://loinc.org', code: 4548-4}, result: Observation, at-most: 9 days, set: {value: value.ofType(Quantity).value}}`
  holds(
    sourceOf(`hba1c: {order: ${order}}\nread: {after: hba1c.resulted, task: ${task()}}`, 'variables: {value: double}'),
    `
- {record: {resourceType: Observation, id: x, status: final, code: {}, basedOn: [{reference: ServiceRequest/other}]}, expect: {open: [hba1c]}}
- {complete: hba1c, saying: {valueQuantity: {value: 7.2}}, expect: {open: [read], variables: {value: 7.2}}}`,
  )
})

test('connectors and automations answer by their tasks; one that does not answer in time is passed over', () => {
  const steps = `
push: {call: {connector: ehr, operation: push, at-most: 1 days}}
level: {after: push.done, decide: {automation: urgency, gives: [high, low], otherwise: unsure, at-most: 1 h}}
person: {after: level.unsure, task: ${task()}}
soon: {after: level.high, task: ${task()}}
repair: {after: {any: [push.failed, push.late]}, task: ${task()}}`
  holds(
    sourceOf(steps),
    `
- {complete: push, expect: {open: [level]}}
- {complete: level, with: high, expect: {open: [soon]}}`,
  )
  holds(sourceOf(steps), `\n- {complete: push}\n- {at: +1 h, expect: {open: [person]}}`)
  holds(sourceOf(steps), '- {complete: push, with: failed, expect: {open: [repair]}}')
})

test('another pathway is begun by its exact version, and its outcome leads on', () => {
  const steps = `
screen: {start: {pathway: other, version: 2, with: {score: points}}}
worse: {after: screen.unwell, task: ${task()}}`
  holds(sourceOf(steps, 'variables: {points: int}'), '- {complete: screen, with: unwell, expect: {open: [worse]}}')
})

test('a person may add a step, and skip one, each with a reason; other steps they may not', () => {
  const steps = `
visit: {discretionary: skip, task: ${task()}}
after: {after: visit, task: ${task()}}
call: {discretionary: add, task: ${task()}}
calm: {after: call, task: ${task()}}`
  const { log } = holds(
    sourceOf(steps),
    `
- {add: call, because: sounded low, expect: {open: [visit, call]}}
- {complete: call, expect: {open: [visit, calm]}}
- {complete: calm}
- {add: call, because: once more}
- {complete: call, expect: {open: [visit, calm]}}
- {skip: visit, because: was seen elsewhere, expect: {open: [after, calm]}}`,
  )
  expect(log.filter((entry) => entry.data['reason'] !== undefined).map((entry) => entry.data['reason'])).toEqual([
    'sounded low',
    'once more',
    'was seen elsewhere',
  ])
  expect(play(sourceOf(steps), '- {skip: after, because: no}').failures).toMatchObject([{ found: 'not-discretionary' }])
})

test('a journey that rests asks for nothing, and goes on with the time it had left', () => {
  const steps = `
visit: {task: {role: nurse, title: {en: T, fr: T}, due: 4 h, escalate: [{at: '50 %', to: lead}]}}
next: {after: visit, task: ${task()}}`
  const top = `pauses: [{on: Encounter, when: "status = 'in-progress'", title: {en: In hospital, fr: Hospitalisé}, at-most: 30 days, resume: {on: Encounter, when: "status = 'finished'"}}]`
  const encounter = (status: string) =>
    `{resourceType: Encounter, id: e1, status: ${status}, class: {code: IMP}, subject: {reference: Patient/p1}}`
  const begun = `
- at: +1 h
  record: ${encounter('in-progress')}
  expect: {resting: true}
- {at: +3 days, expect: {escalated: {visit: []}, missed: []}}`
  holds(
    sourceOf(steps, top),
    `${begun}
- {record: ${encounter('finished')}, expect: {resting: false, open: [visit], due: {visit: 2026-03-05 13:00}}}
- {at: +1 h, expect: {escalated: {visit: [lead]}}}`,
  )
  holds(
    sourceOf(steps, top),
    `${begun}
- {complete: visit, expect: {open: []}}
- {record: ${encounter('finished')}, expect: {open: [next]}}`,
  )
  holds(sourceOf(steps, top), `${begun}\n- {at: +30 days, expect: {resting: false, missed: [visit]}}`)
  holds(
    sourceOf(steps),
    `\n- {pause: on holiday, expect: {resting: true}}\n- {at: +3 days}\n- {resume: back, expect: {resting: false, missed: []}}`,
  )
})

test('a lateness is an event: steps follow it, tracks start by it, and the late step stays open', () => {
  const steps = `
visit: {task: ${task()}}
chase: {after: visit.missed, task: ${task()}}`
  const tracks = `
review:
  starts: {missed: [visit]}
  steps:
    look: {task: ${task()}}`
  holds(sourceOf(steps, '', tracks), '- {at: +2 days, expect: {open: [visit, chase, look], missed: [visit]}}')
})

test('a track starts by its event, stops by another, and starts again when it may', () => {
  const tracks = `
fever:
  again: true
  starts: {on: Observation}
  stops: [{on: Encounter}]
  steps:
    look: {task: ${task()}}
    then: {after: look, task: ${task()}}`
  const encounter = '{resourceType: Encounter, id: e1, status: finished, class: {code: AMB}}'
  const fever = (id: string) => `{resourceType: Observation, id: ${id}, status: final, code: {}}`
  holds(
    sourceOf('long: {wait: {for: 90 days}}', '', tracks),
    `
- {record: ${fever('a')}, expect: {open: [long, look]}}
- {record: ${fever('b')}, expect: {open: [long, look]}}
- {complete: look, expect: {open: [long, then]}}
- {record: ${encounter}, expect: {open: [long]}}
- {record: ${fever('c')}, expect: {open: [long, look]}}
- {complete: look, expect: {open: [long, then]}}
- {complete: then}
- {record: ${fever('d')}, expect: {open: [long, look]}}`,
  )
})

test('a step waits for a condition on what is known', () => {
  const steps = `ready: {wait: {condition: weight > 40.0, at-most: 60 days}}\nstart: {after: ready.met, task: ${task()}}`
  const top = 'variables: {weight: double}\nfollows: [{on: Observation, set: {weight: value.ofType(Quantity).value}}]'
  const weight = (value: number) =>
    `{resourceType: Observation, id: w${value}, status: final, code: {}, valueQuantity: {value: ${value}}}`
  holds(
    sourceOf(steps, top),
    `
- {record: ${weight(39)}, expect: {open: [ready]}}
- {record: ${weight(41)}, expect: {open: [start]}}`,
  )
})

test('a step that its condition skips has an edge of its own', () => {
  const steps = `
extra: {when: 'false', task: ${task()}}
plain: {after: {any: [extra.done, extra.skipped]}, task: ${task()}}
never: {after: extra, task: ${task()}}`
  holds(sourceOf(steps), '- {expect: {open: [plain]}}')
})
