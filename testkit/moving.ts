import type { Resource } from '@medplum/fhirtypes'
import type { TestHouse } from './house.ts'

const title = (text: string) => `{en: ${text}, fr: ${text}}`
const head = `pathway: probe
title: ${title('Probe')}
owner: operations-lead
starts: [{on: Condition, when: "code.text = 'probe'"}]
pauses: [{on: Encounter, when: "status = 'in-progress'", title: ${title('In hospital')}, resume: {on: Encounter, when: "status = 'finished'"}, at-most: 30 days}]
`

/** A version that many run on: work, a wait, work that the next version has no more, a message, a rest. */
export const oldVersion = `${head}stages: [{id: fresh, title: ${title('Fresh')}}, {id: known, title: ${title('Known')}}]
tracks:
  main:
    steps:
      look: {stage: fresh, task: {role: triage-nurse, title: ${title('Look')}, due: 2 days, outcomes: [{code: good, title: ${title('Good')}}, {code: bad, title: ${title('Bad')}}], escalate: [{at: 80 %, to: charge-nurse}]}}
      tell: {message: {to: patient, template: test-not-done, channels: [email], budget: urgent, fallback: [{phone: access-coordinator, due: 1 days}]}}
      rest: {stage: known, after: look.good, wait: {for: 7 days}}
      paper: {stage: known, after: look.bad, task: {role: access-coordinator, title: ${title('Paper')}, due: 3 days}}
      close: {after: {any: [rest, paper]}, task: {role: physician, title: ${title('Close')}, due: 5 days}}
`

/** The next: other words, another role, a rung more, no paper any more, and a second opinion besides. */
export const newVersion = `${head}stages: [{id: fresh, title: ${title('Fresh')}}, {id: waiting, title: ${title('Known')}}]
tracks:
  main:
    steps:
      look: {stage: fresh, task: {role: triage-nurse, title: ${title('Look twice')}, due: 3 days, outcomes: [{code: good, title: ${title('Good')}}, {code: bad, title: ${title('Bad')}}], escalate: [{at: 50 %, to: charge-nurse}, {at: 80 %, to: charge-nurse}]}}
      tell: {message: {to: patient, template: test-not-done, channels: [email], budget: urgent, fallback: [{phone: access-coordinator, due: 1 days}]}}
      settle-down: {stage: waiting, after: look.good, wait: {for: 9 days}}
      scan: {stage: waiting, after: look.bad, form: {questionnaire: 'https://throughline.example/forms/post-discharge-check', title: ${title('Scan')}, role: access-coordinator, due: 3 days}}
      finish: {after: {any: [settle-down, scan]}, task: {role: access-coordinator, title: ${title('Close')}, due: 5 days}}
  besides:
    steps:
      opinion: {task: {role: physician, title: ${title('Second opinion')}, due: 4 days}}
      remind: {message: {to: patient, template: test-not-done, channels: [email], budget: urgent, fallback: [{phone: access-coordinator, due: 1 days}]}}
`

/** Makes journeys on the old version that stand everywhere: a fifth each at work, waiting, at the paper, resting, and at the end. */
export async function manyJourneys(
  house: Pick<TestHouse, 'database' | 'alpha' | 'record' | 'context' | 'runtime'>,
  count: number,
): Promise<void> {
  const write = async (resources: (Resource & { id: string })[]) => {
    for (let at = 0; at < resources.length; at += 500)
      await house.database.transaction(house.alpha, (tx) =>
        house.record.write(
          tx,
          house.context,
          resources.slice(at, at + 500).map((resource) => ({ interaction: 'update' as const, resource })),
          { validate: false },
        ),
      )
    await house.runtime.drain(house.alpha)
  }
  const subject = (n: number) => ({ reference: `Patient/m${n}` })
  const all = Array.from({ length: count }, (_none, n) => n)
  await write(
    all.map((n) => ({
      resourceType: 'Patient',
      id: `m${n}`,
      name: [{ family: 'Moving', given: [`No ${n}`] }],
      telecom: [{ system: 'email', value: `m${n}@patients.example` }],
    })),
  )
  await write(
    all.map((n) => ({ resourceType: 'Condition', id: `m${n}`, subject: subject(n), code: { text: 'probe' } })),
  )
  const keys = await house.database.transaction(house.alpha, (tx) =>
    tx.query<{ id: string; n: string }>({
      text: `select id, substr(subject, 10) as n from journey where tenant_id = $1 and pathway = 'probe'`,
      values: [tx.tenant],
    }),
  )
  const journey = new Map(keys.map(({ id, n }) => [Number(n), id]))
  const answer = async (step: number, of: (n: number) => string | undefined) => {
    const asked = all.flatMap((n) => {
      const outcome = of(n)
      return outcome === undefined ? [] : [{ id: `${journey.get(n)}.${step}`, outcome }]
    })
    const tasks = await house.database.transaction(house.alpha, (tx) =>
      house.record.readMany(
        tx,
        asked.map(({ id }) => `Task/${id}`),
      ),
    )
    await write(
      asked.flatMap(({ id, outcome }) => {
        const task = tasks.get(`Task/${id}`)
        const output = [{ type: { coding: [{ code: 'outcome' }] }, valueCode: outcome }]
        return task?.resourceType === 'Task' ? [{ ...task, id, status: 'completed' as const, output }] : []
      }),
    )
  }
  await answer(1, (n) => (n % 5 === 1 ? 'good' : n % 5 === 2 || n % 5 === 4 ? 'bad' : undefined))
  await answer(3, (n) => (n % 5 === 4 ? 'done' : undefined))
  await write(
    all.flatMap((n) =>
      n % 5 === 3
        ? [
            {
              resourceType: 'Encounter' as const,
              id: `m${n}`,
              status: 'in-progress' as const,
              class: {},
              subject: subject(n),
            },
          ]
        : [],
    ),
  )
}
