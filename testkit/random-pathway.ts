/** Reads choices one after the other; 0 when they are used up, so that a shrunk list still makes a pathway. */
export class Choices {
  readonly #list: readonly number[]
  #at = 0
  constructor(list: readonly number[]) {
    this.#list = list
  }
  below(limit: number): number {
    const choice = this.#list[this.#at] ?? 0
    this.#at += 1
    return choice % limit
  }
  of<const T extends readonly [unknown, ...unknown[]]>(items: T): T[number] {
    return items[this.below(items.length)] ?? items[0]
  }
  /** True once in `n` times. */
  once(n: number): boolean {
    return this.below(n) === n - 1
  }
}

type Json = Record<string, unknown>
export interface RandomPathway {
  definition: Json & { tracks: Record<string, { steps: Record<string, Json> }> }
  /** Kind and outcomes of each step. */
  outcomes: Record<string, string[]>
}

const title = { en: 'T', fr: 'T' }
const durations = ['90 min', '4 h', '1 days', '2 business days', '6 business hours', '1 weeks'] as const

function kind(choices: Choices): { step: Json; outcomes: string[] } {
  const atMost = { 'at-most': choices.of(durations) }
  switch (choices.below(12)) {
    case 0:
    case 1: {
      const codes = ['yes', 'no', 'later'].slice(0, 1 + choices.below(3))
      const task = {
        role: 'nurse',
        title,
        due: choices.of(durations),
        outcomes: codes.map((code) => ({ code, title })),
        escalate: choices.once(2)
          ? [
              { at: '80 %', to: 'lead' },
              { at: '100 %', to: 'lead' },
            ]
          : undefined,
      }
      return { step: { task }, outcomes: [...codes, 'missed', 'cancelled'] }
    }
    case 2: {
      const fallback = choices.once(2) ? [{ phone: 'clerk', due: '1 days' }, { letter: 'clerk' }] : undefined
      return {
        step: { message: { to: 'referrer', template: 'hello', channels: ['sms'], fallback } },
        outcomes: ['sent', 'failed'],
      }
    }
    case 3:
      return {
        step: { wait: { for: choices.of(durations), at: choices.once(2) ? '09:00' : undefined } },
        outcomes: ['done'],
      }
    case 4:
      return { step: { wait: { until: 'visit', less: choices.of(durations) } }, outcomes: ['done'] }
    case 5:
      return {
        step: {
          wait: {
            events: {
              seen: { on: 'Observation', set: { tries: 'value.ofType(integer)' } },
              visit: { on: 'Appointment', set: { visit: 'start' } },
            },
            ...atMost,
          },
        },
        outcomes: ['seen', 'visit', 'late', 'missed'],
      }
    case 6:
      return {
        step: { decide: { rules: [{ when: 'tries > 2', gives: 'many' }], otherwise: 'few' } },
        outcomes: ['many', 'few'],
      }
    case 7:
      return {
        step: { form: { questionnaire: 'urn:form:check', title, role: 'nurse', due: '1 days', ...atMost } },
        outcomes: ['answered', 'late', 'missed', 'cancelled'],
      }
    case 8:
      return { step: { appointment: { title, ...atMost } }, outcomes: ['booked', 'declined', 'late'] }
    case 9:
      return {
        step: { order: { title, code: { system: 'http://loinc.org', code: 'x' }, result: 'Observation', ...atMost } },
        outcomes: ['resulted', 'declined', 'late'],
      }
    case 10:
      return choices.once(2)
        ? { step: { call: { connector: 'ehr', operation: 'push', ...atMost } }, outcomes: ['done', 'failed', 'late'] }
        : {
            step: { decide: { automation: 'urgency', gives: ['many', 'few'], otherwise: 'few', ...atMost } },
            outcomes: ['many', 'few'],
          }
    default:
      return choices.once(2)
        ? { step: { wait: { condition: 'tries > 4', ...atMost } }, outcomes: ['met', 'late'] }
        : { step: { start: { pathway: 'other', version: 2, ...atMost } }, outcomes: ['well', 'unwell', 'late'] }
  }
}

