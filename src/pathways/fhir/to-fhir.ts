import type {
  ActivityDefinition,
  Bundle,
  BundleEntry,
  Expression,
  Extension,
  PlanDefinition,
  PlanDefinitionAction,
  PlanDefinitionActionRelatedAction,
  Questionnaire,
  TriggerDefinition,
} from '@medplum/fhirtypes'
import { type Definition, kindOf, predecessorsOf, type Step } from '../model.ts'
import { fhirDuration, fhirTiming } from './durations.ts'
import { asExtension, type Plain } from './extension-values.ts'
import {
  activityType,
  activityUrl,
  clinicalProtocol,
  collectWithUrl,
  type ExtensionName,
  extensionUrl,
  idOf,
  planUrl,
  roleSystem,
} from './names.ts'
import { inBothLanguages } from './words-of.ts'

export type PublicationStatus = 'draft' | 'active' | 'retired'

export interface ToFhirOptions {
  status?: PublicationStatus
  /** When the version was published: an ISO 8601 date or time. */
  date?: string
  /** Questionnaires to carry along; others are named by their canonical alone. */
  forms?: readonly (Questionnaire & { url: string })[]
}

/** FHIR leaves the list of languages open (the binding is extensible); the type does not. */
const cel = 'text/cel' as Expression['language']
const cpg = (name: string) => `http://hl7.org/fhir/uv/cpg/StructureDefinition/${name}`
const own = (name: ExtensionName, value: Plain | undefined): Extension[] =>
  value === undefined ? [] : [asExtension(extensionUrl(name), value)]
const extended = (list: readonly Extension[]) => (list.length > 0 ? { extension: [...list] } : {})
const optional = <T>(name: string, value: T | undefined) => (value === undefined ? {} : { [name]: value })
const without = (fields: object, ...names: readonly string[]): Plain | undefined => {
  const rest = Object.entries(fields).filter(([name, value]) => !names.includes(name) && value !== undefined)
  return rest.length > 0 ? (Object.fromEntries(rest) as Plain) : undefined
}

/** An event of the language: what changes, and under which condition. */
export function fhirTrigger(
  one: { on: string; when?: string | undefined; set?: Plain | undefined; key?: string | undefined },
  id?: string,
): TriggerDefinition {
  return {
    ...optional('id', id),
    ...extended([...own('key', one.key), ...own('set', one.set)]),
    type: 'data-changed',
    data: [{ type: one.on }],
    ...(one.when === undefined ? {} : { condition: { language: 'text/fhirpath', expression: one.when } }),
  }
}

/** `Referral2` of `referral-2`: FHIR wants a name that programs can use. */
const nameOf = (...parts: readonly string[]) =>
  parts
    .join('-')
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')

/** The step's `after` with its shape: one, a list of all, any of a list, or some of it. */
function joinOf({ after }: Step): Plain | undefined {
  if (after === undefined) return undefined
  if (typeof after === 'string') return { rule: 'one' }
  if (Array.isArray(after)) return { rule: 'all' }
  return 'any' in after ? { rule: 'any' } : { rule: 'at-least', least: after['at-least'] }
}

const relatedActions = (step: Step): PlanDefinitionActionRelatedAction[] =>
  predecessorsOf(step).from.map(({ step: actionId, outcome }) => ({
    ...extended(own('outcome', outcome)),
    actionId,
    relationship: outcome === 'missed' ? 'after-start' : 'after-end',
  }))

/** What FHIR has no element for, of the kinds that ask for nothing that an ActivityDefinition could define. */
function detailsOf(step: Step): Extension[] {
  const { wait, decide, call, start, end } = step
  return [
    ...own('wait', wait && ('events' in wait ? without(wait, 'events') : wait)),
    ...own('decide', decide),
    ...own('call', call),
    ...own('start', start && without(start, 'pathway', 'version')),
    ...own('end', end),
  ]
}

