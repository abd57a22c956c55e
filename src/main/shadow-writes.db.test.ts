import { expect, test } from 'vitest'
import { useAutomations } from '../../testkit/automations.ts'
import { useHouse } from '../../testkit/house.ts'

// An automation gone wrong: it writes an appointment instead of saying what it thinks.
const house = useHouse({
  async think(tx, automation, values) {
    if (values['priority'] === 'urgent')
      await house.record.write(
        tx,
        house.context,
        [{ interaction: 'create', resource: { resourceType: 'Appointment', status: 'booked', participant: [] } }],
        { validate: false },
      )
    return automation.answer(values)
  },
})
const { inAlpha, publish, standing, refer, decision } = useAutomations(house)

test('an automation that tries to write an appointment is refused by PostgreSQL itself, audited, and a person decides', async () => {
  await publish()
  await standing('autonomous')
  const id = await refer('rogue', { priority: 'urgent' })
  expect(await decision(id)).toMatchObject({ status: 'handed', handed: 'automation-failed' })
  const [count] = await inAlpha((tx) =>
    tx.query<{ n: number }>({
      text: `select count(*)::int as n from fhir_resource where tenant_id = $1 and type = 'Appointment'`,
      values: [tx.tenant],
    }),
  )
  expect(count?.n).toBe(0)
  const [event] = await house.db.asSuperuser<{ content: string }>(
    `select content from throughline.audit_event where content like '%automation-write-refused%'`,
  )
  expect(JSON.parse(event?.content ?? '{}')).toMatchObject({
    outcome: '4',
    outcomeDesc: 'insufficient-privilege',
    agent: [{ name: 'Urgency' }, {}, {}],
    entity: [
      { what: { identifier: { system: 'urn:throughline:automation', value: 'urgency/1' } } },
      { what: { reference: 'Patient/rogue-patient' } },
      {},
    ],
  })
})

test('one that keeps to thinking answers', async () => {
  const id = await refer('calm')
  expect(await decision(id)).toMatchObject({ status: 'acted', answer: 'routine' })
})

test('the role that automations think under can write opinions and nothing else', async () => {
  const writable = await house.db.asSuperuser<{ name: string; rights: string[] }>(`
    select c.relname as name, array_agg(r order by r) as rights
    from pg_class c, unnest(array['insert', 'update', 'delete', 'truncate']) r
    where c.relnamespace = 'throughline'::regnamespace and c.relkind in ('r', 'p') and has_table_privilege('throughline_shadow', c.oid, r)
    group by 1`)
  expect(writable).toEqual([{ name: 'automation_opinion', rights: ['insert'] }])
  const readable = await house.db.asSuperuser<{ name: string }>(`
    select c.relname as name from pg_class c
    where c.relnamespace = 'throughline'::regnamespace and c.relkind in ('r', 'p') and has_table_privilege('throughline_shadow', c.oid, 'select') order by 1`)
  expect(readable.map(({ name }) => name)).toEqual(['automation_decision', 'automation_opinion', 'automation_version'])
})
