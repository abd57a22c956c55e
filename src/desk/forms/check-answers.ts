import type { Questionnaire, QuestionnaireResponse, Resource } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord, Projection } from '../../fhir/index.ts'
import {
  checkResponse,
  type Filled,
  type FillContext,
  type Form,
  readForm,
  readSheet,
  saysFault,
  type Sheet,
} from '../../forms/index.ts'
import type { CallContext, Fault } from '../../kernel/index.ts'
import { checkBinding } from '../../terminology/index.ts'
import { refuse } from '../errors.ts'
import { canonicalOf, findForm } from './canonical.ts'
import { guardSecondPerson } from './second-person.ts'

export interface AnswerDependencies {
  record: FhirRecord
  /** The clinic's zone: what `today()` says in a form. */
  zone: string
}

/** A form of the record with its answers checked: what is asked, computed and wrong. */
export async function fillOf(
  tx: Tx,
  context: CallContext,
  { zone }: AnswerDependencies,
  questionnaire: Questionnaire,
  response: QuestionnaireResponse,
  launch: Readonly<Record<string, Resource>>,
): Promise<Filled> {
  const { form } = readForm(questionnaire)
  const isMember = await membership(tx, form, response)
  return checkResponse(form, response, { now: context.clock.now(), zone, launch, isMember })
}

/** Asks beforehand, of all answers from value sets, whether these have them: filling in a form waits for nobody. */
async function membership(tx: Tx, form: Form, response: QuestionnaireResponse): Promise<FillContext['isMember'] & {}> {
  const known = new Map<string, boolean | undefined>()
  const key = (valueSet: string, system: string | undefined, code: string) => `${valueSet} ${system ?? ''} ${code}`
  const look = async (sheet: Sheet): Promise<void> => {
    for (const node of sheet) {
      const valueSet = form.byLinkId.get(node.linkId)?.source.answerValueSet
      for (const { valueCoding } of valueSet === undefined || valueSet.startsWith('#') ? [] : node.answers) {
        if (valueSet === undefined || valueCoding?.code === undefined) continue
        const { system, code } = valueCoding
        const asked = { code, ...(system === undefined ? {} : { system }) }
        known.set(key(valueSet, system, code), await checkBinding(tx, valueSet, asked))
      }
      for (const row of node.rows) await look(row)
    }
  }
  await look(readSheet(form, response).sheet)
  return (valueSet, { system, code = '' }) => known.get(key(valueSet, system, code))
}

/** Faults of answers as the API tells them. */
export const faultsOf = (filled: Filled, context: CallContext): Fault[] =>
  filled.faults.map((fault) => ({ code: fault.code, path: fault.path, message: saysFault(fault, context.locale) }))

/** Faults that a draft may have: it is not finished. What does not belong to the form at all it may not. */
const ofShape = new Set(['item-unknown', 'item-twice', 'group-answered', 'answer-type', 'answer-empty'])

/**
 * Holds what is written into the record to the forms that the record has: nobody publishes a form alone, a published version
 * never changes, and answers fit the version they are pinned to (the active one, if to none). Answers to forms that nobody
 * knows here are kept as they come. `record` is asked for late, since the record is made with this.
 */
export function formGuard(dependencies: () => AnswerDependencies): Projection {
  return {
    types: ['Questionnaire', 'QuestionnaireResponse'],
    async apply(tx, context, written) {
      for (const { resource, former } of written) {
        if (resource?.resourceType === 'Questionnaire') {
          const before = former?.resourceType === 'Questionnaire' ? former : undefined
          guardSecondPerson(tx, context, resource, before)
          if (before) refuseChange(before, resource)
        }
        if (resource?.resourceType !== 'QuestionnaireResponse' || resource.questionnaire === undefined) continue
        if (resource.status === 'entered-in-error' || resource.status === 'stopped') continue
        const { record } = dependencies()
        const questionnaire = await findForm(tx, record, resource.questionnaire)
        if (!questionnaire) continue
        const patient = resource.subject?.reference?.startsWith('Patient/')
          ? await record.read(tx, resource.subject.reference)
          : undefined
        const launch: Record<string, Resource> = patient ? { patient } : {}
        const filled = await fillOf(tx, context, dependencies(), questionnaire, resource, launch)
        const faults = faultsOf(filled, context).filter(
          ({ code = '' }) => resource.status !== 'in-progress' || ofShape.has(code),
        )
        if (faults.length > 0) throw refuse('answers-refused', { faults: faults.slice(0, 50) })
      }
    },
  }
}

/** Of a version that has been published, only its standing may change: answers are pinned to what it asked. */
function refuseChange(former: Questionnaire, next: Questionnaire): void {
  if (former.status !== 'active' && former.status !== 'retired') return
  if (former.version === undefined || former.url === undefined) return
  const asked = ({ status: _status, date: _date, meta: _meta, text: _text, ...rest }: Questionnaire) =>
    JSON.stringify(rest)
  if (asked(former) !== asked(next))
    throw refuse('form-frozen', {
      faults: [{ path: 'Questionnaire.version', message: `${canonicalOf(former)} is published` }],
    })
}
