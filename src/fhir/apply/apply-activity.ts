import type { ActivityDefinition, Questionnaire, Resource } from '@medplum/fhirtypes'
import { isObject, type Json } from '../search-rows.ts'
import { typeRule } from '../structure.ts'
import { examine } from '../validate.ts'
import { type ApplyContext, canonicalOf, evaluate, referenceTo } from './context.ts'
import { requestShapes, type RequestShape } from './request-shapes.ts'
import { setAt } from './set-at.ts'

interface DynamicValue {
  path?: string | undefined
  expression?: Parameters<typeof evaluate>[0]
}

/** Sets an element if this kind of request has it, in a list where it is one. */
function put(request: Json, name: string | undefined, value: unknown): boolean {
  const rule = name === undefined ? undefined : typeRule(String(request['resourceType']))?.elements.get(name)
  if (name === undefined || !rule || value === undefined) return false
  request[name] = rule.many && !Array.isArray(value) ? [value] : value
  return true
}

const reference = (to: string | undefined) => (to === undefined ? undefined : { reference: to })

/** A choice's value under the name that it has in the definition: `timingPeriod` as `occurrencePeriod`. */
const choiceOf = (holder: object, stem: string): [ending: string, value: unknown] | undefined => {
  const found = Object.entries(holder).find(
    ([name, value]) => name.startsWith(stem) && /^[A-Z]/.test(name.slice(stem.length)) && value !== undefined,
  )
  return found && [found[0].slice(stem.length), found[1]]
}

function putTiming(
  request: Json,
  shape: RequestShape,
  activity: ActivityDefinition,
  context: ApplyContext,
  path: string,
): void {
  const timing = choiceOf(activity, 'timing')
  if (!timing) return
  const [ending, value] = timing
  if (put(request, shape.timing && `${shape.timing}${ending}`, value)) return
  if (request['resourceType'] === 'Task' && ending === 'Period') request['restriction'] = { period: value }
  else if (request['resourceType'] === 'Appointment' && ending === 'Period') request['requestedPeriod'] = [value]
  else if (request['resourceType'] === 'MedicationRequest' && ending === 'Timing' && !activity.dosage)
    request['dosageInstruction'] = [{ timing: value }]
  // A duration counts from when the action is due, which its place in the plan says.
  else if (ending !== 'Duration')
    context.issues.add(
      'timing-not-carried',
      `${path}.timing${ending}`,
      `a ${String(request['resourceType'])} has no place for it`,
    )
}

function putParticipants(
  request: Json,
  shape: RequestShape,
  activity: ActivityDefinition,
  context: ApplyContext,
): void {
  const participants = activity.participant ?? []
  const role = participants.find((one) => one.role)?.role
  put(request, shape.performerType, role)
  const subject = reference(referenceTo(context.subject))
  if (request['resourceType'] === 'Appointment')
    request['participant'] = [
      { actor: subject, status: 'needs-action' },
      ...(context.practitioner === undefined
        ? []
        : [{ actor: reference(context.practitioner), status: 'needs-action' }]),
      ...participants.flatMap((one) => (one.role ? [{ type: [one.role], status: 'needs-action' }] : [])),
    ]
  else if (participants.some(({ type }) => type === 'patient')) {
    if (request['resourceType'] === 'Task') request['owner'] = subject
    if (request['resourceType'] === 'CommunicationRequest') request['recipient'] = [subject]
  }
}

/** Evaluates what a definition leaves to the moment, and sets it where it belongs. */
export function putDynamicValues(
  target: Json,
  values: readonly (DynamicValue | undefined)[],
  context: ApplyContext,
  path: string,
  type = String(target['resourceType']),
): void {
  for (const [index, value] of values.entries()) {
    if (!value) continue
    const { path: at = '', expression } = value
    const here = `${path}.dynamicValue[${index}]`
    const given = evaluate(expression, context, `${here}.expression`)
    const fault = given && setAt(target, type, at, given)
    if (fault !== undefined) context.issues.add('path-unsupported', `${here}.path`, fault)
  }
}

const productOf = (activity: ActivityDefinition) => choiceOf(activity, 'product')

/**
 * The request that an ActivityDefinition asks for (FHIR R4, ActivityDefinition/$apply), before it is held against the base
 * rules; undefined when none can be made of its kind. `intent` is what the request is: its own when it is applied by itself,
 * `option` inside a RequestGroup, which decides whether it is carried out.
 */
