import type { Tx } from '../db/index.ts'
import { forgetCallerFacts } from './caller.ts'
import type { Facts } from './facts-of.ts'

/** The form of the facts; one more when what is kept changes, so that a start with the new program builds them anew. */
export const factsForm = 1

/** What one resource says now. `facts` is undefined for a deleted one: its subjects and labels stay, what it said of others goes. */
export interface Owned {
  type: string
  id: string
  facts: Facts | undefined
  /** Nothing of it can stand in the tables yet. */
  fresh: boolean
}

type Columns = (string | boolean | null)[][]
const columns = (count: number): Columns => Array.from({ length: count }, () => [])
const push = (table: Columns, ...values: (string | boolean | null)[]) => {
  for (const [index, value] of values.entries()) table[index]?.push(value)
}

/** Replaces what the tables hold of some resources by what they say now. Subjects and labels that went become `former`. */
export async function storeFacts(tx: Tx, owned: readonly Owned[]): Promise<void> {
  const known = owned.filter((one) => !one.fresh)
  if (known.length > 0) {
    const standing = known.filter((one) => one.facts)
    const ids = [tx.tenant, standing.map((one) => one.type), standing.map((one) => one.id)]
    if (standing.length > 0)
      for (const table of ['access_subject', 'access_label'])
        await tx.run({
          name: `former-${table}`,
          text: `update ${table} a set former = true from unnest($2::text[], $3::text[]) as v (type, id)
                 where a.tenant_id = $1 and a.type = v.type and a.id = v.id and not a.former`,
          values: ids,
        })
    const patients = known.flatMap((one) => (one.type === 'Patient' && one.facts ? [`Patient/${one.id}`] : []))
    if (patients.length > 0)
      await tx.run({
        name: 'former-patient-labels',
        text: `update access_label set former = true where tenant_id = $1 and type = '' and id = any ($2::text[]) and not former`,
        values: [tx.tenant, patients],
      })
    const sources = known.flatMap((one) => (speaking.has(one.type) ? [`${one.type}/${one.id}`] : []))
    if (sources.length > 0) {
      forgetCallerFacts(tx)
      for (const table of ['access_relation', 'access_member'])
        await tx.run({
          name: `forget-${table}`,
          text: `delete from ${table} where tenant_id = $1 and source = any ($2::text[])`,
          values: [tx.tenant, sources],
        })
    }
  }
  const subject = columns(3)
  const label = columns(3)
  const relation = columns(5)
  const member = columns(4)
  for (const { type, id, facts } of owned) {
    if (!facts) continue
    const source = `${type}/${id}`
    for (const patient of facts.subjects) push(subject, type, id, patient)
    for (const one of facts.labels) {
      push(label, type, id, one)
      if (type === 'Patient') push(label, '', source, one)
    }
    for (const one of facts.relations) push(relation, one.who, one.patient, one.kind, source, one.until)
    for (const one of facts.members) push(member, one.member, one.standsFor, source, one.until)
  }
  if (subject[0]?.length)
    await tx.run({
      name: 'store-access-subjects',
      text: `insert into access_subject (tenant_id, type, id, patient) select $1, * from unnest($2::text[], $3::text[], $4::text[])
             on conflict (tenant_id, type, id, patient) do update set former = false`,
      values: [tx.tenant, ...subject],
    })
  if (label[0]?.length)
    await tx.run({
      name: 'store-access-labels',
      text: `insert into access_label (tenant_id, type, id, label) select $1, * from unnest($2::text[], $3::text[], $4::text[])
             on conflict (tenant_id, type, id, label) do update set former = false`,
      values: [tx.tenant, ...label],
    })
  // Who stands for whom, and who is a patient's family, is part of what is known of a caller.
  if (member[0]?.length || relation[2]?.some((kind) => kind === 'self' || kind === 'kin')) forgetCallerFacts(tx)
  if (relation[0]?.length)
    await tx.run({
      name: 'store-access-relations',
      text: `insert into access_relation (tenant_id, who, patient, kind, source, until)
             select distinct on (who, patient, kind, source) $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[]) as v (who, patient, kind, source, until)
             order by who, patient, kind, source, until desc nulls first
             on conflict (tenant_id, who, patient, kind, source) do update set until = excluded.until`,
      values: [tx.tenant, ...relation],
    })
  if (member[0]?.length)
    await tx.run({
      name: 'store-access-members',
      text: `insert into access_member (tenant_id, member, stands_for, source, until) select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[])
             on conflict (tenant_id, member, stands_for, source) do update set until = excluded.until`,
      values: [tx.tenant, ...member],
    })
}

/** Types that may say something about relationships or memberships. */
const speaking = new Set([
  'CareTeam',
  'Appointment',
  'Encounter',
  'EpisodeOfCare',
  'Patient',
  'Person',
  'RelatedPerson',
  'PractitionerRole',
])
