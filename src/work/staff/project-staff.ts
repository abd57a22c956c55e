import type { Tx } from '../../db/index.ts'
import type { Projection, WrittenResource } from '../../fhir/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import type { HouseOntology } from '../ontology/house-ontology.ts'
import { readPost, readPractitioner } from './read-practitioner.ts'
import { askWarnings } from './warn-licences.ts'

/** Keeps what routing knows of people true with every write of a Practitioner or a PractitionerRole. */
export const createStaffProjection = (ontology: HouseOntology): Projection => ({
  types: ['Practitioner', 'PractitionerRole'],
  async apply(tx, context, written) {
    const last = [...new Map(written.map((one) => [`${one.resourceType}/${one.id}`, one])).values()]
    const people = last.filter(({ resourceType }) => resourceType === 'Practitioner')
    if (people.length > 0) await storePeople(tx, context, ontology, people)
    const posts = last.filter(({ resourceType }) => resourceType === 'PractitionerRole')
    if (posts.length > 0) await storePosts(tx, ontology, posts)
  },
})

const moment = (at: number | undefined): Date | null => (at === undefined ? null : new Date(at))

async function storePeople(
  tx: Tx,
  context: CallContext,
  ontology: HouseOntology,
  written: readonly WrittenResource[],
): Promise<void> {
  const ids = written.map(({ id }) => id)
  await tx.run({
    text: 'delete from licence where tenant_id = $1 and practitioner = any ($2)',
    values: [tx.tenant, ids],
  })
  const read = written.flatMap(({ id, resource }) =>
    resource?.resourceType === 'Practitioner' && resource.active !== false
      ? [{ id, ...readPractitioner(ontology, resource) }]
      : [],
  )
  await tx.run({
    text: 'delete from staff where tenant_id = $1 and id = any ($2) and not id = any ($3)',
    values: [tx.tenant, ids, read.map(({ id }) => id)],
  })
  await tx.run({
    text: `insert into staff (tenant_id, id, name, card) select $1, * from unnest($2::text[], $3::text[], $4::jsonb[])
           on conflict (tenant_id, id) do update set name = excluded.name, card = excluded.card`,
    values: [
      tx.tenant,
      read.map(({ id }) => id),
      read.map(({ name }) => name),
      read.map(({ credentials, languages }) => JSON.stringify({ credentials, languages })),
    ],
  })
  const rows = read.flatMap(({ id, licences }) => licences.map((licence, n) => ({ id, n, ...licence })))
  if (rows.length > 0)
    await tx.run({
      text: `
        insert into licence (tenant_id, practitioner, n, credential, jurisdiction, number, status, from_at, until_at, compact, excludes)
        select $1, practitioner, n, credential, jurisdiction, number, status, from_at, until_at, compact,
          case when excludes = '' then '{}' else string_to_array(excludes, ' ') end
        from unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[], $10::text[], $11::text[])
          as t (practitioner, n, credential, jurisdiction, number, status, from_at, until_at, compact, excludes)`,
      values: [
        tx.tenant,
        rows.map(({ id }) => id),
        rows.map(({ n }) => n),
        rows.map(({ credential }) => credential),
        rows.map(({ jurisdiction }) => jurisdiction),
        rows.map(({ number }) => number ?? null),
        rows.map(({ status }) => status),
        rows.map(({ from }) => moment(from)),
        rows.map(({ until }) => moment(until)),
        rows.map(({ compact }) => compact ?? null),
        rows.map(({ excludes }) => (excludes ?? []).join(' ')),
      ],
    })
  await askWarnings(tx, context.clock, rows)
}

async function storePosts(tx: Tx, ontology: HouseOntology, written: readonly WrittenResource[]): Promise<void> {
  await tx.run({
    text: 'delete from staff_post where tenant_id = $1 and id = any ($2)',
    values: [tx.tenant, written.map(({ id }) => id)],
  })
  const posts = written.flatMap(({ id, resource }) => {
    const post = resource?.resourceType === 'PractitionerRole' ? readPost(ontology, resource) : undefined
    return post ? [{ id, ...post }] : []
  })
  if (posts.length > 0)
    await tx.run({
      text: `insert into staff_post (tenant_id, id, practitioner, skills, sites, from_at, until_at, capacity)
             select $1, id, practitioner, array(select jsonb_array_elements_text(skills)), array(select jsonb_array_elements_text(sites)), from_at, until_at, capacity
             from unnest($2::text[], $3::text[], $4::jsonb[], $5::jsonb[], $6::timestamptz[], $7::timestamptz[], $8::int[])
               as t (id, practitioner, skills, sites, from_at, until_at, capacity)`,
      values: [
        tx.tenant,
        posts.map(({ id }) => id),
        posts.map(({ practitioner }) => practitioner),
        posts.map(({ skills }) => JSON.stringify(skills)),
        posts.map(({ sites }) => JSON.stringify(sites)),
        posts.map(({ from }) => moment(from)),
        posts.map(({ until }) => moment(until)),
        posts.map(({ capacity }) => capacity),
      ],
    })
}
