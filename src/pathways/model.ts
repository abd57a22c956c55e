import { z } from 'zod'
import { parseDuration } from './calendar.ts'

const id = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, 'a name in lower-case letters, digits and dashes')
const variableName = z.string().regex(/^[a-z][A-Za-z0-9]{0,59}$/, 'a name in camelCase')
const duration = z
  .string()
  .refine(
    (text) => parseDuration(text) !== undefined,
    'a duration such as 30 min, 4 h, 2 days, 2 business days, 8 business hours',
  )
const localized = z.strictObject({ en: z.string().min(1).max(400), fr: z.string().min(1).max(400) })
const expression = z.string().min(1).max(2_000)
const resourceType = z.string().regex(/^[A-Z][A-Za-z]+$/, 'a FHIR resource type')
const sets = z.record(variableName, expression)
/** Which share of the time until due has passed. */
const share = z.string().regex(/^(?:[1-9]\d?|1\d\d|200) ?%$/, 'a share of the time until due such as 80 %')

const trigger = z.strictObject({ on: resourceType, when: expression.optional(), set: sets.optional() })

const task = z.strictObject({
  role: id,
  title: localized,
  description: localized.optional(),
  /** One duration, or one by the journey's priority. */
  due: z
    .union([
      duration,
      z.strictObject({
        stat: duration.optional(),
        asap: duration.optional(),
        urgent: duration.optional(),
        otherwise: duration,
      }),
    ])
    .optional(),
  outcomes: z
    .array(z.strictObject({ code: id, title: localized }))
    .min(1)
    .max(12)
    .optional(),
  escalate: z
    .array(z.strictObject({ at: share, to: id }))
    .max(5)
    .optional(),
})

const message = z.strictObject({
  /** `patient`, `referrer`, or `role:…`. */
  to: z.string().regex(/^(?:patient|referrer|role:[a-z][a-z0-9-]*)$/, 'patient, referrer or role:…'),
  template: id,
  channels: z.array(z.enum(['sms', 'email'])).min(1),
})

const wait = z.union([
  z.strictObject({ for: duration }),
  z.strictObject({
    until: variableName,
    less: duration.refine((text) => !text.includes('business'), 'minutes, hours or days before the moment').optional(),
  }),
  z.strictObject({ events: z.record(id, trigger), 'at-most': duration }),
])

const decide = z.strictObject({ rules: z.array(z.strictObject({ when: expression, gives: id })).min(1), otherwise: id })
const request = z.strictObject({ resource: z.enum(['Appointment', 'ServiceRequest']), title: localized })
const end = z.strictObject({ outcome: id, title: localized })

export const stepKinds = ['task', 'message', 'wait', 'decide', 'request', 'end'] as const
export type StepKind = (typeof stepKinds)[number]
/** Kinds of the language that this version does not run yet; a definition that uses one is refused, not ignored. */
export const laterKinds = ['form', 'appointment', 'order', 'call', 'start', 'repeat'] as const

/** `step` or `step.outcome`. */
const predecessor = z
  .string()
  .regex(/^[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)?$/, 'a step, or a step and its outcome: triage.accept')

const step = z
  .strictObject({
    title: localized.optional(),
    stage: id.optional(),
    after: z
      .union([predecessor, z.array(predecessor).min(1), z.strictObject({ any: z.array(predecessor).min(1) })])
      .optional(),
    when: expression.optional(),
    task: task.optional(),
    message: message.optional(),
    wait: wait.optional(),
    decide: decide.optional(),
    request: request.optional(),
    end: end.optional(),
  })
  .refine(
    (one) => stepKinds.filter((kind) => one[kind] !== undefined).length === 1,
    `exactly one of ${stepKinds.join(', ')}`,
  )

/** A pathway as it stands in a file: how care for one purpose should run. */
export const definitionSchema = z.strictObject({
  pathway: id,
  title: localized,
  description: localized.optional(),
  owner: id,
  starts: z.array(trigger.extend({ key: expression.default('id') })).min(1),
  /** Events that end the journey wherever it stands, e.g. the referral was withdrawn. */
  stops: z.array(trigger.extend({ outcome: id, title: localized })).optional(),
  variables: z.record(variableName, z.enum(['bool', 'int', 'double', 'string'])).default({}),
  stages: z.array(z.strictObject({ id, title: localized })).min(1),
  tracks: z.record(
    id,
    z.strictObject({ title: localized.optional(), starts: trigger.optional(), steps: z.record(id, step) }),
  ),
})

export type Definition = z.infer<typeof definitionSchema>
export type Step = z.infer<typeof step>
export type Trigger = z.infer<typeof trigger>
export type Localized = z.infer<typeof localized>
export type Locale = keyof Localized

/** A message in every language. `{{name}}` stands for a placeholder of `placeholders`. */
export const templateSchema = z.strictObject({
  template: id,
  subject: localized,
  body: z.strictObject({ en: z.string().min(1).max(4_000), fr: z.string().min(1).max(4_000) }),
  sms: localized,
})
export type Template = z.infer<typeof templateSchema>

/** What a template may speak of. None of it may stand in a subject line but the clinic's name. */
export const placeholders = [
  'patient.given',
  'clinic.name',
  'clinic.phone',
  'pathway.title',
  'appointment.date',
  'referral.date',
] as const

export const roleSchema = z.strictObject({ id, title: localized })
export type Role = z.infer<typeof roleSchema>

export const kindOf = (one: Step): StepKind => stepKinds.find((kind) => one[kind] !== undefined) ?? 'end'

/** What a step may end with; an edge may ask for one of these. */
export function outcomesOf(one: Step): string[] {
  if (one.task) return one.task.outcomes?.map((outcome) => outcome.code) ?? ['done']
  if (one.message) return ['sent', 'failed']
  if (one.wait) return 'events' in one.wait ? [...Object.keys(one.wait.events), 'late'] : ['done']
  if (one.decide) return [...new Set([...one.decide.rules.map((rule) => rule.gives), one.decide.otherwise])]
  if (one.request) return ['done']
  return []
}

export interface Predecessors {
  mode: 'all' | 'any'
  from: { step: string; outcome: string | undefined }[]
}

export function predecessorsOf(one: Step): Predecessors {
  const list =
    one.after === undefined
      ? []
      : typeof one.after === 'string'
        ? [one.after]
        : Array.isArray(one.after)
          ? one.after
          : one.after.any
  const mode = one.after !== undefined && typeof one.after === 'object' && !Array.isArray(one.after) ? 'any' : 'all'
  return {
    mode,
    from: list.map((text) => {
      const [name = '', outcome] = text.split('.')
      return { step: name, outcome }
    }),
  }
}

export interface NamedStep {
  id: string
  track: string
  step: Step
}

export const stepsOf = (definition: Definition): NamedStep[] =>
  Object.entries(definition.tracks).flatMap(([track, { steps }]) =>
    Object.entries(steps).map(([name, one]) => ({ id: name, track, step: one })),
  )
