import type { CallContext } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import type { DraftRow } from './draft-store.ts'
import { personOf } from './put-live.ts'

/*
 * Two people answer for what goes live (docs/decisions/0020-two-people-for-live.md). Whoever wrote last has read the whole
 * text, whoever asks for the review signs for it; neither of them approves, and the last writer does not set it live.
 */
type Refused = 'needs-a-person' | 'approves-own-text' | 'approves-own-request' | 'publishes-own-text'

/** Why the caller may not approve this draft; undefined when they may. */
export function whyNotApprove(context: CallContext, draft: DraftRow): Refused | undefined {
  const { id } = personOf(context)
  if (context.actor.kind !== 'account') return 'needs-a-person'
  if (draft.lastWriter.id === id) return 'approves-own-text'
  if (draft.asked?.by.id === id) return 'approves-own-request'
  return undefined
}

/** Why the caller may not set this draft live; undefined when they may. */
export function whyNotPublish(context: CallContext, draft: DraftRow): Refused | undefined {
  if (context.actor.kind !== 'account') return 'needs-a-person'
  return draft.lastWriter.id === personOf(context).id ? 'publishes-own-text' : undefined
}

/** Throws the refusal, naming the rule and, where it is about one, the person. */
export function refuseFor(code: Refused | undefined, draft: DraftRow): void {
  if (code === undefined) return
  const who = code === 'approves-own-request' ? draft.asked?.by.name : draft.lastWriter.name
  throw refuse(code, {
    faults: [{ path: 'actor', message: code === 'needs-a-person' ? 'is a program' : `${who} must be another person` }],
  })
}
