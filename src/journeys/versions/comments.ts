import type { Tx } from '../../db/index.ts'
import { type CallContext, newId } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import { readDraft } from './draft-store.ts'
import { type Person, personOf, type Signed, signedBy } from './put-live.ts'

export interface Comment {
  id: string
  path: string
  text: string
  author: Person
  at: Date
  resolved: Signed | null
}

const columns = 'id, path, text, author, at, resolved'

/** What people said of a draft, the oldest first. */
export async function listComments(tx: Tx, draft: string): Promise<Comment[]> {
  await readDraft(tx, draft)
  return tx.query<Comment>({
    text: `select ${columns} from pathway_comment where tenant_id = $1 and draft = $2 order by at, id`,
    values: [tx.tenant, draft],
  })
}

export async function addComment(
  tx: Tx,
  context: CallContext,
  draft: string,
  { path, text }: { path: string; text: string },
): Promise<Comment> {
  await readDraft(tx, draft)
  const comment = { id: newId(context.clock), path, text, author: personOf(context), at: new Date(context.clock.now()) }
  await tx.run({
    text: 'insert into pathway_comment (tenant_id, draft, id, path, text, author, at) values ($1, $2, $3, $4, $5, $6, $7)',
    values: [tx.tenant, draft, comment.id, path, text, JSON.stringify(comment.author), comment.at],
  })
  return { ...comment, resolved: null }
}

export async function resolveComment(
  tx: Tx,
  context: CallContext,
  { draft, comment, resolved }: { draft: string; comment: string; resolved: boolean },
): Promise<Comment> {
  const [row] = await tx.query<Comment>({
    text: `update pathway_comment set resolved = $4 where tenant_id = $1 and draft = $2 and id = $3 returning ${columns}`,
    values: [tx.tenant, draft, comment, resolved ? JSON.stringify(signedBy(context)) : null],
  })
  if (!row)
    throw refuse('comment-not-found', { faults: [{ path: 'params.comment', message: 'no comment has this id' }] })
  return row
}
