import type { CodeableConcept, Extension, Task } from '@medplum/fhirtypes'
import type { Need } from './routing/index.ts'

/** Systems and extension URLs that this room puts into a FHIR Task. A client that knows none of them still reads the Task. */
export const words = {
  role: 'urn:throughline:role',
  step: 'urn:throughline:step',
  stage: 'urn:throughline:stage',
  journey: 'urn:throughline:journey',
  title: 'urn:throughline:title',
  description: 'urn:throughline:description',
  outcome: 'urn:throughline:outcome',
  escalated: 'urn:throughline:escalated-to',
  /** Until when somebody put it off, as `valueDateTime`; the reason stands in `statusReason`. */
  snoozed: 'urn:throughline:snoozed-until',
  /** Until when it is kept for whoever took it and has not begun, as `valueDateTime`. */
  claimed: 'urn:throughline:claimed-until',
  /** Among the codings of `Task.code`: a kind of the ontology. */
  kind: 'urn:throughline:task-kind',
  /** Where the patient was when the task was made, as `valueCode`: US-NY. */
  jurisdiction: 'urn:throughline:jurisdiction',
  /** Somebody who may not do it: who did the work may not sign for it a second time. */
  not: 'urn:throughline:not-by',
  /** The task that is kept of two that were merged, as `valueReference`. */
  mergedInto: 'urn:throughline:merged-into',
  /** Codes of `Task.input.type`: `waits-for`, a Task that must be over first. */
  input: 'urn:throughline:input',
  /** Of a Patient: a Practitioner whom they asked for, and one whom they would rather not see, as `valueReference`. */
  wished: 'urn:throughline:asked-for',
  unwished: 'urn:throughline:rather-not',
  /** Who signs for the owner, who may do it under supervision alone. */
  supervisor: 'urn:throughline:supervisor',
  /** Among the codings of `Task.code`: a service of the menu. */
  service: 'urn:throughline:service',
  /** A time of waiting for the patient, as `valuePeriod`: the clock of its service level stands still. */
  paused: 'urn:throughline:paused',
  /** Marks a Task that tells of work done outside the system; as an extension, that a Task was: `at`, `reason`, `minutes`. */
  override: 'urn:throughline:override',
  /** Why somebody did otherwise, among the codings of `statusReason`. */
  overrideReason: 'urn:throughline:override-reason',
  /** A rung of its service level's ladder that was climbed: `rung`, `at`, `to`, each `person` told, `acknowledged`, `by`. */
  rung: 'urn:throughline:level-rung',
  /** Why the program gave it to its owner: `to`, `how`, `at`, `credential`, `knows`, `speaks`, `held`, `among`. */
  given: 'urn:throughline:given',
} as const

export interface Title {
  en: string
  fr: string
}

export const concept = (system: string, code: string): CodeableConcept => ({ coding: [{ system, code }] })

const localizedExtension = (url: string, text: Title): Extension => ({
  url,
  extension: [
    { url: 'en', valueString: text.en },
    { url: 'fr', valueString: text.fr },
  ],
})

/** The Task with these extensions and no others; FHIR knows no empty lists. */
export function withExtensions(task: Task, extension: readonly Extension[]): Task {
  const { extension: _former, ...rest } = task
  return extension.length > 0 ? { ...rest, extension: [...extension] } : rest
}

export const titleExtension = (title: Title): Extension => localizedExtension(words.title, title)

export const descriptionExtension = (description: Title): Extension =>
  localizedExtension(words.description, description)

export const outcomeExtension = (outcome: { code: string; title: Title }): Extension => ({
  url: words.outcome,
  extension: [
    { url: 'code', valueCode: outcome.code },
    { url: 'en', valueString: outcome.title.en },
    { url: 'fr', valueString: outcome.title.fr },
  ],
})

const part = (extension: Extension | undefined, url: string): string | undefined => {
  const found = extension?.extension?.find((one) => one.url === url)
  return found?.valueString ?? found?.valueCode
}

/** A Task's title in both languages; another system's Task has one text for both. */
export function titleOf(task: Task): Title {
  const extension = task.extension?.find((one) => one.url === words.title)
  const plain = task.code?.text ?? task.code?.coding?.[0]?.display ?? task.description ?? 'Task'
  return { en: part(extension, 'en') ?? plain, fr: part(extension, 'fr') ?? plain }
}

