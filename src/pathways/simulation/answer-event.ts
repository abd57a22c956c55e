import type { Resource } from '@medplum/fhirtypes'
import type { CompiledStep } from '../compile.ts'
import { answerAs } from '../replay/assume.ts'
import type { JourneyEvent, OpenStep } from '../state.ts'

/** The event by which a simulated world answers an open step with an outcome. */
export function answerEvent(step: CompiledStep, open: OpenStep, outcome: string, at: number): JourneyEvent {
  const id = `${open.key}/${outcome}`
  if (step.kind === 'start') return { id, at, kind: 'child', key: open.key, outcome }
  const resource =
    (outcome === 'answered' || outcome === 'resulted' ? contentOf(step, open) : undefined) ??
    answerAs(step, open, outcome)
  const nothing: Resource = { resourceType: 'Basic', code: {} }
  return { id, at, kind: 'change', change: { interaction: 'update', resource: resource ?? nothing } }
}

/** What answers a form or an order by its content. */
function contentOf(step: CompiledStep, open: OpenStep): Resource | undefined {
  const { form, order } = step.step
  if (form && form.role === undefined)
    return { resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire: form.questionnaire }
  if (order?.result === 'Observation' || order?.result === 'DiagnosticReport')
    return {
      resourceType: order.result,
      status: 'final',
      code: {},
      basedOn: [{ reference: `ServiceRequest/${open.key}` }],
    }
  return undefined
}
