import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { type Definition, stepsOf } from '../../pathways/index.ts'
import { refuse } from '../errors.ts'
import { beginFromVersion, newestVersion, readVersion } from './begin-draft.ts'
import { lockDraft, updateDraft } from './draft-store.ts'
import { examine, type ExamineDependencies, refuseUnlessInOrder } from './examine.ts'
import {
  keepChange,
  lockPathway,
  type Person,
  personOf,
  putLive,
  retireUnused,
  setLive,
  type Signed,
  signedBy,
  tellLive,
} from './put-live.ts'
import { askForReview, refuseUnlessNewest } from './review-draft.ts'
import { refuseUnlessSeen } from './save-draft.ts'
import { refuseFor, whyNotPublish } from './two-people.ts'

/** Forms that are still drafts, by the canonicals of a pathway's steps: they are reviewed and go live with it. */
export interface FormsOfPathways {
  drafts(
    tx: Tx,
    canonicals: readonly string[],
  ): Promise<{ id: string; canonical: string; title: { en: string; fr: string } }[]>
  publish(tx: Tx, context: CallContext, canonicals: readonly string[]): Promise<void>
}

export const formsNamed = (definition: Definition): string[] =>
  stepsOf(definition).flatMap(({ step }) => (step.form ? [step.form.questionnaire] : []))

export interface PublishDependencies extends ExamineDependencies {
  record: FhirRecord
  forms: FormsOfPathways
}

type Clinics = readonly string[] | undefined

/** Sets an approved draft live, for all clinics or for the named ones. Examined once more: what it names may be gone. */
export async function publishDraft(
  tx: Tx,
  context: CallContext,
  dependencies: PublishDependencies,
  id: string,
  { revision, clinics }: { revision: number; clinics?: Clinics },
): Promise<{ pathway: string; version: number }> {
  const draft = await lockDraft(tx, id)
  if (draft.status !== 'approved')
    throw refuse('draft-not-approved', { faults: [{ path: 'status', message: `the draft is ${draft.status}` }] })
  refuseUnlessSeen(draft, revision)
  refuseFor(whyNotPublish(context, draft), draft)
  await lockPathway(tx, draft.pathway)
  await refuseUnlessNewest(tx, draft)
  await refuseUnknown(tx, dependencies.record, clinics)
  const examined = await examine(tx, dependencies, draft, draft.pathway)
  refuseUnlessInOrder(examined)
  if (!examined.definition) throw new TypeError('a definition in order is there')
  await dependencies.forms.publish(tx, context, formsNamed(examined.definition))
  const { version } = await putLive(tx, context, {
    definition: examined.definition,
    content: draft,
    note: draft.note,
    act: draft.restores === null ? 'published' : 'rolled-back',
    clinics,
    draft: draft.id,
    restores: draft.restores,
    writers: draft.writers,
    approved: draft.approved,
  })
  await updateDraft(tx, { ...draft, status: 'published', version })
  return { pathway: draft.pathway, version }
}

/**
 * Brings an old version's text back as a new version. By way of a review, asked for at once; or, with the reason of an
 * emergency, at once and by one person alone, and flagged until somebody else has seconded it.
 */
export async function rollBack(
  tx: Tx,
  context: CallContext,
  dependencies: PublishDependencies,
  pathway: string,
  asked: { version: number; note: string; clinics?: Clinics; emergency?: string | undefined },
): Promise<{ draft: string | null; version: number | null }> {
  const { version: old, note, clinics, emergency } = asked
  const { latest, active } = await lockPathway(tx, pathway)
  if (latest === 0)
    throw refuse('pathway-not-found', { faults: [{ path: 'params.id', message: 'no pathway has this name' }] })
  if (old === active && clinics === undefined)
    throw refuse('draft-unchanged', { faults: [{ path: 'version', message: `version ${old} is live for all` }] })
  if (emergency === undefined) {
    const draft = await beginFromVersion(tx, context, { pathway, version: old })
    const restoring = { ...draft, restores: old }
    await updateDraft(tx, restoring)
    await askForReview(tx, context, dependencies, draft.id, { revision: draft.revision, note })
    return { draft: draft.id, version: null }
  }
  if (context.actor.kind !== 'account')
    throw refuse('needs-a-person', { faults: [{ path: 'actor', message: 'is a program' }] })
  await refuseUnknown(tx, dependencies.record, clinics)
  const content = await readVersion(tx, pathway, old)
  const examined = await examine(tx, dependencies, content, pathway)
  // What its scenarios say was known when it was live; in an emergency only what cannot run is refused.
  refuseUnlessInOrder({ ...examined, refusals: examined.refusals.filter((one) => one.code === 'pathway-refused') })
  if (!examined.definition) throw new TypeError('a definition in order is there')
  const { version } = await putLive(tx, context, {
    definition: examined.definition,
    content,
    note,
    act: 'rolled-back',
    clinics,
    restores: old,
    writers: [personOf(context)],
    emergency,
  })
  return { draft: null, version }
}