/** What there is to do, in the reader's language if the Task has it. */
export const descriptionOf = (task: Task, locale: 'en' | 'fr'): string | undefined =>
  part(
    task.extension?.find((one) => one.url === words.description),
    locale,
  ) ?? task.description

export const outcomesOf = (task: Task): { code: string; title: Title }[] =>
  (task.extension ?? []).flatMap((one) => {
    const code = one.url === words.outcome ? part(one, 'code') : undefined
    return code === undefined ? [] : [{ code, title: { en: part(one, 'en') ?? code, fr: part(one, 'fr') ?? code } }]
  })

export const roleOf = (task: Task): string | undefined =>
  task.performerType?.flatMap((type) => type.coding ?? []).find((coding) => coding.system === words.role)?.code

export const escalatedTo = (task: Task): string[] =>
  (task.extension ?? []).flatMap((one) =>
    one.url === words.escalated && one.valueCode !== undefined ? [one.valueCode] : [],
  )

/** Until when a task is put off; undefined when it is not. */
export const snoozedUntil = (task: Task): string | undefined =>
  task.extension?.find((one) => one.url === words.snoozed)?.valueDateTime

/** Until when a task is kept for whoever took it; undefined when it was given to them, or they have begun. */
export const claimedUntil = (task: Task): string | undefined =>
  task.status === 'accepted' ? task.extension?.find((one) => one.url === words.claimed)?.valueDateTime : undefined

export const journeyOf = (task: Task): string | undefined =>
  task.groupIdentifier?.system === words.journey ? task.groupIdentifier.value : undefined

/** Ids of the Tasks that must be over before this one. */
export const waitsFor = (task: Task | undefined): string[] =>
  (task?.input ?? []).flatMap(({ type, valueReference }) =>
    type.coding?.some(({ system, code }) => system === words.input && code === 'waits-for') &&
    valueReference?.reference?.startsWith('Task/')
      ? [valueReference.reference.slice('Task/'.length)]
      : [],
  )

/** Id of the Task that was kept when this one was merged into it. */
export const mergedInto = (task: Task): string | undefined =>
  task.extension?.find(({ url }) => url === words.mergedInto)?.valueReference?.reference?.slice('Task/'.length)

/** Canonical of the form that a Task asks to be filled in, as the SDC guide's Task for a questionnaire says it. */
export const formOf = (task: Task): string | undefined =>
  task.input?.find((input) => input.type.text === 'questionnaire')?.valueCanonical

export const dueOf = (task: Task): string | undefined => task.restriction?.period?.end

export const outcomeOf = (task: Task): string | undefined =>
  task.output?.find((output) => output.type.coding?.some((coding) => coding.code === 'outcome'))?.valueCode

const closed = new Set(['completed', 'cancelled', 'failed', 'rejected', 'entered-in-error'])
export const isOpen = (task: Task): boolean => !closed.has(task.status)

const ranks: Record<string, number> = { stat: 0, asap: 1, urgent: 2, routine: 3 }
/** By FHIR's request priority: 0 stat, 1 asap, 2 urgent, 3 routine. */
export const rankOf = (one: { priority?: string }): number => ranks[one.priority ?? 'routine'] ?? 3

/** The kind of the ontology that says who may do a task; undefined when anybody of its role may. */
export const kindOf = (task: Task): string | undefined =>
  task.code?.coding?.find((coding) => coding.system === words.kind)?.code

/** Who may not do it: whoever did the work that it looks at. */
export const notBy = (task: Task): string[] =>
  (task.extension ?? []).flatMap((one) =>
    one.url === words.not && one.valueReference?.reference !== undefined ? [one.valueReference.reference] : [],
  )

/** What a task asks of whoever does it; undefined when it asks for nothing but the role. */
export function needOf(task: Task): Need | undefined {
  const kind = kindOf(task)
  if (kind === undefined) return undefined
  const not = notBy(task)
  return {
    kind,
    jurisdiction: task.extension?.find((one) => one.url === words.jurisdiction)?.valueCode ?? '',
    ...(task.location?.reference === undefined ? {} : { site: task.location.reference }),
    ...(not.length > 0 ? { not } : {}),
  }
}