const repeatable = ['task', 'message', 'form', 'appointment', 'order', 'call']

/** Steps one after the other, each following some before it, with circles back to an earlier one. */
function randomSteps(choices: Choices, prefix: string, count: number, outcomes: Record<string, string[]>) {
  const steps: Record<string, Json> = {}
  const names: string[] = []
  const edgeFrom = (name: string) =>
    choices.once(3) ? name : `${name}.${choices.of([outcomes[name]?.[0] ?? '', ...(outcomes[name]?.slice(1) ?? [])])}`
  for (let n = 0; n < count; n += 1) {
    const id = `${prefix}${n}`
    const made = kind(choices)
    const step: Json = made.step
    outcomes[id] = made.outcomes
    if (choices.once(5)) {
      step['when'] = 'tries < 3'
      made.outcomes.push('skipped')
    }
    if (choices.once(6) && !step['when']) {
      step['discretionary'] = 'skip'
      made.outcomes.push('skipped')
    }
    if (repeatable.some((kind) => kind in step) && choices.once(4))
      step['repeat'] = {
        every: choices.of(['4 h', '1 days', '1 weeks']),
        times: 2 + choices.below(3),
        until: choices.once(2) ? 'tries > 3' : undefined,
        on: choices.once(3) ? 'business days' : undefined,
      }
    if (n > 0) {
      const from = Array.from({ length: 1 + choices.below(3) }, () =>
        edgeFrom(names[choices.below(names.length)] ?? ''),
      )
      const list = [...new Set(from)]
      step['after'] =
        list.length === 1 && choices.once(2)
          ? list[0]
          : choices.once(3)
            ? list
            : choices.once(3)
              ? { 'at-least': Math.min(2, list.length), of: list }
              : { any: list }
      // A circle: a later step may lead back here.
      const after = step['after']
      if (typeof after === 'object' && after !== null && 'any' in after && choices.once(2)) step['back'] = true
    } else if (choices.once(8)) step['discretionary'] = 'skip'
    steps[id] = step
    names.push(id)
  }
  for (const [place, id] of names.entries()) {
    const step = steps[id]
    if (!step?.['back']) continue
    delete step['back']
    const after = step['after'] as { any: string[] }
    after.any.push(edgeFrom(names[place + choices.below(names.length - place)] ?? id))
  }
  if (choices.once(4))
    steps[`${prefix}-added`] = { discretionary: 'add', task: { role: 'nurse', title, due: '1 days' } }
  return steps
}

/** A pathway of whatever the language knows. The checker may still refuse it. */
export function randomPathway(list: readonly number[]): RandomPathway {
  const choices = new Choices(list)
  const outcomes: Record<string, string[]> = {}
  const main = randomSteps(choices, 'a', 2 + choices.below(8), outcomes)
  const tracks: RandomPathway['definition']['tracks'] = { main: { steps: main } }
  if (choices.once(2)) {
    const steps = randomSteps(choices, 'b', 1 + choices.below(4), outcomes)
    const starts = choices.once(2) ? { on: 'Condition' } : undefined
    const more = { starts, again: starts && choices.once(2) ? true : undefined, stops: [{ on: 'Flag' }], steps }
    tracks['more'] = more
  }
  const pauses = choices.once(2)
    ? [{ on: 'Encounter', title, 'at-most': '1 weeks', resume: { on: 'Goal' } }]
    : undefined
  const definition = {
    pathway: 'random',
    title,
    owner: 'lead',
    starts: [{ on: 'ServiceRequest' }],
    variables: { tries: 'int', visit: 'dateTime' },
    follows: [
      { on: 'Appointment', set: { visit: 'start' } },
      { on: 'MedicationRequest', set: { tries: 'dispenseRequest.numberOfRepeatsAllowed' } },
    ],
    pauses,
    stages: [{ id: 'one', title }],
    tracks,
  }
  return { definition: JSON.parse(JSON.stringify(definition)), outcomes }
}
