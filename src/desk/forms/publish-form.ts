import type { Questionnaire } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'
import { bothOf, checkQuestionnaire, type Localized } from '../../forms/index.ts'
import { reviewsNaming } from '../../journeys/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import type { DeskDependencies } from '../desk.ts'
import { refuse } from '../errors.ts'
import { canonicalOf, findForm, versionsOf } from './canonical.ts'
import { twoPeopleAnswer } from './second-person.ts'

type PublishDependencies = Pick<DeskDependencies, 'record' | 'audit'>

/**
 * Publishes a draft of a form: it never changes again, and the version before it is retired. Refuses one with faults; that two
 * people have seen it is for whoever calls this.
 */
export async function publishForm(
  tx: Tx,
  context: CallContext,
  { record, audit }: PublishDependencies,
  draft: Questionnaire,
): Promise<Questionnaire> {
  const errors = checkQuestionnaire(draft).filter(({ severity }) => severity === 'error')
  if (errors.length > 0)
    throw refuse('form-refused', { faults: errors.map(({ code, path, message }) => ({ code, path, message })) })
  const id = draft.id ?? ''
  const date = new Date(context.clock.now()).toISOString()
  const before = (await versionsOf(tx, record, draft.url ?? '')).filter(({ status }) => status === 'active')
  twoPeopleAnswer(tx)
  const [published] = await record.write(tx, context, [
    { interaction: 'update', resource: { ...draft, id, status: 'active', date } },
    ...before.map((one) => ({
      interaction: 'update' as const,
      resource: { ...one, id: one.id ?? '', status: 'retired' as const },
    })),
  ])
  await audit(tx, context, [{ action: 'U', code: 'form-published', entities: [`Questionnaire/${id}`] }])
  return published?.resource?.resourceType === 'Questionnaire' ? published.resource : draft
}

/** Forms as the review of a pathway meets them: drafts that its steps name by `url|version` go live together with it. */
export interface PathwayForms {
  drafts(tx: Tx, canonicals: readonly string[]): Promise<{ id: string; canonical: string; title: Localized }[]>
  publish(tx: Tx, context: CallContext, canonicals: readonly string[]): Promise<void>
}

export function pathwayForms(dependencies: PublishDependencies): PathwayForms {
  const draftsOf = async (tx: Tx, record: FhirRecord, canonicals: readonly string[]) => {
    const found: Questionnaire[] = []
    for (const canonical of new Set(canonicals)) {
      const form = canonical.includes('|') ? await findForm(tx, record, canonical) : undefined
      if (form?.status === 'draft') found.push(form)
    }
    return found
  }
  const { record } = dependencies
  return {
    async drafts(tx, canonicals) {
      return (await draftsOf(tx, record, canonicals)).map((form) => ({
        id: form.id ?? '',
        canonical: canonicalOf(form),
        title: bothOf(form, 'title', form.language),
      }))
    },
    async publish(tx, context, canonicals) {
      for (const form of await draftsOf(tx, record, canonicals)) await publishForm(tx, context, dependencies, form)
    },
  }
}

/** Refuses a change of a form's draft that a pathway in review names: what is approved is what goes live. */
export async function refuseInReview(tx: Tx, draft: Questionnaire): Promise<void> {
  const canonical = canonicalOf(draft)
  const rows = await reviewsNaming(tx, canonical)
  // Not `…|12` where `…|1` is asked for.
  const [held] = rows.filter(({ source }) =>
    source
      .split(canonical)
      .slice(1)
      .some((rest) => !/^\d/.test(rest)),
  )
  if (held)
    throw refuse('form-in-review', { faults: [{ path: 'status', message: `${held.pathway} is in review with it` }] })
}