function timingOf(step: Step): Partial<PlanDefinitionAction> {
  if (step.repeat) return optional('timingTiming', fhirTiming(step.repeat))
  if (!step.wait) return {}
  return optional('timingDuration', fhirDuration('for' in step.wait ? step.wait.for : undefined))
}

function actionOf(id: string, step: Step, definition: string | undefined): PlanDefinitionAction {
  const events = step.wait && 'events' in step.wait ? Object.entries(step.wait.events) : []
  const related = relatedActions(step)
  return {
    id,
    ...extended([
      ...own('kind', kindOf(step)),
      ...own('stage', step.stage),
      ...own('join', joinOf(step)),
      ...own('repeat', step.repeat),
      ...detailsOf(step),
    ]),
    ...inBothLanguages('title', step.title),
    ...(events.length > 0 ? { trigger: events.map(([name, event]) => fhirTrigger(event, name)) } : {}),
    ...(step.when === undefined
      ? {}
      : { condition: [{ kind: 'applicability', expression: { language: cel, expression: step.when } }] }),
    ...(related.length > 0 ? { relatedAction: related } : {}),
    ...timingOf(step),
    // A person may add it, or may leave it out and says why.
    ...(step.discretionary === 'add' ? { requiredBehavior: 'could' } : {}),
    ...(step.discretionary === 'skip' ? { requiredBehavior: 'must-unless-documented' } : {}),
    ...(step.repeat ? { cardinalityBehavior: 'multiple' } : {}),
    ...optional('definitionCanonical', definition),
  }
}

const byRole = (role: string): Partial<ActivityDefinition> => ({
  participant: [{ type: 'practitioner', role: { coding: [{ system: roleSystem, code: role }] } }],
})

/** What a step's activity is, by its kind; undefined for kinds that are the engine's own. */
function activityBody(step: Step): Partial<ActivityDefinition> | undefined {
  const { task, message, form, appointment, order, request } = step
  const profile = (name: string) => ({ meta: { profile: [cpg(name)] } })
  const plain = profile('cpg-computableactivity')
  const dueOf = (due: NonNullable<Step['task']>['due']) =>
    optional('timingDuration', fhirDuration(typeof due === 'string' ? due : undefined))
  if (task)
    return {
      ...plain,
      ...extended(own('task', without(task, 'role', 'title', 'description'))),
      ...inBothLanguages('title', task.title),
      ...inBothLanguages('description', task.description),
      kind: 'Task',
      ...dueOf(task.due),
      ...byRole(task.role),
    }
  if (message)
    return {
      ...profile('cpg-communicationactivity'),
      ...extended(own('message', message)),
      kind: 'CommunicationRequest',
      profile: cpg('cpg-communicationrequest'),
      code: activityType('send-message'),
      ...(message.to === 'patient' ? { participant: [{ type: 'patient' }] } : {}),
      ...(message.to.startsWith('role:') ? byRole(message.to.slice('role:'.length)) : {}),
    }
  if (form)
    return {
      ...profile('cpg-collectinformationactivity'),
      extension: [
        { url: collectWithUrl, valueCanonical: form.questionnaire },
        ...own('form', without(form, 'questionnaire', 'title', 'role')),
      ],
      ...inBothLanguages('title', form.title),
      kind: 'Task',
      profile: cpg('cpg-questionnairetask'),
      code: activityType('collect-information'),
      ...dueOf(form.due),
      ...(form.role === undefined ? { participant: [{ type: 'patient' }] } : byRole(form.role)),
    }
  if (appointment)
    return {
      ...plain,
      ...extended(own('appointment', without(appointment, 'title'))),
      ...inBothLanguages('title', appointment.title),
      kind: 'Appointment',
    }
  if (order)
    return {
      ...plain,
      ...extended(own('order', without(order, 'title', 'code'))),
      ...inBothLanguages('title', order.title),
      kind: 'ServiceRequest',
      code: { coding: [{ ...order.code }] },
    }
  if (request)
    return {
      ...plain,
      ...extended(own('request', true)),
      ...inBothLanguages('title', request.title),
      kind: request.resource,
    }
  return undefined
}

