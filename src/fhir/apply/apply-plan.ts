import type {
  ActivityDefinition,
  CarePlan,
  Goal,
  PlanDefinition,
  PlanDefinitionAction,
  PlanDefinitionActionCondition,
  RequestGroup,
  RequestGroupAction,
  RequestGroupActionRelatedAction,
  Resource,
} from '@medplum/fhirtypes'
import type { Json } from '../search-rows.ts'
import { putDynamicValues, questionnaireTask, requestOf, soundRequest, wordsTask } from './apply-activity.ts'
import { type Applicable, type ApplyContext, canonicalOf, evaluate, referenceTo } from './context.ts'
import { planned } from './planned-time.ts'

const deepest = 8
const mostActions = 1_000

/** Elements that an action of a RequestGroup has as the PlanDefinition's has them (FHIR R4, RequestGroup.action). */
const carried = [
  'prefix',
  'title',
  'description',
  'textEquivalent',
  'priority',
  'code',
  'documentation',
  'timingDateTime',
  'timingPeriod',
  'timingDuration',
  'timingRange',
  'timingTiming',
  'type',
  'groupingBehavior',
  'selectionBehavior',
  'requiredBehavior',
  'precheckBehavior',
  'cardinalityBehavior',
] as const

/**
 * Does an action apply? `unknown` when a condition cannot be told here: the action is shown with that condition, as a
 * task for a person: nobody said that its request applies.
 */
function applies(
  action: PlanDefinitionAction,
  context: ApplyContext,
  path: string,
): 'yes' | 'no' | { unknown: PlanDefinitionActionCondition[] } {
  const unknown: PlanDefinitionActionCondition[] = []
  for (const [index, condition] of (action.condition ?? []).entries()) {
    if (condition.kind !== 'applicability') continue
    const given = evaluate(condition.expression, context, `${path}.condition[${index}].expression`)
    if (!given) unknown.push(condition)
    // FHIRPath: a collection of one thing that is no boolean is true; an empty one is no answer, which is not true.
    else if (given.length === 0 || given.some(({ value }) => value === false)) return 'no'
  }
  return unknown.length > 0 ? { unknown } : 'yes'
}

class PlanApplied {
  readonly #context: ApplyContext
  readonly contained: Resource[] = []
  /** The plan whose actions are being applied. */
  #plan: PlanDefinition | undefined
  /** Where in the definition an action was made from. */
  readonly #paths = new Map<RequestGroupAction, string>()
  #actions = 0
  #requests = 0
  #groups = 0

  constructor(context: ApplyContext) {
    this.#context = context
  }

  async group(plan: PlanDefinition, path: string, plans: readonly string[], mayAsk: boolean): Promise<RequestGroup> {
    const { subject, encounter, practitioner, organization, now } = this.#context
    this.#groups += 1
    const id = `requests-${this.#groups}`
    const author = practitioner ?? organization
    const canonical = canonicalOf(plan)
    const group: RequestGroup = {
      resourceType: 'RequestGroup',
      id,
      ...(canonical === undefined ? {} : { instantiatesCanonical: [canonical] }),
      status: 'draft',
      intent: 'proposal',
      subject: { reference: referenceTo(subject) },
      ...(encounter === undefined ? {} : { encounter: { reference: encounter } }),
      authoredOn: new Date(now).toISOString(),
      ...(author === undefined ? {} : { author: { reference: author } }),
    }
    this.contained.push(group)
    const around = this.#plan
    this.#plan = plan
    const actions = await this.#list(plan.action ?? [], `${path}.action`, plans, mayAsk)
    this.#plan = around
    this.#relate(actions, new Set(idsOf(actions)))
    if (actions.length > 0) group.action = actions
    return group
  }

