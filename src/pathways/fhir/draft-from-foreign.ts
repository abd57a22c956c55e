import type {
  ActivityDefinition,
  PlanDefinition,
  PlanDefinitionAction,
  PlanDefinitionActionRelatedAction,
} from '@medplum/fhirtypes'
import { type Definition, definitionSchema } from '../model.ts'
import { durationText } from './durations.ts'
import { collectWithUrl } from './names.ts'
import { type ImportNote, note } from './report.ts'
import { translationOf } from './words-of.ts'

/** Whose what is that the plan does not say in our terms. */
export interface DraftDefaults {
  /** Who answers for the draft. */
  owner: string
  /** Who does its tasks. */
  role: string
}

/** How what a plan names is found, by canonical. */
export interface Finders {
  plan(canonical: string): PlanDefinition | undefined
  activity(canonical: string): ActivityDefinition | undefined
}

type Fields = Record<string, unknown>
const mostSteps = 400
const deepestPlan = 8
const longestText = 400

// What a draft has no place for. The rest of an element is what the draft is made of, or says nothing about care.
const planLeaves = ['goal', 'library', 'useContext', 'topic', 'relatedArtifact', 'contained']
const actionLeaves = [
  'reason',
  'documentation',
  'goalId',
  'input',
  'output',
  'transform',
  'dynamicValue',
  'participant',
  'selectionBehavior',
  'precheckBehavior',
  'cardinalityBehavior',
]
const activityLeaves = [
  'library',
  'productReference',
  'productCodeableConcept',
  'quantity',
  'dosage',
  'bodySite',
  'location',
  'participant',
  'specimenRequirement',
  'observationRequirement',
  'observationResultRequirement',
  'transform',
  'dynamicValue',
  'priority',
  'doNotPerform',
]

const kebab = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 48)
    .replace(/-+$/, '')

/** Somebody else's plan as a draft: a track of tasks, orders, forms and waits, in the order that its related actions give. */
export function draftFromForeign(
  plan: PlanDefinition,
  find: Finders,
  defaults: DraftDefaults,
): { definition: Definition | undefined; report: ImportNote[] } {
  const draft = new Draft(find, defaults)
  return draft.read(plan)
}

class Draft {
  readonly #find: Finders
  readonly #defaults: DraftDefaults
  readonly #notes: ImportNote[] = []
  readonly #steps = new Map<string, Fields>()
  /** Steps that an action became, by the action's id: a group becomes several. */
  readonly #became = new Map<string, string[]>()
  readonly #edges: { step: string; path: string; related: PlanDefinitionActionRelatedAction }[] = []

  constructor(find: Finders, defaults: DraftDefaults) {
    this.#find = find
    this.#defaults = defaults
  }

