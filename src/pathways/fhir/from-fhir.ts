import type { ActivityDefinition, PlanDefinition, Questionnaire, Resource } from '@medplum/fhirtypes'
import type { Definition } from '../model.ts'
import { differencesOf } from './compare.ts'
import { type DraftDefaults, draftFromForeign } from './draft-from-foreign.ts'
import { fromOwn, isOwn } from './from-own.ts'
import { type ImportNote, note } from './report.ts'
import { type PublicationStatus, toFhir } from './to-fhir.ts'

export interface Imported {
  /** Undefined when nothing could be made: the report says why. */
  definition: Definition | undefined
  /** Whether it is a pathway of the house's own, which comes back whole, or somebody else's plan, of which a draft was made. */
  origin: 'own' | 'foreign' | 'none'
  report: ImportNote[]
  /** Questionnaires that came along. */
  forms: Questionnaire[]
}

const mostResources = 2_000

const isResource = (value: unknown): value is Resource =>
  typeof value === 'object' && value !== null && 'resourceType' in value && typeof value.resourceType === 'string'

function resourcesOf(content: Resource): Resource[] {
  const list = content.resourceType === 'Bundle' ? (content.entry ?? []).map(({ resource }) => resource) : [content]
  const found = list.filter(isResource).slice(0, mostResources)
  return found.flatMap((one) => [
    one,
    ...('contained' in one && Array.isArray(one.contained) ? one.contained.filter(isResource) : []),
  ])
}

const bare = (canonical: string) => canonical.replace(/\|.*$/, '')

/** Finds resources of a type by their canonical (with or without version), or by `#id` of what is contained. */
function finder<R extends PlanDefinition | ActivityDefinition>(resources: readonly R[]) {
  return (canonical: string): R | undefined => {
    const [url, version] = canonical.split('|')
    const same = resources.filter((one) =>
      canonical.startsWith('#') ? one.id === canonical.slice(1).replace(/^#/, '') : one.url === url,
    )
    return (
      same.find((one) => version === undefined || one.version === version) ??
      (version === undefined ? undefined : same[0])
    )
  }
}

/** The plan that no other plan of the bundle names: where reading begins. */
function outermost(plans: readonly PlanDefinition[]): PlanDefinition | undefined {
  const named = new Set<string>()
  const visit = (actions: PlanDefinition['action']) => {
    for (const action of actions ?? []) {
      if (action.definitionCanonical !== undefined) named.add(bare(action.definitionCanonical))
      visit(action.action)
    }
  }
  for (const plan of plans) visit(plan.action)
  return plans.find(({ url }) => url === undefined || !named.has(url)) ?? plans[0]
}

/**
 * Reads a Bundle, or a PlanDefinition by itself, as a pathway. One of our own comes back as it was; the report names what
 * somebody else changed in it that the language has no place for. Of anybody else's PlanDefinition a draft is made for a
 * person to finish: `defaults` says whose tasks become whose. Never throws for FHIR content; the report says what was refused.
 */
export function fromFhir(content: unknown, defaults: DraftDefaults): Imported {
  const nothing = (path: string, code: string, message: string): Imported => ({
    definition: undefined,
    origin: 'none',
    report: [note('refused', code, path, message)],
    forms: [],
  })
  if (!isResource(content) || (content.resourceType !== 'Bundle' && content.resourceType !== 'PlanDefinition'))
    return nothing('resourceType', 'not-a-plan', 'is neither a Bundle nor a PlanDefinition')
  try {
    const resources = resourcesOf(content)
    const plans = resources.filter((one) => one.resourceType === 'PlanDefinition')
    const activity = finder(resources.filter((one) => one.resourceType === 'ActivityDefinition'))
    const forms = resources.filter((one) => one.resourceType === 'Questionnaire')
    const plan = plans.find(isOwn) ?? outermost(plans)
    if (!plan) return nothing('Bundle.entry', 'not-a-plan', 'holds no PlanDefinition')
    if (!isOwn(plan))
      return { ...draftFromForeign(plan, { activity, plan: finder(plans) }, defaults), origin: 'foreign', forms }
    const { definition, notes } = fromOwn(plan, activity)
    return {
      definition,
      origin: 'own',
      report: [...notes, ...(definition ? changedIn(plan, activity, definition) : [])],
      forms,
    }
  } catch (error) {
    // What is no FHIR at all may stand anywhere in it: a text where a list belongs, or lists without end.
    if (error instanceof TypeError || error instanceof RangeError)
      return nothing('PlanDefinition', 'not-fhir', 'does not have the shape that FHIR gives it')
    throw error
  }
}

/** What stands in a plan of ours, or in its activities, that reading it as a pathway would lose. */
function changedIn(
  plan: PlanDefinition,
  activity: (canonical: string) => ActivityDefinition | undefined,
  definition: Definition,
): ImportNote[] {
  const version = Number(plan.version)
  const made = toFhir(definition, version, {
    status: plan.status as PublicationStatus,
    ...(plan.date ? { date: plan.date } : {}),
  })
  return (made.entry ?? []).flatMap(({ resource }) => {
    if (resource?.resourceType !== 'PlanDefinition' && resource?.resourceType !== 'ActivityDefinition') return []
    const came = resource.resourceType === 'PlanDefinition' ? plan : activity(`${resource.url}|${resource.version}`)
    // A server adds its own id, versions and narrative.
    const same = ({ meta: _meta, id: _id, text: _text, ...rest }: typeof resource) => rest
    return came === undefined
      ? []
      : differencesOf(same(came), same(resource), `${resource.resourceType}.where(url = '${resource.url}')`).map(
          (path) => note('left-out', 'not-in-the-language', path, 'stands here otherwise than a pathway can say'),
        )
  })
}
