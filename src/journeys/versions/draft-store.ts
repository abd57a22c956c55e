import { recordAccess } from '../../audit/index.ts'
import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { type Localized, parse } from '../../pathways/index.ts'
import { refuse } from '../errors.ts'
import type { Content, Person, Signed } from './put-live.ts'

export type DraftStatus = 'draft' | 'in-review' | 'approved' | 'published' | 'discarded'
export type PartName = keyof Content

/** The revision that last changed a part of a draft, and who did. */
export interface Part {
  revision: number
  by: Person
  at: string
}

export interface DraftRow extends Content {
  id: string
  pathway: string
  status: DraftStatus
  revision: number
  basedOn: number | null
  restores: number | null
  parts: Record<PartName, Part>
  note: string
  begunAt: Date
  changedAt: Date
  lastWriter: Person
  writers: Person[]
  asked: Signed | null
  approved: Signed | null
  version: number | null
}

const columns = `id, pathway, status, revision, based_on as "basedOn", restores, source, templates, scenarios, parts, note,
  begun_at as "begunAt", changed_at as "changedAt", last_writer as "lastWriter", writers, asked, approved, version`

const notFound = () => refuse('draft-not-found', { faults: [{ path: 'params.id', message: 'no draft has this id' }] })

export async function readDraft(tx: Tx, id: string): Promise<DraftRow> {
  const [row] = await tx.query<DraftRow>({
    text: `select ${columns} from pathway_draft where tenant_id = $1 and id = $2`,
    values: [tx.tenant, id],
  })
  if (!row) throw notFound()
  return row
}

/** As `readDraft`, and nobody else changes it until the transaction ends. */
export async function lockDraft(tx: Tx, id: string): Promise<DraftRow> {
  const [row] = await tx.query<DraftRow>({
    text: `select ${columns} from pathway_draft where tenant_id = $1 and id = $2 for update`,
    values: [tx.tenant, id],
  })
  if (!row) throw notFound()
  return row
}

/** Drafts in review, or approved and not live yet, whose text has `text` in it. */
export const reviewsNaming = (tx: Tx, text: string): Promise<{ pathway: string; source: string }[]> =>
  tx.query({
    text: `select pathway, source from pathway_draft
           where tenant_id = $1 and status in ('in-review', 'approved') and position($2 in source) > 0`,
    values: [tx.tenant, text],
  })

/** A draft as a list shows it. */
export type DraftLine = Omit<DraftRow, PartName | 'parts'> & { title: Localized | null; openComments: number }

/** Drafts, of one pathway if it is named, the last changed first. Ended ones only of a named pathway. */
export async function listDrafts(tx: Tx, pathway: string | undefined): Promise<DraftLine[]> {
  const rows = await tx.query<Omit<DraftLine, 'title'> & { source: string }>({
    text: `select ${columns.replace('templates, scenarios, parts, ', '')},
             (select count(*)::int from pathway_comment c where c.tenant_id = $1 and c.draft = d.id and c.resolved is null) as "openComments"
           from pathway_draft d
           where tenant_id = $1 and ($2::text is null and status in ('draft', 'in-review', 'approved') or pathway = $2)
           order by changed_at desc, id desc limit 500`,
    values: [tx.tenant, pathway ?? null],
  })
  return rows.map(({ source, ...row }) => ({ ...row, title: titleOf(source) }))
}

/** The title that a text gives itself; null as long as it is not whole. */
export const titleOf = (source: string): Localized | null => parse(source).definition?.title ?? null

export async function openComments(tx: Tx, draft: string): Promise<number> {
  const [row] = await tx.query<{ n: number }>({
    text: 'select count(*)::int as n from pathway_comment where tenant_id = $1 and draft = $2 and resolved is null',
    values: [tx.tenant, draft],
  })
  return row?.n ?? 0
}

export async function insertDraft(tx: Tx, draft: DraftRow): Promise<void> {
  await tx.run({
    text: `insert into pathway_draft (tenant_id, id, pathway, status, revision, based_on, restores, source, templates, scenarios,
             parts, note, begun_at, changed_at, last_writer, writers, asked, approved, version)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
    values: [tx.tenant, ...valuesOf(draft)],
  })
}

/** Writes a locked draft back. */
export async function updateDraft(tx: Tx, draft: DraftRow): Promise<void> {
  await tx.run({
    text: `update pathway_draft set pathway = $3, status = $4, revision = $5, based_on = $6, restores = $7, source = $8, templates = $9,
             scenarios = $10, parts = $11, note = $12, begun_at = $13, changed_at = $14, last_writer = $15, writers = $16,
             asked = $17, approved = $18, version = $19 where tenant_id = $1 and id = $2`,
    values: [tx.tenant, ...valuesOf(draft)],
  })
}

const valuesOf = (draft: DraftRow): unknown[] => [
  draft.id,
  draft.pathway,
  draft.status,
  draft.revision,
  draft.basedOn,
  draft.restores,
  draft.source,
  JSON.stringify(draft.templates),
  JSON.stringify(draft.scenarios),
  JSON.stringify(draft.parts),
  draft.note,
  draft.begunAt,
  draft.changedAt,
  JSON.stringify(draft.lastWriter),
  JSON.stringify(draft.writers),
  draft.asked && JSON.stringify(draft.asked),
  draft.approved && JSON.stringify(draft.approved),
  draft.version,
]

/** The audit's line of a draft that has come into being, moved on, or ended. */
export const tellDraft = (tx: Tx, context: CallContext, draft: string, action: 'C' | 'U'): Promise<void> =>
  recordAccess(tx, context, [
    { action, code: 'pathway-draft', entities: [], about: [{ kind: 'pathway-draft', id: draft }] },
  ])
