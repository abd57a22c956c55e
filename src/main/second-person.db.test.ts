import type { Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { useHouse } from '../../testkit/house.ts'
import { hire } from '../../testkit/team.ts'
import { type CallContext, CodedError } from '../kernel/index.ts'
import { actOnTask } from '../work/index.ts'

const house = useHouse()
const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)
const act = (id: string, context: CallContext, action: Parameters<typeof actOnTask>[4]) =>
  inAlpha((tx) =>
    actOnTask(tx, context, house.record, id, action, { mayManage: true, roles: [], routing: house.routing }),
  )
const refusal = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return error instanceof CodedError ? error.code : error
}
const source = `
pathway: two-sign
title: {en: Two sign, fr: Deux signent}
owner: operations-lead
starts: [{on: ServiceRequest, when: "code.text = 'two sign'"}]
stages: [{id: asked, title: {en: Asked, fr: Demandé}}]
tracks:
  main:
    steps:
      sign:
        stage: asked
        task: {role: physician, title: {en: Sign, fr: Signer}, due: 4 h}
      sign-again:
        after: sign
        task: {role: physician, other-than: sign, title: {en: Sign again, fr: Signer encore}, due: 4 h}
      finish: {after: sign-again, end: {outcome: done, title: {en: Done, fr: Terminé}}}
`

test('who signed first does not sign again: not by taking the task, not by being given it, not past the desk', async () => {
  const people = await hire(house, [
    { id: 'first', roles: ['physician'] },
    { id: 'second', roles: ['physician'] },
  ])
  const [first, second] = [people['first'] ?? house.context, people['second'] ?? house.context]
  await inAlpha((tx) => house.pathways.publish(tx, house.context, source, 'First'))
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'update', resource: { resourceType: 'Patient', id: 'signed' } },
      {
        interaction: 'update',
        resource: {
          resourceType: 'ServiceRequest',
          id: 'r-signed',
          status: 'active',
          intent: 'order',
          code: { text: 'two sign' },
          subject: { reference: 'Patient/signed' },
        },
      },
    ]),
  )
  await house.settle()
  const openTask = async () => {
    const [row] = await inAlpha((tx) =>
      tx.query<{ id: string }>({
        text: 'select id from work_item where tenant_id = $1 and patient = $2 and open',
        values: [tx.tenant, 'Patient/signed'],
      }),
    )
    return row?.id ?? ''
  }
  const one = await openTask()
  await act(one, first, { do: 'claim' })
  await act(one, first, { do: 'complete' })
  await house.settle()
  const two = await openTask()
  expect(two).not.toBe(one)
  expect(await refusal(act(two, first, { do: 'claim' }))).toBe('second-person-needed')
  const owner = { reference: 'Practitioner/first', name: 'First' }
  expect(await refusal(act(two, second, { do: 'reassign', owner, reason: 'They know the case' }))).toBe(
    'second-person-needed',
  )
  const task = (await inAlpha((tx) => house.record.read(tx, `Task/${two}`))) as Task
  const written = inAlpha((tx) =>
    house.record.write(tx, house.context, [
      {
        interaction: 'update',
        resource: { ...task, id: two, status: 'accepted', owner: { reference: owner.reference } },
      },
    ]),
  )
  expect(await refusal(written)).toBe('second-person-needed')
  expect((await act(two, second, { do: 'claim' })).owner?.reference).toBe('Practitioner/second')
  await act(two, second, { do: 'complete' })
  await house.settle()
  expect(await openTask()).toBe('')
})
