import type { Communication, Task } from '@medplum/fhirtypes'
import { expect, test } from 'vitest'
import { useHouse } from '../../testkit/house.ts'
import { hire, practitionerOf } from '../../testkit/team.ts'
import { CodedError } from '../kernel/index.ts'
import { actOnTask } from '../work/index.ts'

const day = 86_400_000
/** The midnight in Toronto after 30 June 2026: the first moment without the licence. */
const end = Date.UTC(2026, 6, 1, 4)
const house = useHouse({ start: end - 90 * day })
const inAlpha = <T>(work: Parameters<typeof house.database.transaction<T>>[1]) =>
  house.database.transaction(house.alpha, work)

/** Who was told so far that a licence ends, in order of their references. */
async function told(): Promise<string[]> {
  const rows = await inAlpha((tx) =>
    tx.query<{ content: Communication }>({
      text: `select content::jsonb as content from fhir_resource where tenant_id = $1 and type = 'Communication' and content is not null`,
      values: [tx.tenant],
    }),
  )
  return rows
    .filter(({ content }) => content.topic?.coding?.[0]?.code === 'licence-ending')
    .flatMap(({ content }) => content.recipient?.map(({ reference }) => reference ?? '') ?? [])
    .toSorted()
}
async function at(before: number): Promise<string[]> {
  house.clock.moveTo(end - before)
  await house.settle()
  return told()
}
const triage = (id: string, place: string): Task & { id: string } => ({
  resourceType: 'Task',
  id,
  status: 'requested',
  intent: 'order',
  code: { coding: [{ system: 'urn:throughline:task-kind', code: 'nurse-triage' }], text: 'Triage' },
  extension: [{ url: 'urn:throughline:jurisdiction', valueCode: place }],
  performerType: [{ coding: [{ system: 'urn:throughline:role', code: 'triage-nurse' }] }],
})
const times = (count: number, people: readonly string[]) => people.flatMap((one) => Array<string>(count).fill(one))
const both = ['Practitioner/boss', 'Practitioner/nurse']

test('the lead and the person are told 60, 30 and 7 days before a licence ends, once each, and routing stops at its minute there alone', async () => {
  const people = await hire(house, [
    {
      id: 'nurse',
      roles: ['triage-nurse'],
      skills: ['triage'],
      licences: [
        ['rn', 'US-NY', '2026-06-30'],
        ['rn', 'CA-ON'],
      ],
      shifts: [{ from: end - day, until: end + day }],
    },
    { id: 'boss', roles: ['operations-lead'], credential: 'clerk' },
    // Their licence ends too; they hold no tasks here.
  ])
  const outsider = practitionerOf({ id: 'outsider', roles: [], licences: [['rn', 'US-NY', '2026-06-30']] })
  await inAlpha((tx) => house.record.write(tx, house.context, [{ interaction: 'update', resource: outsider }]))
  expect(await at(60 * day + 1)).toEqual([])
  expect(await at(60 * day)).toEqual(times(1, both))
  // Written again as it is: nobody is told twice.
  const same = await inAlpha((tx) => house.record.read(tx, 'Practitioner/nurse'))
  if (same?.resourceType !== 'Practitioner') throw new Error('nobody')
  await inAlpha((tx) =>
    house.record.write(tx, house.context, [
      { interaction: 'update', resource: { ...same, id: 'nurse', gender: 'other' } },
    ]),
  )
  expect(await at(30 * day + 1)).toEqual(times(1, both))
  expect(await at(30 * day)).toEqual(times(2, both))
  expect(await at(7 * day)).toEqual(times(3, both))
  expect(await at(1)).toEqual(times(3, both))
  const claim = (id: string) =>
    inAlpha((tx) =>
      actOnTask(
        tx,
        people['nurse'] ?? house.context,
        house.record,
        id,
        { do: 'claim' },
        {
          mayManage: false,
          roles: [],
          routing: house.routing,
        },
      ),
    )
  const tasks = [triage('before', 'US-NY'), triage('after', 'US-NY'), triage('ontario', 'CA-ON')]
  await inAlpha((tx) =>
    house.record.write(
      tx,
      house.context,
      tasks.map((resource) => ({ interaction: 'update', resource })),
    ),
  )
  expect((await claim('before')).owner?.reference).toBe('Practitioner/nurse')
  expect(await at(0)).toEqual(times(3, both))
  const refused = await claim('after').catch((error: unknown) => error)
  expect(refused instanceof CodedError && refused.code).toBe('task-not-permitted')
  expect((await claim('ontario')).owner?.reference).toBe('Practitioner/nurse')
}, 60_000)

test('a licence that comes when less is left is told of once and at once; one that was renewed in time is not', async () => {
  const before = (await told()).length
  const now = house.clock.now()
  const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10)
  const write = (licences: [string, string, string][]) =>
    inAlpha((tx) =>
      house.record.write(tx, house.context, [
        { interaction: 'update', resource: practitionerOf({ id: 'nurse', roles: [], licences }) },
      ]),
    )
  await write([['rn', 'US-VT', dayOf(now + 20 * day)]])
  await house.settle()
  // The stage of 30 days has passed, the one of 7 comes.
  expect(await told()).toHaveLength(before + 2)
  await write([['rn', 'US-VT', dayOf(now + 400 * day)]])
  house.clock.moveTo(now + 19 * day)
  await house.settle()
  expect(await told()).toHaveLength(before + 2)
})
