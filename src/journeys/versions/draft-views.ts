import type { Draft, DraftItem } from '../../contracts/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import type { VersionsDependencies } from './dependencies.ts'
import { type DraftLine, type DraftRow, titleOf } from './draft-store.ts'
import { whyNotApprove, whyNotPublish } from './two-people.ts'

export const draftItem = ({ begunAt, changedAt, ...line }: DraftLine): DraftItem => ({
  ...line,
  begunAt: begunAt.toISOString(),
  changedAt: changedAt.toISOString(),
})

/** A draft in full, with what the caller may do with it now. */
export function draftView(
  draft: DraftRow,
  openComments: number,
  context: CallContext,
  { permitted }: Pick<VersionsDependencies, 'permitted'>,
): Draft {
  const { begunAt, changedAt, templates, scenarios, ...rest } = draft
  const { status } = draft
  const may = (permission: string, refusal: string | undefined): true | string =>
    permitted(context, permission) ? (refusal ?? true) : 'forbidden'
  const open = status === 'draft' ? undefined : 'draft-frozen'
  const inReview = status === 'in-review' ? undefined : 'draft-not-in-review'
  return {
    ...rest,
    title: titleOf(draft.source),
    begunAt: begunAt.toISOString(),
    changedAt: changedAt.toISOString(),
    openComments,
    templates: [...templates],
    scenarios: [...scenarios],
    may: {
      save: may('pathways.write', open),
      ask: may('pathways.write', open),
      approve: may('pathways.approve', inReview ?? whyNotApprove(context, draft)),
      sendBack: may('pathways.approve', inReview),
      reopen: may('pathways.write', status === 'approved' ? undefined : inReview),
      publish: may('pathways.publish', status === 'approved' ? whyNotPublish(context, draft) : 'draft-not-approved'),
      discard: may('pathways.write', open),
    },
  }
}
