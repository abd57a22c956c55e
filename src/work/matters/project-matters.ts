import type { Observation, Resource } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { Projection, WrittenResource } from '../../fhir/index.ts'
import { isOpen } from '../task-words.ts'
import { type Fact, type Matter, type Told, tellingTypes, toldBy } from './matters-of.ts'

/**
 * Keeps what waits true with every write of a resource that begins or answers it, in that write's transaction. It stands
 * after the projection of tasks, whose rows it asks.
 */
export const matterProjection: Projection = {
  types: tellingTypes,
  async apply(tx, context, written) {
    const first = new Map<string, WrittenResource>()
    const last = new Map<string, WrittenResource>()
    for (const one of written) {
      const key = `${one.resourceType}/${one.id}`
      if (!first.has(key)) first.set(key, one)
      last.set(key, one)
    }
    const changes = [...last].map(([key, one]): Change => {
      const former = first.get(key)?.former
      return {
        key,
        one,
        now: toldBy(one.resource),
        before: toldBy(former),
        former,
        isNew: first.get(key)?.version === 1,
      }
    })
    await storeFacts(tx, changes)
    await storeMatters(tx, changes)
    const touched = changes.flatMap(({ now, before }) => [
      ...now.matters.flatMap(({ about }) => about),
      ...[...now.facts, ...before.facts].map(({ reference }) => reference),
    ])
    if (touched.length > 0) await answer(tx, [...new Set(touched)])
    await storeSteps(tx, context.clock.now(), changes)
    if (
      changes.some(
        ({ one, now, before }) => one.resourceType !== 'Task' && now.matters.length + before.matters.length > 0,
      )
    )
      await tx.run({
        name: 'hint-feed-work',
        text: `select pg_notify('throughline_feed', $1)`,
        values: [JSON.stringify({ tenant: tx.tenant, topic: 'work' })],
      })
  },
}

interface Change {
  key: string
  one: WrittenResource
  now: Told
  before: Told
  former: Resource | undefined
  isNew: boolean
}

const at = (time: number): string => new Date(time).toISOString()

async function storeFacts(tx: Tx, changes: readonly Change[]): Promise<void> {
  const same = ({ now, before }: Change) => JSON.stringify(now.facts) === JSON.stringify(before.facts)
  const changed = changes.filter((one) => one.isNew || !same(one))
  const told = changed.filter(({ before }) => before.facts.some(({ saidBy }) => saidBy === undefined))
  if (told.length > 0)
    await tx.run({
      name: 'forget-matter-facts',
      text: 'delete from matter_fact where tenant_id = $1 and said_by = any ($2)',
      values: [tx.tenant, told.map(({ key }) => key)],
    })
  const facts = changed.flatMap(({ key, now }) =>
    now.facts.map((fact): Fact & { saidBy: string } => ({ saidBy: key, ...fact })),
  )
  if (facts.length > 0)
    await tx.run({
      name: 'store-matter-facts',
      text: `insert into matter_fact (tenant_id, reference, kind, said_by, at)
             select $1, reference, kind, said_by, max(at) from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[]) as f (reference, kind, said_by, at)
             group by reference, kind, said_by
             on conflict (tenant_id, reference, kind, said_by) do update set at = greatest(matter_fact.at, excluded.at)`,
      values: [
        tx.tenant,
        facts.map(({ reference }) => reference),
        facts.map(({ kind }) => kind),
        facts.map(({ saidBy }) => saidBy),
        facts.map((fact) => at(fact.at)),
      ],
    })
}

const placeOf = ({ list, type, id }: Matter): string => `${list} ${type}/${id}`

/** An observation rewritten with the same findings is the same result: it needs no second look. */
function isRenewed(matter: Matter, { one, former }: Change): boolean {
  if (!matter.renewed || matter.type !== 'Observation' || former?.resourceType !== 'Observation') return matter.renewed
  const findings = ({ status, interpretation, code, component, ...rest }: Observation) =>
    JSON.stringify([
      status,
      interpretation,
      code,
      component,
      Object.entries(rest).filter(([name]) => name.startsWith('value')),
    ])
  return one.resource?.resourceType === 'Observation' && findings(one.resource) !== findings(former)
}

