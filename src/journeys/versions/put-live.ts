import { recordAccess } from '../../audit/index.ts'
import type { Tx } from '../../db/index.ts'
import { type CallContext, newId } from '../../kernel/index.ts'
import type { Definition, NamedScenario, Template } from '../../pathways/index.ts'

/** Who did something, as it is kept: the id that rules compare, the name that people read. */
export interface Person {
  id: string
  name: string
}
export interface Signed {
  by: Person
  at: string
}

export const personOf = ({ actor }: CallContext): Person => ({ id: `${actor.kind}/${actor.id}`, name: actor.name })
export const signedBy = (context: CallContext): Signed => ({
  by: personOf(context),
  at: new Date(context.clock.now()).toISOString(),
})

/** All that is frozen with a version. */
export interface Content {
  source: string
  templates: readonly Template[]
  scenarios: readonly NamedScenario[]
}

export interface PuttingLive {
  definition: Definition
  content: Content
  note: string
  act: 'published' | 'rolled-back'
  /** For these clinics only; left out: for all, and what single clinics had of their own ends. */
  clinics?: readonly string[] | undefined
  draft?: string
  restores?: number | null
  writers?: readonly Person[]
  approved?: Signed | null
  /** Why one person alone does it. */
  emergency?: string
}

/**
 * The one place where a version becomes live: the pathway's row is locked, the next number is taken, and version, what is
 * live where, the pathway's own history and the audit are written in the caller's transaction. A text that is live for
 * all already changes nothing.
 */
export async function putLive(
  tx: Tx,
  context: CallContext,
  { definition, content, ...how }: PuttingLive,
): Promise<{ version: number; changed: boolean }> {
  const pathway = definition.pathway
  const { latest, same } = await lockPathway(tx, pathway, content)
  if (same !== undefined && how.act === 'published' && how.draft === undefined) return { version: same, changed: false }
  const version = latest + 1
  const publisher = personOf(context)
  await tx.run({
    text: `insert into pathway_version (tenant_id, pathway, version, status, source, definition, note, published_at, published_by,
             templates, scenarios, draft, restores, publisher, writers, approved, emergency)
           values ($1, $2, $3, 'active', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
    values: [
      tx.tenant,
      pathway,
      version,
      content.source,
      JSON.stringify(definition),
      how.note,
      new Date(context.clock.now()),
      publisher.name,
      JSON.stringify(content.templates),
      JSON.stringify(content.scenarios),
      how.draft ?? null,
      how.restores ?? null,
      publisher.id,
      JSON.stringify(how.writers ?? []),
      how.approved ? JSON.stringify(how.approved) : null,
      how.emergency ?? null,
    ],
  })
  await setLive(tx, pathway, version, how.clinics)
  await keepChange(tx, context, {
    pathway,
    act: how.act,
    version,
    draft: how.draft ?? null,
    clinics: how.clinics ?? null,
    note: how.emergency === undefined ? how.note : `${how.note} (${how.emergency})`,
  })
  await tellLive(tx, context, pathway, version)
  return { version, changed: true }
}

/** Locks a pathway, so that two publications come one after the other. `same`: the version live for all has this very content. */
export async function lockPathway(
  tx: Tx,
  pathway: string,
  content?: Content,
): Promise<{ latest: number; active: number; same: number | undefined }> {
  await tx.run({
    text: 'insert into pathway (tenant_id, id, active_version) values ($1, $2, 0) on conflict do nothing',
    values: [tx.tenant, pathway],
  })
  const [head] = await tx.query<{ active: number }>({
    text: 'select active_version as active from pathway where tenant_id = $1 and id = $2 for update',
    values: [tx.tenant, pathway],
  })
  const active = head?.active ?? 0
  const [known] = await tx.query<{ latest: number; same: boolean }>({
    text: `select coalesce(max(version), 0)::int as latest,
             coalesce(bool_or(version = $3 and source = $4 and templates = $5), false) as same
           from pathway_version where tenant_id = $1 and pathway = $2`,
    values: [tx.tenant, pathway, active, content?.source ?? '', JSON.stringify(content?.templates ?? [])],
  })
  return { latest: known?.latest ?? 0, active, same: content && known?.same ? active : undefined }
}

/** Sets a version live for clinics, or for all: then what single clinics had of their own ends. Retires what is live nowhere. */
export async function setLive(
  tx: Tx,
  pathway: string,
  version: number,
  clinics: readonly string[] | undefined,
): Promise<void> {
  if (clinics === undefined) {
    await tx.run({
      text: 'update pathway set active_version = $3 where tenant_id = $1 and id = $2',
      values: [tx.tenant, pathway, version],
    })
    await tx.run({
      text: 'delete from pathway_clinic where tenant_id = $1 and pathway = $2',
      values: [tx.tenant, pathway],
    })
  } else
    await tx.run({
      text: `insert into pathway_clinic (tenant_id, pathway, clinic, version) select $1, $2, c, $4 from unnest($3::text[]) as c
             on conflict (tenant_id, pathway, clinic) do update set version = excluded.version`,
      values: [tx.tenant, pathway, clinics, version],
    })
  await retireUnused(tx, pathway)
}

/** A version is active as long as it is live somewhere. */
export async function retireUnused(tx: Tx, pathway: string): Promise<void> {
  await tx.run({
    text: `update pathway_version v set status = 'retired' where v.tenant_id = $1 and v.pathway = $2 and v.status = 'active'
             and not exists (select from pathway p where p.tenant_id = $1 and p.id = $2 and p.active_version = v.version)
             and not exists (select from pathway_clinic c where c.tenant_id = $1 and c.pathway = $2 and c.version = v.version)`,
    values: [tx.tenant, pathway],
  })
}

export interface Change {
  pathway: string
  act: string
  version?: number | null
  draft?: string | null
  clinics?: readonly string[] | null
  note: string
}

/** Adds a line to a pathway's history. */
export async function keepChange(tx: Tx, context: CallContext, change: Change): Promise<void> {
  await tx.run({
    text: `insert into pathway_change (tenant_id, pathway, id, at, act, by_whom, draft, version, clinics, note)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    values: [
      tx.tenant,
      change.pathway,
      newId(context.clock),
      new Date(context.clock.now()),
      change.act,
      JSON.stringify(personOf(context)),
      change.draft ?? null,
      change.version ?? null,
      change.clinics ? JSON.stringify(change.clinics) : null,
      change.note,
    ],
  })
}

/** The audit's line of a change of what is live. */
export const tellLive = (tx: Tx, context: CallContext, pathway: string, version: number | null): Promise<void> =>
  recordAccess(tx, context, [
    {
      action: 'U',
      code: 'pathway-live',
      entities: [],
      about: [{ kind: 'pathway', id: version === null ? pathway : `${pathway}/${version}` }],
    },
  ])