export function requestOf(
  activity: ActivityDefinition,
  context: ApplyContext,
  path: string,
  { id, intent }: { id: string; intent: string },
): Json | undefined {
  const { kind } = activity
  if (kind === undefined) {
    context.issues.add('kind-missing', `${path}.kind`, 'does not say what to make')
    return undefined
  }
  const shape = requestShapes[kind]
  if (!shape) {
    context.issues.add('kind-unsupported', `${path}.kind`, `no ${kind} is made here`)
    return undefined
  }
  const request: Json = { resourceType: kind, id }
  if (activity.profile !== undefined) request['meta'] = { profile: [activity.profile] }
  put(request, 'instantiatesCanonical', canonicalOf(activity))
  put(request, 'status', shape.status)
  put(request, 'intent', intent)
  put(request, shape.subject, reference(referenceTo(context.subject)))
  put(request, 'encounter', reference(context.encounter))
  put(request, shape.authored, new Date(context.now).toISOString())
  put(request, shape.requester, reference(context.practitioner ?? context.organization))
  // An Appointment's priority is a number.
  if (kind !== 'Appointment') put(request, 'priority', activity.priority)
  put(request, 'doNotPerform', activity.doNotPerform)
  put(request, shape.code, activity.code)
  const product = productOf(activity)
  const within = product && isObject(product[1]) && String(product[1]['reference'] ?? '').startsWith('#')
  if (within)
    context.issues.add(
      'definition-missing',
      `${path}.product${product[0]}`,
      'what an activity contains is not carried along',
    )
  else if (product && shape.product !== undefined) {
    delete request[shape.code ?? '']
    put(request, `${shape.product}${product[0]}`, product[1])
  }
  if (activity.quantity !== undefined)
    put(
      request,
      shape.quantity,
      shape.quantity === 'dispenseRequest' ? { quantity: activity.quantity } : activity.quantity,
    )
  put(request, 'dosageInstruction', activity.dosage)
  put(request, 'bodySite', activity.bodySite)
  put(request, shape.location, activity.location)
  put(request, shape.description, activity.description ?? activity.title)
  if (kind === 'CarePlan') put(request, 'title', activity.title)
  putTiming(request, shape, activity, context, path)
  putParticipants(request, shape, activity, context)
  if (activity.transform !== undefined)
    context.issues.add('transform-not-run', `${path}.transform`, 'no StructureMap is run here')
  putDynamicValues(request, activity.dynamicValue ?? [], context, path)
  return request
}

const draftTask = (context: ApplyContext, id: string): Json => ({
  resourceType: 'Task',
  id,
  status: 'draft',
  intent: 'option',
  for: { reference: referenceTo(context.subject) },
  ...(context.encounter === undefined ? {} : { encounter: { reference: context.encounter } }),
  authoredOn: new Date(context.now).toISOString(),
})

/** A Task to fill in a Questionnaire (as SDC says which). */
export const questionnaireTask = (form: Questionnaire, context: ApplyContext, id: string): Json => ({
  ...draftTask(context, id),
  code: {
    coding: [{ system: 'http://hl7.org/fhir/uv/cpg/CodeSystem/cpg-activity-type-cs', code: 'collect-information' }],
  },
  ...(form.title === undefined ? {} : { description: form.title }),
  input: [{ type: { text: 'questionnaire' }, valueCanonical: canonicalOf(form) }],
})

/**
 * A Task for what a plan says in words alone, or what could not be told or made: a person reads it. FHIR wants a resource of
 * every action that has no actions below it (rqg-1).
 */
export const wordsTask = (words: string, context: ApplyContext, id: string): Json => ({
  ...draftTask(context, id),
  description: words,
})

/** A request that breaks the base rules of FHIR is no request: an issue for each fault, and nothing of it. */
export function soundRequest(request: Json, context: ApplyContext, path: string): Resource | undefined {
  const { faults } = examine(request)
  for (const fault of faults)
    context.issues.add(
      'request-invalid',
      path,
      `makes a request that FHIR does not allow: ${fault.path} ${fault.message}`,
    )
  return faults.length === 0 && isObject(request) ? (request as unknown as Resource) : undefined
}
