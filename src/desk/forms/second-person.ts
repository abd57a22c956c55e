import type { Questionnaire } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'

/*
 * Two people answer for what goes live (docs/decisions/0020-two-people-for-live.md), and a pathway that names a form without
 * a version asks what was published last. So whoever wrote last in a draft does not publish it alone. Who that was stands in
 * the draft with the version it was true of: what is written past the editor leaves a draft of which nobody knows.
 */
const lastWriter = 'urn:throughline:last-writer'

interface Writer {
  id: string
  name: string
}

const idOf = ({ actor }: CallContext): string => `${actor.kind}/${actor.id}`

/** The draft with the caller as its last writer; `version` is the one that it is going to be stored as. */
export function writtenBy<T extends Questionnaire>(draft: T, context: CallContext, version: number): T {
  const others = (draft.extension ?? []).filter(({ url }) => url !== lastWriter)
  const said = [
    { url: 'person', valueString: idOf(context) },
    { url: 'name', valueString: context.actor.name },
    { url: 'version', valueInteger: version },
  ]
  return { ...draft, extension: [...others, { url: lastWriter, extension: said }] }
}

/** Who wrote last in a draft; undefined when what is said is not of this version. */
export function writerOf(draft: Questionnaire): Writer | undefined {
  const parts = draft.extension?.find(({ url }) => url === lastWriter)?.extension ?? []
  const part = (name: string) => parts.find(({ url }) => url === name)
  const id = part('person')?.valueString
  if (id === undefined || String(part('version')?.valueInteger) !== draft.meta?.versionId) return undefined
  return { id, name: part('name')?.valueString ?? '' }
}

/** Why the caller may not publish a draft; undefined when they may. */
export function whyNotPublishForm(
  context: CallContext,
  draft: Questionnaire,
): 'form-needs-a-person' | 'form-writer-unknown' | 'publishes-own-form' | undefined {
  if (context.actor.kind !== 'account') return 'form-needs-a-person'
  const writer = writerOf(draft)
  if (!writer) return 'form-writer-unknown'
  return writer.id === idOf(context) ? 'publishes-own-form' : undefined
}

/** Throws the refusal, naming the person where it is about one. */
export function refuseOwnForm(context: CallContext, draft: Questionnaire): void {
  const code = whyNotPublishForm(context, draft)
  if (code === undefined) return
  const message = {
    'form-needs-a-person': 'is a program',
    'form-writer-unknown': 'must be another than who wrote it last, and that is not known',
    'publishes-own-form': `${writerOf(draft)?.name} must be another person`,
  }[code]
  throw refuse(code, { faults: [{ path: 'actor', message }] })
}

const publishing = new WeakSet<Tx>()

/** Says that forms go live in this transaction as two people wanted it. */
export const twoPeopleAnswer = (tx: Tx): void => void publishing.add(tx)

/** Refuses what would go round the second person: a person's own active form, and a draft that names another as its writer. */
export function guardSecondPerson(
  tx: Tx,
  context: CallContext,
  next: Questionnaire,
  former: Questionnaire | undefined,
): void {
  if (context.actor.kind !== 'account') return
  const wasLive = former?.status === 'active' || former?.status === 'retired'
  if (next.status === 'active' && next.url !== undefined && !wasLive && !publishing.has(tx))
    throw refuse('form-needs-two', { faults: [{ path: 'Questionnaire.status', message: 'begins as a draft' }] })
  const writer = next.status === 'draft' ? writerOf(next) : undefined
  if (writer && writer.id !== idOf(context))
    throw refuse('form-writer-false', {
      faults: [{ path: 'Questionnaire.extension', message: `names ${writer.name}` }],
    })
}