  read(plan: PlanDefinition): { definition: Definition | undefined; report: ImportNote[] } {
    const starts = (plan.action ?? []).flatMap((action, index) =>
      this.#startsOf(action, `PlanDefinition.action[${index}]`),
    )
    this.#leave(plan, planLeaves, 'PlanDefinition')
    this.#actions(plan.action ?? [], 'PlanDefinition.action', [plan.url ?? ''])
    for (const edge of this.#edges) this.#connect(edge.step, edge.path, edge.related)
    if (this.#steps.size === 0) this.#note('refused', 'no-steps', 'PlanDefinition.action', 'has nothing to do in it')
    if (this.#steps.size > mostSteps)
      this.#note(
        'refused',
        'too-many-steps',
        'PlanDefinition.action',
        `has ${this.#steps.size} steps; ${mostSteps} are the most`,
      )
    if (starts.length === 0)
      this.#note('guessed', 'no-start', 'PlanDefinition.action', 'has no event that begins it: say what does')
    const content = {
      pathway: kebab(plan.name ?? plan.id ?? plan.url?.split('/').at(-1) ?? '') || 'imported',
      title: this.#text(plan, 'title', plan.name ?? plan.id ?? 'Imported', 'PlanDefinition'),
      ...(plan.description === undefined ? {} : { description: this.#text(plan, 'description', '', 'PlanDefinition') }),
      owner: this.#defaults.owner,
      starts,
      stages: [{ id: 'care', title: { en: 'In care', fr: 'En cours' } }],
      tracks: { care: { steps: Object.fromEntries(this.#steps) } },
    }
    const checked = definitionSchema.safeParse(JSON.parse(JSON.stringify(content)))
    if (!checked.success)
      for (const { path, message } of checked.error.issues)
        this.#note('refused', 'wrong-shape', 'PlanDefinition', `cannot be said: ${path.join('.')} ${message}`)
    const refused = this.#notes.some(({ kind }) => kind === 'refused')
    return { definition: refused || !checked.success ? undefined : checked.data, report: this.#notes }
  }

  #note(kind: ImportNote['kind'], code: string, path: string, message: string): void {
    this.#notes.push(note(kind, code, path, message))
  }

  #leave(holder: object, names: readonly string[], path: string): void {
    for (const name of names)
      if (name in holder) this.#note('left-out', 'no-place', `${path}.${name}`, 'has no place in a pathway')
  }

  /** A text in both languages; where no French is said, the English stands for it until somebody translates. */
  #text(holder: object, name: string, otherwise: string, path: string): { en: string; fr: string } {
    const fields = holder as Readonly<Record<string, unknown>>
    const said = fields[name]
    const en =
      (typeof said === 'string' && said.trim() !== '' ? said.trim() : otherwise).slice(0, longestText) || 'Untitled'
    const fr = translationOf(fields[`_${name}`] as Parameters<typeof translationOf>[0], 'fr')
    if (fr === undefined)
      this.#note('guessed', 'not-translated', `${path}.${name}`, 'is not said in French: the text stands for both')
    return { en, fr: (fr ?? en).slice(0, longestText) }
  }

  #startsOf(action: PlanDefinitionAction, path: string): Fields[] {
    return (action.trigger ?? []).flatMap((trigger, index) => {
      const at = `${path}.trigger[${index}]`
      const type = trigger.data?.[0]?.type
      if (!trigger.type?.startsWith('data-') || type === undefined) {
        this.#note(
          'left-out',
          'trigger',
          at,
          `is a ${trigger.type ?? 'trigger'}: only a change of the record begins a pathway`,
        )
        return []
      }
      const { condition } = trigger
      if (condition && condition.language !== 'text/fhirpath')
        this.#note('left-out', 'condition', `${at}.condition`, `is ${condition.language}, not FHIRPath`)
      this.#note('understood', 'start', at, `begins the pathway by a ${type}`)
      return [{ on: type, ...(condition?.language === 'text/fhirpath' ? { when: condition.expression } : {}) }]
    })
  }

  #actions(actions: readonly PlanDefinitionAction[], path: string, plans: readonly string[]): string[] {
    return actions.flatMap((action, index) => {
      if (this.#steps.size > mostSteps) return []
      const here = `${path}[${index}]`
      const steps = this.#action(action, here, plans)
      if (action.id !== undefined) this.#became.set(action.id, steps)
      for (const [at, related] of (action.relatedAction ?? []).entries())
        for (const step of steps) this.#edges.push({ step, path: `${here}.relatedAction[${at}]`, related })
      return steps
    })
  }

  #action(action: PlanDefinitionAction, path: string, plans: readonly string[]): string[] {
    this.#leave(action, actionLeaves, path)
    const { definitionCanonical, definitionUri } = action
    if (action.action && action.action.length > 0) {
      this.#conditions(action, path)
      return this.#actions(action.action, `${path}.action`, plans)
    }
    const plan = definitionCanonical === undefined ? undefined : this.#find.plan(definitionCanonical)
    if (plan) {
      const url = plan.url ?? definitionCanonical ?? ''
      if (plans.includes(url) || plans.length >= deepestPlan) {
        this.#note(
          'left-out',
          'plan-in-itself',
          `${path}.definition`,
          'leads back to a plan that it is part of, or too deep',
        )
        return []
      }
      this.#conditions(action, path)
      this.#leave(plan, planLeaves, `${path}.definition.resolve()`)
      return this.#actions(plan.action ?? [], `${path}.definition.resolve().action`, [...plans, url])
    }
    const activity = definitionCanonical === undefined ? undefined : this.#find.activity(definitionCanonical)
    if (!activity && (definitionCanonical ?? definitionUri) !== undefined)
      this.#note('left-out', 'definition-missing', `${path}.definition`, 'is not in what was imported')
    return [this.#step(action, activity, path)]
  }

  /** What applies only under a condition that is not of our variables is left to a person. */
  #conditions(action: PlanDefinitionAction, path: string): boolean {
    const conditions = action.condition ?? []
    for (const [index, { expression }] of conditions.entries())
      this.#note(
        'left-out',
        'condition',
        `${path}.condition[${index}]`,
        `a person decides in its place: ${(expression?.expression ?? expression?.description ?? expression?.language ?? '').slice(0, 200)}`,
      )
    return conditions.length > 0
  }

