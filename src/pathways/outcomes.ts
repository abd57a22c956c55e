import type { Communication, Resource, Task } from '@medplum/fhirtypes'
import type { CompiledStep } from './compile.ts'
import type { OpenStep } from './state.ts'

/** Types of what the engine asks for: a change of one of these with the engine's own id is the answer. */
const ownTypes = new Set(['Task', 'Communication', 'Appointment', 'ServiceRequest'])

export const isOwnType = (type: string): boolean => ownTypes.has(type)

/** How a step ends by a change of what it asked for itself; undefined while it does not end. */
export function ownOutcome(step: CompiledStep, open: OpenStep, resource: Resource): string | undefined {
  switch (resource.resourceType) {
    case 'Task':
      return taskOutcome(step, open, resource)
    case 'Communication':
      return messageOutcome(step, resource)
    case 'Appointment':
      if (['booked', 'arrived', 'checked-in', 'fulfilled'].includes(resource.status)) return 'booked'
      return ['cancelled', 'noshow', 'entered-in-error'].includes(resource.status) ? 'declined' : undefined
    case 'ServiceRequest':
      if (['revoked', 'entered-in-error'].includes(resource.status)) return 'declined'
      return resource.status === 'completed' && step.step.order?.result === 'none' ? 'done' : undefined
    default:
      return undefined
  }
}

/** A completed Task's outcome is its output of type `outcome`; a person's refusal and a cancellation have their own words. */
function taskOutcome(step: CompiledStep, open: OpenStep, task: Task): string | undefined {
  const failed = task.status === 'cancelled' || task.status === 'failed' || task.status === 'entered-in-error'
  if (task.status !== 'completed' && !failed) return undefined
  const said = task.output?.find((output) => output.type.coding?.some((coding) => coding.code === 'outcome'))?.valueCode
  switch (step.kind) {
    case 'form':
      return failed ? 'cancelled' : 'answered'
    case 'message':
      return open.fallback === undefined ? undefined : failed || said?.startsWith('not-') ? 'failed' : 'sent'
    case 'call':
      return failed ? 'failed' : 'done'
    case 'decide': {
      const { decide } = step.step
      const known = decide && 'automation' in decide ? decide.gives : []
      return !failed && said !== undefined && known.includes(said) ? said : (decide?.otherwise ?? 'failed')
    }
    default:
      return failed ? 'cancelled' : (said ?? 'done')
  }
}

function messageOutcome(step: CompiledStep, message: Communication): string | undefined {
  // A form's message that has gone out is not yet an answer.
  if (message.status === 'completed') return step.kind === 'message' ? 'sent' : undefined
  return ['stopped', 'not-done', 'entered-in-error'].includes(message.status) ? 'failed' : undefined
}

/** Answers that say which Task they are for are for no other; those from elsewhere answer whoever asks for their form. */
const taskIdentifier = 'urn:throughline:task'
const answered = ['completed', 'amended']

/** A form asked for without a version is answered by each of its versions. */
function isOf(asked: string, given: string | undefined): boolean {
  const [url, version] = asked.split('|')
  const [givenUrl, givenVersion] = given?.split('|') ?? []
  return url === givenUrl && (version === undefined || version === givenVersion)
}

const final = ['final', 'amended', 'corrected']

/** Whether a resource that somebody else made answers an open form or order. */
export function answers(step: CompiledStep, open: OpenStep, resource: Resource): string | undefined {
  const { form, order } = step.step
  if (form && resource.resourceType === 'QuestionnaireResponse') {
    const asked = resource.identifier?.system === taskIdentifier ? resource.identifier.value : open.key
    return asked === open.key && isOf(form.questionnaire, resource.questionnaire) && answered.includes(resource.status)
      ? 'answered'
      : undefined
  }
  if (!order || resource.resourceType !== order.result) return undefined
  const based = resource.basedOn?.some((one) => one.reference === `ServiceRequest/${open.key}`)
  return based && final.includes(resource.status ?? '') ? 'resulted' : undefined
}
