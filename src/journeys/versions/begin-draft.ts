import type { Tx } from '../../db/index.ts'
import { type CallContext, newId } from '../../kernel/index.ts'
import { parse } from '../../pathways/index.ts'
import { refuse } from '../errors.ts'
import { type DraftRow, insertDraft } from './draft-store.ts'
import { type Content, keepChange, personOf } from './put-live.ts'

/** A frozen version's content. */
export interface StoredVersion extends Content {
  version: number
}

/** A version of a pathway with its content; the newest when none is named. */
export async function readVersion(tx: Tx, pathway: string, version?: number): Promise<StoredVersion> {
  const [row] = await tx.query<StoredVersion>({
    text: `select version, source, templates, scenarios from pathway_version
           where tenant_id = $1 and pathway = $2 and ($3::int is null or version = $3) order by version desc limit 1`,
    values: [tx.tenant, pathway, version ?? null],
  })
  if (!row)
    throw refuse('pathway-not-found', {
      faults: [{ path: 'version', message: `${pathway} has no version${version === undefined ? '' : ` ${version}`}` }],
    })
  return row
}

export async function newestVersion(tx: Tx, pathway: string): Promise<number | null> {
  const [row] = await tx.query<{ version: number | null }>({
    text: 'select max(version) as version from pathway_version where tenant_id = $1 and pathway = $2',
    values: [tx.tenant, pathway],
  })
  return row?.version ?? null
}

/** Begins a draft from a version; from an older one than the newest it brings that one's text back. */
export async function beginFromVersion(
  tx: Tx,
  context: CallContext,
  asked: { pathway: string; version?: number | undefined },
): Promise<DraftRow> {
  const from = await readVersion(tx, asked.pathway, asked.version)
  const newest = await newestVersion(tx, asked.pathway)
  return begin(tx, context, {
    pathway: asked.pathway,
    content: from,
    basedOn: newest,
    restores: from.version === newest ? null : from.version,
  })
}

/** Begins a draft of a pathway that is new here. */
export async function beginNew(tx: Tx, context: CallContext, content: Content): Promise<DraftRow> {
  const { definition, findings } = parse(content.source)
  if (!definition)
    throw refuse('pathway-refused', {
      detail: 'A draft begins with a text that has the shape of a pathway.',
      faults: findings.map(({ code, path, message }) => ({ code, path, message })),
    })
  const { pathway } = definition
  if ((await newestVersion(tx, pathway)) !== null)
    throw refuse('draft-exists', { faults: [{ path: 'pathway', message: `${pathway} is published here` }] })
  return begin(tx, context, { pathway, content, basedOn: null, restores: null })
}

async function begin(
  tx: Tx,
  context: CallContext,
  {
    pathway,
    content: { source, templates, scenarios },
    ...from
  }: { pathway: string; content: Content; basedOn: number | null; restores: number | null },
): Promise<DraftRow> {
  const now = new Date(context.clock.now())
  const writer = personOf(context)
  const part = { revision: 1, by: writer, at: now.toISOString() }
  const draft: DraftRow = {
    id: newId(context.clock),
    pathway,
    status: 'draft',
    revision: 1,
    ...from,
    source,
    templates,
    scenarios,
    parts: { source: part, templates: part, scenarios: part },
    note: '',
    begunAt: now,
    changedAt: now,
    lastWriter: writer,
    writers: [writer],
    asked: null,
    approved: null,
    version: null,
  }
  await insertDraft(tx, draft)
  await keepChange(tx, context, { pathway, act: 'begun', draft: draft.id, version: from.restores, note: '' })
  return draft
}