  #step(action: PlanDefinitionAction, activity: ActivityDefinition | undefined, path: string): string {
    const name = this.#nameOf(action.id ?? action.title ?? activity?.title ?? activity?.name ?? 'step')
    const conditional = this.#conditions(action, path)
    const optional = conditional || ['could', 'must-unless-documented'].includes(action.requiredBehavior ?? '')
    const title =
      action.title === undefined && activity
        ? this.#text(activity, 'title', activity.name ?? name, `${path}.definition.resolve()`)
        : this.#text(action, 'title', action.textEquivalent ?? name, path)
    if (activity) this.#leave(activity, activityLeaves, `${path}.definition.resolve()`)
    const due = durationText(action.timingDuration ?? activity?.timingDuration)
    for (const timing of ['timingDateTime', 'timingAge', 'timingPeriod', 'timingRange', 'timingTiming'])
      if (timing in action)
        this.#note('left-out', 'timing', `${path}.${timing}`, 'has no place in a draft: say when the step is due')
    const body = optional ? undefined : this.#bodyOf(activity, title, due, path)
    const description = action.description ?? activity?.description
    this.#steps.set(name, {
      // A step that a machine would carry out by itself becomes a task where a condition was left to a person.
      ...(body ?? {
        task: {
          role: this.#defaults.role,
          title,
          ...(description === undefined ? {} : { description: this.#text({ description }, 'description', '', path) }),
          ...(due === undefined ? {} : { due }),
        },
      }),
      ...(optional ? { discretionary: 'skip' } : {}),
    })
    this.#note('understood', 'step', path, `is the step ${name}`)
    return name
  }

  #bodyOf(
    activity: ActivityDefinition | undefined,
    title: unknown,
    due: string | undefined,
    path: string,
  ): Fields | undefined {
    const questionnaire = activity?.extension?.find(({ url }) => url === collectWithUrl)?.valueCanonical
    if (questionnaire !== undefined)
      return {
        form: {
          questionnaire: questionnaire.replace(/\|.*$/, ''),
          title,
          role: this.#defaults.role,
          ...(due === undefined ? {} : { due }),
        },
      }
    const coding = activity?.code?.coding?.find(({ system, code }) => system !== undefined && code !== undefined)
    switch (activity?.kind) {
      case 'ServiceRequest':
        if (!coding || !URL.canParse(coding.system ?? '')) break
        return {
          order: {
            title,
            code: {
              system: coding.system,
              code: coding.code,
              ...(coding.display === undefined ? {} : { display: coding.display }),
            },
          },
        }
      case 'Appointment':
        return { appointment: { title } }
      case undefined:
      case 'Task':
        return undefined
    }
    this.#note('guessed', 'as-task', `${path}.definition`, `is a ${activity?.kind}: a task stands for it`)
    return undefined
  }

  #nameOf(text: string): string {
    const stem = kebab(text) || 'step'
    let name = stem
    for (let n = 2; this.#steps.has(name); n += 1) name = `${stem}-${n}`
    return name
  }

  #connect(
    step: string,
    path: string,
    { actionId, relationship, offsetDuration, offsetRange }: PlanDefinitionActionRelatedAction,
  ): void {
    const others = this.#became.get(actionId ?? '')
    if (!others || others.length === 0) {
      this.#note('left-out', 'related-action-missing', path, 'names an action that became no step')
      return
    }
    if (relationship?.startsWith('concurrent') || relationship?.endsWith('start')) {
      this.#note('left-out', 'relationship', path, `${relationship}: steps follow the end of others`)
      return
    }
    const later = relationship?.startsWith('after') ? [step] : others
    const earlier = relationship?.startsWith('after') ? others : [step]
    const offset = durationText(offsetDuration)
    if (offsetRange || (offsetDuration && offset === undefined))
      this.#note('left-out', 'offset', `${path}.offset`, 'is no time that a pathway can wait for')
    for (const one of later) {
      const follows = offset === undefined ? earlier : [this.#waitAfter(one, earlier, offset)]
      const before = (this.#steps.get(one)?.['after'] ?? []) as string[]
      this.#steps.set(one, { ...this.#steps.get(one), after: [...new Set([...before, ...follows])] })
    }
  }

  #waitAfter(step: string, after: readonly string[], offset: string): string {
    const name = this.#nameOf(`wait-before-${step}`)
    this.#steps.set(name, {
      title: { en: 'Wait', fr: 'Attente' },
      after: [...after],
      wait: { for: offset },
    })
    return name
  }
}