/** A second person has looked at what one brought back alone in an emergency. */
export async function secondEmergency(
  tx: Tx,
  context: CallContext,
  pathway: string,
  version: number,
  note: string,
): Promise<void> {
  await lockPathway(tx, pathway)
  const [row] = await tx.query<{ publisher: string | null; emergency: string | null; seconded: Signed | null }>({
    text: 'select publisher, emergency, seconded from pathway_version where tenant_id = $1 and pathway = $2 and version = $3',
    values: [tx.tenant, pathway, version],
  })
  if (!row) throw refuse('pathway-not-found', { faults: [{ path: 'params', message: 'no pathway has this version' }] })
  if (row.emergency === null || row.seconded !== null)
    throw refuse('nothing-to-second', {
      faults: [{ path: 'params.version', message: row.seconded ? 'it has been seconded' : 'two people published it' }],
    })
  if (context.actor.kind !== 'account')
    throw refuse('needs-a-person', { faults: [{ path: 'actor', message: 'is a program' }] })
  if (row.publisher === personOf(context).id)
    throw refuse('seconds-own-act', { faults: [{ path: 'actor', message: 'must be another person' }] })
  await tx.run({
    text: 'update pathway_version set seconded = $4 where tenant_id = $1 and pathway = $2 and version = $3',
    values: [tx.tenant, pathway, version, JSON.stringify(signedBy(context))],
  })
  await keepChange(tx, context, { pathway, act: 'seconded', version, note })
  await tellLive(tx, context, pathway, version)
}

/**
 * Sets a version that is live somewhere live for more clinics, or for all: its text has been through its review. Whoever
 * wrote last in it does not widen it either.
 */
export async function publishElsewhere(
  tx: Tx,
  context: CallContext,
  { record }: PublishDependencies,
  { pathway, version, note, clinics }: { pathway: string; version: number; note: string; clinics?: Clinics },
): Promise<void> {
  const { active } = await lockPathway(tx, pathway)
  const [row] = await tx.query<{ status: string; writers: Person[] }>({
    text: 'select status, writers from pathway_version where tenant_id = $1 and pathway = $2 and version = $3',
    values: [tx.tenant, pathway, version],
  })
  if (!row) throw refuse('pathway-not-found', { faults: [{ path: 'params', message: 'no pathway has this version' }] })
  if (row.status !== 'active')
    throw refuse('not-live', { faults: [{ path: 'params.version', message: 'a retired version is brought back' }] })
  if (version === active && clinics === undefined)
    throw refuse('draft-unchanged', { faults: [{ path: 'clinics', message: 'it is live for all' }] })
  if (context.actor.kind !== 'account')
    throw refuse('needs-a-person', { faults: [{ path: 'actor', message: 'is a program' }] })
  if (row.writers.at(-1)?.id === personOf(context).id)
    throw refuse('publishes-own-text', { faults: [{ path: 'actor', message: 'must be another person' }] })
  await refuseUnknown(tx, record, clinics)
  await setLive(tx, pathway, version, clinics)
  await keepChange(tx, context, { pathway, act: 'published', version, clinics: clinics ?? null, note })
  await tellLive(tx, context, pathway, version)
}

/** Ends what is live: for all, or for the named clinics, which go back to what is live for all. Running journeys go on. */
export async function retirePathway(
  tx: Tx,
  context: CallContext,
  pathway: string,
  { note, clinics }: { note: string; clinics?: Clinics },
): Promise<void> {
  if ((await newestVersion(tx, pathway)) === null)
    throw refuse('pathway-not-found', { faults: [{ path: 'params.id', message: 'no pathway has this name' }] })
  const { active } = await lockPathway(tx, pathway)
  const gone = await tx.query<{ clinic: string }>({
    text: 'delete from pathway_clinic where tenant_id = $1 and pathway = $2 and ($3::text[] is null or clinic = any($3)) returning clinic',
    values: [tx.tenant, pathway, clinics ?? null],
  })
  const missing = (clinics ?? []).filter((clinic) => !gone.some((one) => one.clinic === clinic))
  if (missing.length > 0 || (clinics === undefined && active === 0 && gone.length === 0))
    throw refuse('not-live', {
      faults:
        missing.length > 0
          ? missing.map((clinic) => ({ path: 'clinics', message: `${clinic} has no version of its own` }))
          : [{ path: 'params.id', message: 'no version of it is live' }],
    })
  if (clinics === undefined)
    await tx.run({
      text: 'update pathway set active_version = 0 where tenant_id = $1 and id = $2',
      values: [tx.tenant, pathway],
    })
  await retireUnused(tx, pathway)
  await keepChange(tx, context, { pathway, act: 'retired', clinics: clinics ?? null, note })
  await tellLive(tx, context, pathway, null)
}

async function refuseUnknown(tx: Tx, record: FhirRecord, clinics: Clinics): Promise<void> {
  const found = clinics && (await record.readMany(tx, clinics))
  const missing = (clinics ?? []).filter((clinic) => !found?.has(clinic))
  if (missing.length > 0)
    throw refuse('clinic-not-found', {
      faults: missing.map((clinic) => ({ path: 'clinics', message: `there is no ${clinic}` })),
    })
}
