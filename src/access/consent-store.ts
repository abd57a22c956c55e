import type { Consent } from '@medplum/fhirtypes'
import type { Tx } from '../db/index.ts'
import { forgetCallerFacts } from './caller.ts'
import { keep, type Provision } from './consent-shape.ts'

/** Keeps the consents in force true: what is withdrawn, ended or deleted is gone at the same commit. */
export async function storeConsents(
  tx: Tx,
  written: readonly { id: string; consent: Consent | undefined }[],
): Promise<void> {
  await tx.run({
    name: 'forget-consents',
    text: 'delete from access_consent where tenant_id = $1 and id = any ($2::text[])',
    values: [tx.tenant, written.map((one) => one.id)],
  })
  const kept = written.flatMap(({ id, consent }) => {
    const one = consent && keep(consent)
    return one ? [{ id, ...one }] : []
  })
  if (kept.length === 0) return
  forgetCallerFacts(tx)
  const shapes = new Map(kept.map((one) => [one.shape, JSON.stringify(one.provision)]))
  await tx.run({
    name: 'store-consent-shapes',
    text: `insert into access_shape (tenant_id, shape, provision) select $1, * from unnest($2::text[], $3::text[]) order by 2
           on conflict (tenant_id, shape) do nothing`,
    values: [tx.tenant, [...shapes.keys()], [...shapes.values()]],
  })
  const at = (time: number | null) => (time === null ? null : new Date(time))
  await tx.run({
    name: 'store-consents',
    text: `insert into access_consent (tenant_id, patient, id, shape, starts, ends) select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[])`,
    values: [
      tx.tenant,
      kept.map((one) => one.patient),
      kept.map((one) => one.id),
      kept.map((one) => one.shape),
      kept.map((one) => at(one.starts)),
      kept.map((one) => at(one.ends)),
    ],
  })
}

/** The shapes of a tenant that one process has read; they never change, so only new ones are read again. */
export interface Shapes {
  /** How many there were, and the last one's number: a commit that comes late changes the first. */
  count: number
  newest: string | null
  provisions: ReadonlyMap<string, Provision>
}

export type ReadShapes = (tx: Tx, count: number, newest: string | null) => Promise<Shapes>

export function createShapeReader(): ReadShapes {
  const known = new Map<string, Shapes>()
  return async (tx, count, newest) => {
    const held = known.get(tx.tenant)
    if (held && held.count === count && held.newest === newest) return held
    const rows = await tx.query<{ shape: string; seq: string; provision: string }>({
      name: 'read-consent-shapes',
      text: 'select shape, seq, provision from access_shape where tenant_id = $1 and not (shape = any ($2::text[])) order by seq',
      values: [tx.tenant, [...(held?.provisions.keys() ?? [])]],
    })
    const provisions = new Map(held?.provisions)
    for (const row of rows) provisions.set(row.shape, JSON.parse(row.provision) as Provision)
    const shapes = { count, newest, provisions }
    known.set(tx.tenant, shapes)
    return shapes
  }
}