async function storeMatters(tx: Tx, changes: readonly Change[]): Promise<void> {
  const kept = new Map(
    changes.flatMap((change) =>
      change.now.matters.map((matter) => [placeOf(matter), { ...matter, renewed: isRenewed(matter, change) }] as const),
    ),
  )
  // A patient who could not be reached stays so until they are; only what waits by itself goes with what it says.
  const gone = changes.flatMap(({ before }) =>
    before.matters.filter((matter) => matter.list !== 'unreachable' && !kept.has(placeOf(matter))),
  )
  const had = changes.flatMap(({ before }) => before.matters)
  if (had.length > 0)
    await tx.run({
      name: 'forget-matter-abouts',
      text: `delete from matter_about a using unnest($2::text[], $3::text[], $4::text[]) as g (list, type, id)
             where a.tenant_id = $1 and a.list = g.list and a.type = g.type and a.id = g.id`,
      values: columnsOf(tx, had),
    })
  if (gone.length > 0)
    await tx.run({
      name: 'forget-matters',
      text: `delete from matter a using unnest($2::text[], $3::text[], $4::text[]) as g (list, type, id)
             where a.tenant_id = $1 and a.list = g.list and a.type = g.type and a.id = g.id`,
      values: columnsOf(tx, gone),
    })
  const matters = [...kept.values()]
  if (matters.length === 0) return
  await tx.run({
    name: 'store-matters',
    text: `insert into matter (tenant_id, list, type, id, patient, rank, due, since, open)
           select $1, list, type, id, patient, rank, due, since, true
           from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::timestamptz[], $8::timestamptz[]) as v (list, type, id, patient, rank, due, since)
           on conflict (tenant_id, list, type, id) do update set patient = excluded.patient, rank = excluded.rank, open = true,
             due = case when matter.list || ' ' || matter.type || '/' || matter.id = any ($9::text[]) or excluded.list = 'referrals' then excluded.due else matter.due end,
             since = case when matter.list || ' ' || matter.type || '/' || matter.id = any ($9::text[]) then excluded.since else matter.since end`,
    values: [
      ...columnsOf(tx, matters),
      matters.map(({ patient }) => patient),
      matters.map(({ rank }) => rank),
      matters.map(({ due }) => at(due)),
      matters.map(({ since }) => at(since)),
      matters.filter(({ renewed }) => renewed).map(placeOf),
    ],
  })
  const abouts = matters.flatMap(({ about, ...matter }) =>
    about.map((reference) => ({ ...matter, about: [], reference })),
  )
  await tx.run({
    name: 'store-matter-abouts',
    text: `insert into matter_about (tenant_id, list, type, id, reference) select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[])
           on conflict do nothing`,
    values: [...columnsOf(tx, abouts), abouts.map(({ reference }) => reference)],
  })
}

const columnsOf = (tx: Tx, matters: readonly Matter[]) => [
  tx.tenant,
  matters.map(({ list }) => list),
  matters.map(({ type }) => type),
  matters.map(({ id }) => id),
]

/** Whether each matter that these references may answer is still open. A visit answers a referral whenever it was booked. */
const answer = (tx: Tx, references: readonly string[]) =>
  tx.run({
    name: 'answer-matters',
    text: `
      update matter m set open = not exists (
        select from matter_about b join matter_fact f on f.tenant_id = $1 and f.reference = b.reference
        where b.tenant_id = $1 and b.list = m.list and b.type = m.type and b.id = m.id
          and case m.list when 'referrals' then f.kind = 'visit'
                when 'results' then f.kind = 'done' and f.at >= m.since
                when 'messages' then f.kind in ('reply', 'done') and f.at >= m.since
                else f.kind in ('reached', 'done') and f.at >= m.since end)
      from (select distinct list, type, id from matter_about where tenant_id = $1 and reference = any ($2)) t
      where m.tenant_id = $1 and m.list = t.list and m.type = t.type and m.id = t.id`,
    values: [tx.tenant, references],
  })

const open = (resource: Resource | undefined): boolean => resource?.resourceType === 'Task' && isOpen(resource)

/** A patient with an open request or episode, and no open task: without a next step from now on, or from their last planned visit. */
async function storeSteps(tx: Tx, now: number, changes: readonly Change[]): Promise<void> {
  const moved = changes.filter(({ one, former }) => one.resourceType !== 'Task' || open(one.resource) !== open(former))
  const patients = (some: readonly Change[]) => [
    ...new Set(some.flatMap((change) => [...change.now.patients, ...change.before.patients])),
  ]
  const all = patients(moved)
  if (all.length === 0) return
  // Each looked up by its index: `limit` keeps them from becoming joins, which read a whole table for one patient.
  const lacks = `
    (select true from matter_fact c where c.tenant_id = $1 and c.reference = p.patient and c.kind = 'care'
      and (select true from matter_fact a where a.tenant_id = $1 and a.reference = c.said_by and a.kind in ('visit', 'result') limit 1) is null limit 1)
    and (select true from work_item w where w.tenant_id = $1 and w.patient = p.patient and w.open limit 1) is null`
  await tx.run({
    name: 'forget-lacking-steps',
    text: `delete from matter m using unnest($2::text[]) as p (patient)
           where m.tenant_id = $1 and m.list = 'no-next-step' and m.type = 'Patient' and m.id = substr(p.patient, 9) and not coalesce(${lacks}, false)`,
    values: [tx.tenant, all],
  })
  // A task that begins takes patients off the list and brings none onto it.
  const maybe = patients(moved.filter(({ one }) => !open(one.resource)))
  if (maybe.length === 0) return
  await tx.run({
    name: 'store-lacking-steps',
    text: `insert into matter (tenant_id, list, type, id, patient, rank, due, since, open)
           select $1, 'no-next-step', 'Patient', substr(p.patient, 9), p.patient, 3,
             greatest($3::timestamptz, (select max(f.at) from matter_fact f where f.tenant_id = $1 and f.reference = p.patient and f.kind = 'planned')), $3, true
           from unnest($2::text[]) as p (patient) where ${lacks}
           on conflict (tenant_id, list, type, id) do update set due = greatest(matter.since,
             (select max(f.at) from matter_fact f where f.tenant_id = $1 and f.reference = matter.patient and f.kind = 'planned'))`,
    values: [tx.tenant, maybe, at(now)],
  })
}
