import { isDeepStrictEqual } from 'node:util'
import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import { newestVersion, readVersion } from './begin-draft.ts'
import { type DraftRow, lockDraft, updateDraft } from './draft-store.ts'
import { examine, type ExamineDependencies, refuseUnlessInOrder } from './examine.ts'
import { keepChange, signedBy } from './put-live.ts'
import { refuseUnlessOpen, refuseUnlessSeen } from './save-draft.ts'
import { refuseFor, whyNotApprove } from './two-people.ts'

interface Seen {
  revision: number
  note: string
}

/** Asks for the review: from here on the text is frozen. Refused while the text itself could not be published. */
export async function askForReview(
  tx: Tx,
  context: CallContext,
  dependencies: ExamineDependencies,
  id: string,
  { revision, note }: Seen,
): Promise<DraftRow> {
  const draft = await lockDraft(tx, id)
  refuseUnlessOpen(draft)
  refuseUnlessSeen(draft, revision)
  await refuseUnlessNewest(tx, draft)
  await refuseUnchanged(tx, draft)
  refuseUnlessInOrder(await examine(tx, dependencies, draft, draft.pathway))
  return move(tx, context, { ...draft, status: 'in-review', note, asked: signedBy(context) }, 'asked', note)
}

/** Approves what is in review, as far as the rule of two people lets the caller. */
export async function approveDraft(
  tx: Tx,
  context: CallContext,
  id: string,
  { revision, note }: Seen,
): Promise<DraftRow> {
  const draft = await lockDraft(tx, id)
  refuseUnlessInReview(draft)
  refuseUnlessSeen(draft, revision)
  refuseFor(whyNotApprove(context, draft), draft)
  return move(tx, context, { ...draft, status: 'approved', approved: signedBy(context) }, 'approved', note)
}

/** Sends back what is in review: it is open for changes again. */
export async function sendBack(tx: Tx, context: CallContext, id: string, note: string): Promise<DraftRow> {
  const draft = await lockDraft(tx, id)
  refuseUnlessInReview(draft)
  return move(tx, context, opened(draft), 'sent-back', note)
}

/** Takes a draft back out of review, or gives up its approval, to change it further. */
export async function reopenDraft(tx: Tx, context: CallContext, id: string): Promise<DraftRow> {
  const draft = await lockDraft(tx, id)
  if (draft.status !== 'in-review' && draft.status !== 'approved')
    throw refuse('draft-not-in-review', { faults: [{ path: 'status', message: `the draft is ${draft.status}` }] })
  return move(tx, context, opened(draft), 'reopened', '')
}

/** Gives a draft up. It stays readable. */
export async function discardDraft(tx: Tx, context: CallContext, id: string): Promise<DraftRow> {
  const draft = await lockDraft(tx, id)
  refuseUnlessOpen(draft)
  return move(tx, context, { ...draft, status: 'discarded' }, 'discarded', '')
}

const opened = (draft: DraftRow): DraftRow => ({ ...draft, status: 'draft', asked: null, approved: null })

async function move(tx: Tx, context: CallContext, draft: DraftRow, act: string, note: string): Promise<DraftRow> {
  await updateDraft(tx, draft)
  await keepChange(tx, context, { pathway: draft.pathway, act, draft: draft.id, note })
  return draft
}

function refuseUnlessInReview(draft: DraftRow): void {
  if (draft.status !== 'in-review')
    throw refuse('draft-not-in-review', { faults: [{ path: 'status', message: `the draft is ${draft.status}` }] })
}

/** Publishing must not undo what was published since the draft was begun without anybody's knowing. */
export async function refuseUnlessNewest(tx: Tx, draft: DraftRow): Promise<void> {
  const newest = await newestVersion(tx, draft.pathway)
  if (newest !== draft.basedOn)
    throw refuse('draft-outdated', {
      faults: [
        { path: 'basedOn', message: `it was begun from version ${draft.basedOn ?? 'none'}; the newest is ${newest}` },
      ],
    })
}

async function refuseUnchanged(tx: Tx, draft: DraftRow): Promise<void> {
  if (draft.basedOn === null) return
  const { source, templates, scenarios } = await readVersion(tx, draft.pathway, draft.basedOn)
  if (
    source === draft.source &&
    isDeepStrictEqual(templates, draft.templates) &&
    isDeepStrictEqual(scenarios, draft.scenarios)
  )
    throw refuse('draft-unchanged', {
      faults: [{ path: 'source', message: `it is the text of version ${draft.basedOn}` }],
    })
}