  async #list(
    actions: readonly PlanDefinitionAction[],
    path: string,
    plans: readonly string[],
    mayAsk: boolean,
  ): Promise<RequestGroupAction[]> {
    const made: RequestGroupAction[] = []
    for (const [index, action] of actions.entries()) {
      this.#actions += 1
      if (this.#actions > mostActions) {
        if (this.#actions === mostActions + 1)
          this.#context.issues.add('too-many-actions', path, `only the first ${mostActions} actions were applied`)
        break
      }
      const here = `${path}[${index}]`
      const one = await this.#action(action, here, plans, mayAsk)
      if (!one) continue
      this.#paths.set(one, here)
      made.push(one)
    }
    return made
  }

  async #action(
    action: PlanDefinitionAction,
    path: string,
    plans: readonly string[],
    mayAsk: boolean,
  ): Promise<RequestGroupAction | undefined> {
    const applicable = applies(action, this.#context, path)
    if (applicable === 'no') return undefined
    const unknown = applicable === 'yes' ? [] : applicable.unknown
    const conditions = [...unknown, ...(action.condition ?? []).filter(({ kind }) => kind !== 'applicability')]
    const made: Json = {}
    if (action.id !== undefined) made['id'] = action.id
    for (const name of carried) if (action[name] !== undefined) made[name] = action[name]
    if (conditions.length > 0) made['condition'] = conditions
    if (action.relatedAction) made['relatedAction'] = action.relatedAction
    const age = planned(action.timingAge, this.#context.subject)
    if (age) made['timingPeriod'] = age
    else if (action.timingAge) made['timingAge'] = action.timingAge
    const asks = mayAsk && unknown.length === 0
    if (action.transform !== undefined)
      this.#context.issues.add('transform-not-run', `${path}.transform`, 'no StructureMap is run here')
    putDynamicValues(made, actionValues(action), this.#context, path, 'RequestGroup.action')
    if (action.action && action.action.length > 0) {
      const inner = await this.#list(action.action, `${path}.action`, plans, asks)
      // A group of which nothing applies does not apply.
      return inner.length > 0 ? { ...made, action: inner } : undefined
    }
    const defined = await this.#defined(action, path, plans, asks)
    if (!defined && requestValues(action).some((one) => one !== undefined))
      this.#context.issues.add('path-unsupported', `${path}.dynamicValue`, 'belongs to a request that was not made')
    const { id } = defined ?? this.#words(action, path)
    return { ...made, resource: { reference: `#${id}` } }
  }

  #words({ textEquivalent, description, title, id }: PlanDefinitionAction, path: string): Resource {
    const words = textEquivalent ?? description ?? title ?? id ?? path
    const task = wordsTask(words, this.#context, this.#nextId()) as unknown as Resource
    this.contained.push(task)
    return task
  }

  #nextId(): string {
    this.#requests += 1
    return `request-${this.#requests}`
  }

  /** What the action's definition makes, among the contained; undefined when it makes nothing. */
  async #defined(
    action: PlanDefinitionAction,
    path: string,
    plans: readonly string[],
    asks: boolean,
  ): Promise<Resource | undefined> {
    const canonical = action.definitionCanonical ?? action.definitionUri
    if (canonical === undefined) return undefined
    const { issues } = this.#context
    const at = `${path}.definition`
    const definition = canonical.startsWith('#') ? this.#within(canonical) : await this.#context.resolve(canonical)
    if (!definition) {
      issues.add('definition-missing', at, `${canonical.slice(0, 200)} is not here`)
      return undefined
    }
    if (definition.resourceType === 'PlanDefinition') {
      const url = definition.url ?? canonical
      if (plans.includes(url) || plans.length >= deepest) {
        issues.add('definition-in-itself', at, 'leads back to a plan that it is part of, or too deep')
        return undefined
      }
      return this.group(definition, `${at}.resolve()`, [...plans, url], asks)
    }
    if (!asks) return undefined
    const id = this.#nextId()
    const request =
      definition.resourceType === 'Questionnaire'
        ? questionnaireTask(definition, this.#context, id)
        : this.#activity(definition, action, path, id)
    const sound = request && soundRequest(request, this.#context, at)
    if (sound) this.contained.push(sound)
    return sound
  }

  /** A definition that the plan at hand contains. */
  #within(canonical: string): Applicable | undefined {
    const found = this.#plan?.contained?.find(({ id }) => id === canonical.slice(1))
    return found?.resourceType === 'ActivityDefinition' ||
      found?.resourceType === 'PlanDefinition' ||
      found?.resourceType === 'Questionnaire'
      ? found
      : undefined
  }

  #activity(activity: ActivityDefinition, action: PlanDefinitionAction, path: string, id: string): Json | undefined {
    const request = requestOf(activity, this.#context, `${path}.definition.resolve()`, { id, intent: 'option' })
    if (!request) return undefined
    if (action.priority !== undefined && 'priority' in request) request['priority'] = action.priority
    // What the plan says of this use of the activity comes after what the activity says of itself.
    putDynamicValues(request, requestValues(action), this.#context, path)
    return request
  }

  /** Drops relations to actions that are not there: FHIR asks that each names one of its own group. */
  #relate(actions: readonly RequestGroupAction[], ids: ReadonlySet<string>): void {
    for (const action of actions) {
      const kept: RequestGroupActionRelatedAction[] = []
      for (const related of action.relatedAction ?? []) {
        if (ids.has(related.actionId ?? '')) kept.push(related)
        else
          this.#context.issues.add(
            'related-action-missing',
            `${this.#paths.get(action)}.relatedAction`,
            'names an action that does not apply or is not there',
          )
      }
      if (kept.length > 0) action.relatedAction = kept
      else delete action.relatedAction
      this.#relate(action.action ?? [], ids)
    }
  }

  goals(plan: PlanDefinition): Goal[] {
    const goals = (plan.goal ?? []).map((goal, index): Goal => {
      const { category, description, priority, start, target } = goal
      return {
        resourceType: 'Goal',
        id: `goal-${index + 1}`,
        lifecycleStatus: 'proposed',
        ...(category ? { category: [category] } : {}),
        description,
        ...(priority ? { priority } : {}),
        ...(start ? { startCodeableConcept: start } : {}),
        subject: { reference: referenceTo(this.#context.subject) },
        ...(target
          ? {
              target: target.map(({ measure, detailQuantity, detailRange, detailCodeableConcept, due }) => ({
                ...(measure ? { measure } : {}),
                ...(detailQuantity ? { detailQuantity } : {}),
                ...(detailRange ? { detailRange } : {}),
                ...(detailCodeableConcept ? { detailCodeableConcept } : {}),
                ...(due ? { dueDuration: due } : {}),
              })),
            }
          : {}),
      }
    })
    const sound = goals.flatMap(
      (goal, index) => soundRequest(goal as unknown as Json, this.#context, `PlanDefinition.goal[${index}]`) ?? [],
    ) as Goal[]
    this.contained.push(...sound)
    return sound
  }
}

const idsOf = (actions: readonly RequestGroupAction[]): string[] =>
  actions.flatMap(({ id, action }) => [...(id === undefined ? [] : [id]), ...idsOf(action ?? [])])

const ofAction = /^(?:%action|action)\./
/** Each at its place in the list, so that an issue names it. */
const actionValues = (action: PlanDefinitionAction) =>
  (action.dynamicValue ?? []).map(({ path = '', expression }) =>
    ofAction.test(path) ? { path: path.replace(ofAction, ''), expression } : undefined,
  )
const requestValues = (action: PlanDefinitionAction) =>
  (action.dynamicValue ?? []).map((one) => (ofAction.test(one.path ?? '') ? undefined : one))

/**
 * PlanDefinition/$apply (FHIR R4): a CarePlan that contains a RequestGroup of what applies to the subject, with a request for
 * each action that defines one. Nothing is stored. What could not be told or made is in the contained OperationOutcome
 * (`cqf-messages`). Times are the caller's clock.
 */
export async function applyPlan(plan: PlanDefinition, context: ApplyContext): Promise<CarePlan> {
  const applied = new PlanApplied(context)
  const group = await applied.group(plan, 'PlanDefinition', [plan.url ?? ''], true)
  const goals = applied.goals(plan)
  const { subject, encounter, practitioner, organization, now, issues } = context
  const author = practitioner ?? organization
  const told = issues.told()
  const canonical = canonicalOf(plan)
  return {
    resourceType: 'CarePlan',
    contained: [...applied.contained, ...(told ? [told.outcome] : [])],
    ...(told ? { extension: [told.extension] } : {}),
    ...(canonical === undefined ? {} : { instantiatesCanonical: [canonical] }),
    status: 'draft',
    intent: 'proposal',
    ...(plan.title === undefined ? {} : { title: plan.title }),
    ...(plan.description === undefined ? {} : { description: plan.description }),
    subject: { reference: referenceTo(subject) },
    ...(encounter === undefined ? {} : { encounter: { reference: encounter } }),
    created: new Date(now).toISOString(),
    ...(author === undefined ? {} : { author: { reference: author } }),
    ...(goals.length > 0 ? { goal: goals.map(({ id }) => ({ reference: `#${id}` })) } : {}),
    activity: [{ reference: { reference: `#${group.id}` } }],
  }
}
