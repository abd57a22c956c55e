import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findingsOf } from '../../testkit/pathway.ts'
import { type RandomPathway, randomPathway } from '../../testkit/random-pathway.ts'

type Json = Record<string, unknown>
type Steps = Record<string, Json>

const codesOf = (random: RandomPathway, severity = 'error') =>
  findingsOf(JSON.stringify(random.definition)).flatMap((one) => (one.severity === severity ? [one.code] : []))

const stepsOf = (random: RandomPathway): Steps => random.definition.tracks['main']?.steps ?? {}
/** The first step with something of this kind in it. */
const inside = (steps: Steps, kind: string, has: (content: Json) => boolean = () => true): Json | undefined => {
  for (const step of Object.values(steps)) {
    const content = step[kind] as Json | undefined
    if (content && has(content)) return content
  }
  return undefined
}
const title = { en: 'T', fr: 'T' }
const decide = { rules: [{ when: 'tries > 2', gives: 'many' }], otherwise: 'few' }

/** Spoils a pathway that was in order; false when there is nothing in it to spoil in this way. */
const faults: Record<string, (steps: Steps, random: RandomPathway) => boolean> = {
  'unknown-step': (steps) =>
    spoil(
      Object.values(steps).find((step) => 'after' in step),
      (step) => (step['after'] = 'nowhere'),
    ),
  'unknown-outcome': (steps) =>
    spoil(
      Object.values(steps).find((step) => 'after' in step),
      (step) => (step['after'] = 'a0.never'),
    ),
  'unknown-role': (steps) => spoil(inside(steps, 'task'), (task) => (task['role'] = 'nobody')),
  'unknown-task-kind': (steps) => spoil(inside(steps, 'task'), (task) => (task['kind'] = 'nothing')),
  'unknown-template': (steps) => spoil(inside(steps, 'message'), (message) => (message['template'] = 'nothing')),
  'unknown-form': (steps) => spoil(inside(steps, 'form'), (form) => (form['questionnaire'] = 'urn:none')),
  'unknown-pathway': (steps) => spoil(inside(steps, 'start'), (start) => (start['version'] = 9)),
  'no-performer': (steps) => spoil(inside(steps, 'call'), (call) => (call['operation'] = 'pull')),
  'missing-language': (steps) => spoil(inside(steps, 'task'), (task) => (task['title'] = { en: 'T' })),
  'expression-type': (steps) =>
    spoil(
      inside(steps, 'decide', (one) => 'rules' in one),
      (one) => (one['rules'] = [{ when: 'tries', gives: 'x' }]),
    ),
  'timer-without-end': (steps) =>
    spoil(
      inside(steps, 'wait', (wait) => 'events' in wait) ?? inside(steps, 'appointment') ?? inside(steps, 'order'),
      (one) => delete one['at-most'],
    ),
  'unknown-variable': (steps) =>
    spoil(
      inside(steps, 'wait', (wait) => 'until' in wait),
      (wait) => (wait['until'] = 'tries'),
    ),
  'never-missed': (steps) => {
    steps['x'] = { task: { role: 'nurse', title } }
    steps['y'] = { after: 'x.missed', task: { role: 'nurse', title } }
    return true
  },
  deadlock: (steps) => {
    steps['x'] = { after: ['a0', 'y'], task: { role: 'nurse', title } }
    steps['y'] = { after: 'x', task: { role: 'nurse', title } }
    return true
  },
  'join-cannot-complete': (steps) => {
    steps['x'] = { after: 'a0', decide }
    steps['y'] = { after: ['x.many', 'x.few'], task: { role: 'nurse', title } }
    return true
  },
  'cycle-without-wait': (steps) => {
    steps['x'] = { after: { any: ['a0', 'y.many'] }, decide }
    steps['y'] = { after: 'x.many', decide }
    return true
  },
  'endless-loop': (steps) => {
    steps['x'] = { after: { any: ['a0', 'y'] }, wait: { for: '1 days' } }
    steps['y'] = { after: 'x', wait: { for: '1 days' } }
    return true
  },
  'step-of-another-track': (_steps, random) => {
    random.definition.tracks['third'] = {
      steps: { z: { task: { role: 'nurse', title } }, zz: { after: 'a0', task: { role: 'nurse', title } } },
    }
    return true
  },
  'no-first-track': (_steps, random) => {
    for (const track of Object.values(random.definition.tracks)) Object.assign(track, { starts: { on: 'Condition' } })
    return true
  },
}

function spoil(target: Json | undefined, change: (target: Json) => unknown): boolean {
  if (!target) return false
  change(target)
  return true
}

test.each(Object.keys(faults))('in whatever pathway, a planted %s is found', (code) => {
  let planted = 0
  fc.assert(
    fc.property(fc.array(fc.nat(10_000), { minLength: 40, maxLength: 160 }), (plan) => {
      const random = randomPathway(plan)
      fc.pre(codesOf(random).length === 0)
      fc.pre(faults[code]?.(stepsOf(random), random) === true)
      planted += 1
      expect(codesOf(random)).toContain(code)
    }),
    { numRuns: 40, maxSkipsPerRun: 100 },
  )
  expect(planted).toBeGreaterThanOrEqual(40)
})
