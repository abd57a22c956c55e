import type {
  ActivityDefinition,
  Extension,
  PlanDefinition,
  PlanDefinitionAction,
  TriggerDefinition,
} from '@medplum/fhirtypes'
import { type Definition, definitionSchema } from '../model.ts'
import { fromExtension, isList, type Plain } from './extension-values.ts'
import { collectWithUrl, type ExtensionName, extensionUrl, roleSystem } from './names.ts'
import { type ImportNote, note } from './report.ts'
import { bothLanguages } from './words-of.ts'

/** Whether a PlanDefinition is one that `toFhir` made, by the extension that each of them has. */
export const isOwn = (plan: PlanDefinition): boolean =>
  plan.extension?.some(({ url }) => url === extensionUrl('owner')) === true

type Fields = Readonly<Record<string, unknown>>
interface Holder {
  extension?: Extension[] | undefined
}

const held = (holder: Holder, name: ExtensionName): Plain | undefined => {
  const found = holder.extension?.find(({ url }) => url === extensionUrl(name))
  return found && fromExtension(found)
}
const fieldsOf = (holder: Holder, name: ExtensionName): Fields => {
  const value = held(holder, name)
  return isList(value) || typeof value !== 'object' ? {} : value
}
const given = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

const trigger = (one: TriggerDefinition): Fields =>
  given({
    on: one.data?.[0]?.type,
    when: one.condition?.expression,
    set: held(one, 'set'),
    key: held(one, 'key'),
  })

const roleOf = (activity: ActivityDefinition | undefined): string | undefined =>
  activity?.participant?.flatMap(({ role }) => role?.coding ?? []).find(({ system }) => system === roleSystem)?.code

function afterOf(action: PlanDefinitionAction): unknown {
  const list = (action.relatedAction ?? []).map((one) => {
    const outcome = held(one, 'outcome')
    return outcome === undefined ? one.actionId : `${one.actionId}.${String(outcome)}`
  })
  const { rule, least } = fieldsOf(action, 'join')
  switch (rule) {
    case 'one':
      return list[0]
    case 'any':
      return { any: list }
    case 'at-least':
      return { 'at-least': least, of: list }
    default:
      return list.length > 0 ? list : undefined
  }
}

function waitOf(action: PlanDefinitionAction): Fields {
  const events = (action.trigger ?? []).map((one) => [one.id, trigger(one)] as const)
  return { ...(events.length > 0 ? { events: Object.fromEntries(events) } : {}), ...fieldsOf(action, 'wait') }
}

/** The body of a step by its kind, out of its action and its activity. */
function bodyOf(kind: string, action: PlanDefinitionAction, activity: ActivityDefinition | undefined): unknown {
  const title = activity && bothLanguages(activity, 'title')
  const said = (name: ExtensionName) => fieldsOf(activity ?? {}, name)
  switch (kind) {
    case 'task':
      return {
        role: roleOf(activity),
        title,
        description: activity && bothLanguages(activity, 'description'),
        ...said('task'),
      }
    case 'message':
      return said('message')
    case 'form':
      return {
        questionnaire: activity?.extension?.find(({ url }) => url === collectWithUrl)?.valueCanonical,
        title,
        role: roleOf(activity),
        ...said('form'),
      }
    case 'appointment':
      return { title, ...said('appointment') }
    case 'order':
      return { title, code: activity?.code?.coding?.[0], ...said('order') }
    case 'request':
      return { resource: activity?.kind, title }
    case 'start': {
      const [plan = '', version] = (action.definitionCanonical ?? '').split('|')
      return { pathway: plan.split(':').at(-1), version: Number(version), ...fieldsOf(action, 'start') }
    }
    case 'wait':
      return waitOf(action)
    case 'decide':
    case 'call':
    case 'end':
      return fieldsOf(action, kind)
    default:
      return undefined
  }
}

const asks = new Set(['task', 'message', 'form', 'appointment', 'order', 'request'])
const discretion: Readonly<Record<string, string>> = { could: 'add', 'must-unless-documented': 'skip' }

/** JSON of the fields as they stand: what is undefined is not there. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** Reads what `toFhir` made. `activity` finds an ActivityDefinition by its canonical. */
export function fromOwn(
  plan: PlanDefinition,
  activity: (canonical: string) => ActivityDefinition | undefined,
): { definition: Definition | undefined; notes: ImportNote[] } {
  const notes: ImportNote[] = []
  /** FHIRPaths of the definition's parts, by their path in the definition: a fault is told where it stands in FHIR. */
  const places = new Map<string, string>()
  const root = plan.action?.[0] ?? {}
  const base = 'PlanDefinition.action[0]'
  const tracks = (root.action ?? []).map((track, index) => {
    const id = (track.id ?? '').replace(/^track\./, '')
    const path = `${base}.action[${index}]`
    places.set(`tracks.${id}`, path)
    const steps = (track.action ?? []).map((action, at) => {
      const name = action.id ?? ''
      const kind = String(held(action, 'kind') ?? '')
      const here = `${path}.action[${at}]`
      places.set(`tracks.${id}.steps.${name}`, here)
      const found = asks.has(kind) ? activity(action.definitionCanonical ?? '') : undefined
      if (asks.has(kind) && !found)
        notes.push(
          note('refused', 'activity-missing', `${here}.definition`, 'names an ActivityDefinition that is not here'),
        )
      const { requiredBehavior } = action
      const step = {
        title: bothLanguages(action, 'title'),
        stage: held(action, 'stage'),
        after: afterOf(action),
        when: action.condition?.[0]?.expression?.expression,
        discretionary: requiredBehavior && discretion[requiredBehavior],
        repeat: held(action, 'repeat'),
        [kind]: bodyOf(kind, action, found),
      }
      return [name, step] as const
    })
    const starts = track.trigger?.[0]
    const more = fieldsOf(track, 'track')
    return [
      id,
      {
        title: bothLanguages(track, 'title'),
        ...more,
        starts: starts ? trigger(starts) : more['starts'],
        steps: Object.fromEntries(steps),
      },
    ] as const
  })
  const content = plain({
    pathway: plan.url?.split(':').at(-1),
    title: bothLanguages(plan, 'title'),
    description: bothLanguages(plan, 'description'),
    owner: held(plan, 'owner'),
    starts: (root.trigger ?? []).map(trigger),
    enrolment: held(plan, 'enrolment'),
    again: held(plan, 'again'),
    zone: held(plan, 'zone'),
    follows: held(plan, 'follows'),
    pauses: held(plan, 'pauses'),
    stops: held(plan, 'stops'),
    variables: held(plan, 'variables'),
    stages: held(plan, 'stages'),
    tracks: Object.fromEntries(tracks),
  })
  // Without its activity a step has no shape: one word on it is enough.
  const told = new Set(notes.map(({ path }) => path.replace(/\.definition$/, '')))
  const checked = definitionSchema.safeParse(content)
  if (!checked.success)
    for (const issue of checked.error.issues) {
      const parts = issue.path.map(String)
      let length = parts.length
      while (length > 0 && !places.has(parts.slice(0, length).join('.'))) length -= 1
      const place = places.get(parts.slice(0, length).join('.')) ?? 'PlanDefinition'
      if (!told.has(place))
        notes.push(note('refused', 'wrong-shape', place, `${parts.slice(length).join('.')} ${issue.message}`.trim()))
    }
  const refused = notes.some(({ kind }) => kind === 'refused')
  return { definition: checked.success && !refused ? checked.data : undefined, notes }
}