/** The Questionnaires that a pathway's steps name. */
const questionnairesOf = (definition: Definition): Set<string> =>
  new Set(
    Object.values(definition.tracks).flatMap(({ steps }) =>
      Object.values(steps).flatMap(({ form }) => (form ? [form.questionnaire] : [])),
    ),
  )

/**
 * A version of a pathway as FHIR R4: a collection Bundle of one PlanDefinition, an ActivityDefinition for each step that asks
 * for something, and the given Questionnaires that it names. In CPG-on-FHIR's shape where that has one (computable plan
 * definitions; activities that send a message or collect information); what FHIR has no element for stands in extensions
 * (`names.ts`). `fromFhir` gives the same definition back. Pure.
 */
export function toFhir(definition: Definition, version: number, options: ToFhirOptions = {}): Bundle {
  const { pathway } = definition
  const head = {
    language: 'en',
    version: String(version),
    status: options.status ?? 'active',
    ...optional('date', options.date),
  } as const
  const activities: ActivityDefinition[] = []
  const stepAction = (id: string, step: Step): PlanDefinitionAction => {
    if (step.start) return actionOf(id, step, `${planUrl(step.start.pathway)}|${step.start.version}`)
    const body = activityBody(step)
    if (!body) return actionOf(id, step, undefined)
    const url = activityUrl(pathway, id)
    activities.push({
      resourceType: 'ActivityDefinition',
      id: idOf(pathway, version, id),
      url,
      name: nameOf(pathway, id),
      intent: 'proposal',
      doNotPerform: false,
      ...head,
      ...body,
    })
    return actionOf(id, step, `${url}|${version}`)
  }
  const tracks = Object.entries(definition.tracks).map(([id, track]): PlanDefinitionAction => {
    const starts = track.starts && 'on' in track.starts ? track.starts : undefined
    const steps = Object.entries(track.steps).map(([name, step]) => stepAction(name, step))
    return {
      // Steps have no dot in their names: a track and a step may share one.
      id: `track.${id}`,
      ...extended(
        own('track', without({ ...track, starts: starts ? undefined : track.starts }, 'title', 'steps') ?? {}),
      ),
      ...inBothLanguages('title', track.title),
      ...(starts ? { trigger: [fhirTrigger(starts)] } : {}),
      groupingBehavior: 'logical-group',
      selectionBehavior: 'all',
      ...(steps.length > 0 ? { action: steps } : {}),
    }
  })
  const { starts } = definition
  const plan: PlanDefinition = {
    resourceType: 'PlanDefinition',
    id: idOf(pathway, version),
    meta: { profile: [cpg('cpg-computableplandefinition')] },
    ...extended([
      ...own('owner', definition.owner),
      ...own('enrolment', definition.enrolment),
      ...own('again', definition.again),
      ...own('zone', definition.zone),
      ...own('variables', definition.variables),
      ...own('stages', definition.stages),
      ...own('follows', definition.follows),
      ...own('pauses', definition.pauses),
      ...own('stops', definition.stops),
    ]),
    url: planUrl(pathway),
    name: nameOf(pathway),
    ...head,
    ...inBothLanguages('title', definition.title),
    ...inBothLanguages('description', definition.description),
    type: clinicalProtocol,
    action: [
      {
        id: 'pathway.starts',
        ...(starts.length > 0 ? { trigger: starts.map((one) => fhirTrigger(one)) } : {}),
        groupingBehavior: 'logical-group',
        selectionBehavior: 'all',
        ...(tracks.length > 0 ? { action: tracks } : {}),
      },
    ],
  }
  const named = questionnairesOf(definition)
  const forms = (options.forms ?? []).filter(({ url }) => named.has(url))
  const entries: BundleEntry[] = [plan, ...activities, ...forms].map((resource) => ({
    fullUrl: resource.url ?? '',
    resource,
  }))
  return { resourceType: 'Bundle', id: idOf(pathway, version), type: 'collection', entry: entries }
}
