import { createHash } from 'node:crypto'
import { recordAccess } from '../../audit/index.ts'
import type { ReleaseNote, ReleaseNoteList } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { type CallContext, newId } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import type { HazardFile } from './hazards.ts'
import { safetyCaseOf } from './safety-case.ts'

type Occasion = ReleaseNote['occasion']

/** Freezes the safety case as it stands when a version rises or begins to answer; its hash goes into the audit. */
export async function keepReleaseNote(
  tx: Tx,
  context: CallContext,
  files: readonly HazardFile[],
  about: { automation: string; version: number; occasion: Occasion },
): Promise<void> {
  const { automation, version, occasion } = about
  const content = JSON.stringify(await safetyCaseOf(tx, files, { automation, version, now: context.clock.now() }))
  const hash = createHash('sha256').update(content).digest('hex')
  const id = newId(context.clock)
  await tx.run({
    text: 'insert into release_note (tenant_id, id, automation, version, occasion, content, hash, at, by_name) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
    values: [
      tx.tenant,
      id,
      automation,
      version,
      occasion,
      content,
      hash,
      new Date(context.clock.now()),
      context.actor.name,
    ],
  })
  await recordAccess(tx, context, [
    {
      action: 'C',
      code: 'release-note-kept',
      entities: [],
      about: [
        { kind: 'release-note', id },
        { kind: 'sha256', id: hash },
        { kind: 'automation', id: `${automation}/${version}` },
      ],
    },
  ])
}

interface Row {
  id: string
  version: number
  occasion: Occasion
  at: Date
  by_name: string
  hash: string
  content: string
}

const item = ({ id, version, occasion, at, by_name, hash }: Row): ReleaseNoteList['items'][number] => ({
  id,
  version,
  occasion,
  at: at.toISOString(),
  by: by_name,
  hash,
})

/** The last hundred notes of an automation. */
export async function listReleaseNotes(tx: Tx, automation: string): Promise<ReleaseNoteList> {
  const rows = await tx.query<Row>({
    text: 'select id, version, occasion, at, by_name, hash from release_note where tenant_id = $1 and automation = $2 order by id desc limit 100',
    values: [tx.tenant, automation],
  })
  return { items: rows.map(item) }
}

/** One note, as it was written. */
export async function readReleaseNote(tx: Tx, id: string): Promise<ReleaseNote> {
  const [row] = await tx.query<Row>({
    text: 'select id, version, occasion, at, by_name, hash, content from release_note where tenant_id = $1 and id = $2',
    values: [tx.tenant, id],
  })
  if (!row) throw refuse('release-note-not-found')
  return { ...item(row), content: row.content }
}
