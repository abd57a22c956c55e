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

const clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 09:00')

const trigger = z.strictObject({ on: resourceType, when: expression.optional(), set: sets.optional() })

const due = z
  .union([
    duration,
    z.strictObject({
      stat: duration.optional(),
      asap: duration.optional(),
      urgent: duration.optional(),
      otherwise: duration,
    }),
  ])
  .optional()
const escalate = z
  .array(z.strictObject({ at: share, to: id }))
  .max(5)
  .optional()

const task = z.strictObject({
  role: id,
  /** A kind of the house's task ontology: who of the role may do it, by credential, licence, skill and privilege. */
  kind: id.optional(),
  /** Without a kind: whoever of the role is licensed there. Every kind asks for a licence where the patient is as it is. */
  licence: z.literal('where-the-patient-is').optional(),
  /** A step that a person has done: another person does this one. */
  'other-than': id.optional(),
  title: localized,
  description: localized.optional(),
  /** One duration, or one by the journey's priority. */
  due,
  outcomes: z
    .array(z.strictObject({ code: id, title: localized }))
    .min(1)
    .max(12)
    .optional(),
  escalate,
})

const message = z.strictObject({
  /** `patient`, `referrer`, or `role:…`. */
  to: z.string().regex(/^(?:patient|referrer|role:[a-z][a-z0-9-]*)$/, 'patient, referrer or role:…'),
  template: id,
  /** Tried in this order until one reaches the recipient. */
  channels: z.array(z.enum(['app', 'sms', 'email'])).min(1),
  /** What a person does when no channel reached them, in this order: telephone, or post a letter. */
  fallback: z
    .array(
      z.union([
        z.strictObject({ phone: id, due: duration.optional() }),
        z.strictObject({ letter: id, due: duration.optional() }),
      ]),
    )
    .max(3)
    .optional(),
  /** An urgent message is not held back by the contact budget; reminders that fall together are sent as one. */
  budget: z.enum(['urgent', 'reminder']).optional(),
})

/** A Questionnaire that a role fills in, or the patient by a link in a message. */
const form = z
  .strictObject({
    questionnaire: z.string().min(1).max(200),
    title: localized,
    role: id.optional(),
    due,
    escalate,
    to: z.literal('patient').optional(),
    template: id.optional(),
    channels: z
      .array(z.enum(['app', 'sms', 'email']))
      .min(1)
      .optional(),
    'at-most': duration.optional(),
    set: sets.optional(),
  })
  .refine(
    (one) =>
      (one.role === undefined) === (one.to === 'patient' && one.template !== undefined && one.channels !== undefined),
    'either a role that fills it in, or to: patient with a template and channels',
  )

const appointment = z.strictObject({
  title: localized,
  'at-most': duration.optional(),
  set: sets.optional(),
})

const order = z.strictObject({
  title: localized,
  code: z.strictObject({ system: z.url(), code: z.string().min(1), display: z.string().optional() }),
  category: z.strictObject({ system: z.url(), code: z.string().min(1) }).optional(),
  /** What ends it: a final result based on the order, or the order's own completion. */
  result: z.enum(['Observation', 'DiagnosticReport', 'none']).default('none'),
  'at-most': duration.optional(),
  set: sets.optional(),
})

const call = z.strictObject({
  connector: id,
  operation: id,
  /** Name of the connector's input → variable of the journey. */
  with: z.record(variableName, variableName).optional(),
  'at-most': duration.optional(),
})

const startOther = z.strictObject({
  pathway: id,
  version: z.int().min(1),
  /** Variable of the other pathway → variable of this journey. */
  with: z.record(variableName, variableName).optional(),
  /** Whether this step ends with the other journey (and its outcome), or at once with `done`. */
  wait: z.boolean().default(true),
  'at-most': duration.optional(),
})

const wait = z.union([
  z.strictObject({ for: duration, at: clock.optional() }),
  z.strictObject({ until: variableName, less: duration.optional(), more: duration.optional(), at: clock.optional() }),
  z.strictObject({ events: z.record(id, trigger), 'at-most': duration.optional() }),
  z.strictObject({ condition: expression, 'at-most': duration.optional() }),
])

const decide = z.union([
  z.strictObject({ rules: z.array(z.strictObject({ when: expression, gives: id })).min(1), otherwise: id }),
  z.strictObject({
    automation: id,
    gives: z.array(id).min(1),
    /** The answer when the automation gives none in time. */
    otherwise: id,
    'at-most': duration.optional(),
  }),
])
const request = z.strictObject({ resource: z.enum(['Appointment', 'ServiceRequest']), title: localized })
const end = z.strictObject({ outcome: id, title: localized })

/** A step that comes again at a steady pace, counted from its first occurrence. */
const repeat = z.strictObject({
  every: duration,
  times: z.int().min(2).max(400).optional(),
  /** No occurrence opens later than this after the first. */
  for: duration.optional(),
  /** No occurrence opens once this holds. */
  until: expression.optional(),
  /** An occurrence that falls on a closed day moves to the next open one. */
  on: z.literal('business days').optional(),
  at: clock.optional(),
})

export const stepKinds = [
  'task',
  'message',
  'form',
  'appointment',
  'order',
  'wait',
  'decide',
  'call',
  'start',
  'request',
  'end',
] as const
export type StepKind = (typeof stepKinds)[number]

/** `step` or `step.outcome`. */
const predecessor = z
  .string()
  .regex(/^[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)?$/, 'a step, or a step and its outcome: triage.accept')

const step = z
  .strictObject({
    title: localized.optional(),
    stage: id.optional(),
    after: z
      .union([
        predecessor,
        z.array(predecessor).min(1),
        z.strictObject({ any: z.array(predecessor).min(1) }),
        z.strictObject({ 'at-least': z.int().min(1), of: z.array(predecessor).min(1) }),
      ])
      .optional(),
    when: expression.optional(),
    /** `add`: happens only if a person adds it; `skip`: a person may skip it. Both want a reason. */
    discretionary: z.enum(['add', 'skip']).optional(),
    repeat: repeat.optional(),
    task: task.optional(),
    message: message.optional(),
    form: form.optional(),
    appointment: appointment.optional(),
    order: order.optional(),
    wait: wait.optional(),
    decide: decide.optional(),
    call: call.optional(),
    start: startOther.optional(),
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
  /** A pathway may also be begun by another one's `start` step alone. */
  starts: z.array(trigger.extend({ key: expression.default('id') })),
  /** `paused`: running journeys go on, none begins. */
  enrolment: z.enum(['open', 'paused']).optional(),
  /** Whether the same key may have a journey again once the last one has ended. */
  again: z.literal('after-end').optional(),
  /** Whose clock days and times of day follow; business days and hours are always the clinic's. */
  zone: z.enum(['clinic', 'patient']).optional(),
  /** Events that keep variables current wherever the journey stands. */
  follows: z.array(trigger.extend({ set: sets })).optional(),
  /** Events during which the journey rests: its clocks stand still and it asks for nothing. */
  pauses: z
    .array(
      trigger
        .omit({ set: true })
        .extend({ title: localized, resume: trigger.omit({ set: true }), 'at-most': duration.optional() }),
    )
    .optional(),
  /** Events that end the journey wherever it stands, e.g. the referral was withdrawn. */
  stops: z.array(trigger.extend({ outcome: id, title: localized })).optional(),
  /** `date` and `dateTime` hold FHIR's own text. */
  variables: z.record(variableName, z.enum(['bool', 'int', 'double', 'string', 'date', 'dateTime'])).default({}),
  stages: z.array(z.strictObject({ id, title: localized })).min(1),
  tracks: z.record(
    id,
    z.strictObject({
      title: localized.optional(),
      /** What starts it: an event, or steps whose due time passes. At once unless told. */
      starts: z.union([trigger, z.strictObject({ missed: z.array(id).min(1) })]).optional(),
      /** Events that withdraw what the track has open. */
      stops: z.array(trigger.omit({ set: true })).optional(),
      /** Whether it starts once more when its event comes after all its steps have ended. */
      again: z.boolean().optional(),
      steps: z.record(id, step),
    }),
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
  'form.link',
] as const

export const roleSchema = z.strictObject({ id, title: localized })
export type Role = z.infer<typeof roleSchema>

export const kindOf = (one: Step): StepKind => stepKinds.find((kind) => one[kind] !== undefined) ?? 'end'

/** Kinds that a person or a machine outside is asked to do: each occurrence has an effect's key. */
export const asksOf = (one: Step): boolean =>
  kindOf(one) !== 'wait' && kindOf(one) !== 'end' && !(one.decide && 'rules' in one.decide)

/** The kind of the ontology that says who may do a task; undefined when anybody of the role may. */
export const taskKindOf = ({ kind, licence }: NonNullable<Step['task']>): string | undefined =>
  kind ?? (licence === undefined ? undefined : 'licensed-work')

/** What a step may end with; an edge may ask for one of these, for `cancelled` of what a person may cancel, or for `missed`. */
export function outcomesOf(one: Step): string[] {
  const own = ownOutcomes(one)
  return one.when !== undefined || one.discretionary === 'skip' ? [...own, 'skipped'] : own
}

const withLate = (outcomes: string[], atMost: string | undefined): string[] =>
  atMost === undefined ? outcomes : [...outcomes, 'late']

function ownOutcomes(one: Step): string[] {
  if (one.task) return one.task.outcomes?.map((outcome) => outcome.code) ?? ['done']
  if (one.message) return ['sent', 'failed']
  if (one.form) return withLate(one.form.to === 'patient' ? ['answered', 'failed'] : ['answered'], one.form['at-most'])
  if (one.appointment) return withLate(['booked', 'declined'], one.appointment['at-most'])
  if (one.order) return withLate([one.order.result === 'none' ? 'done' : 'resulted', 'declined'], one.order['at-most'])
  if (one.call) return withLate(['done', 'failed'], one.call['at-most'])
  // How another pathway ends is the checker's to know.
  if (one.start) return withLate(['done'], one.start['at-most'])
  if (one.wait) {
    if ('events' in one.wait) return withLate(Object.keys(one.wait.events), one.wait['at-most'])
    return 'condition' in one.wait ? withLate(['met'], one.wait['at-most']) : ['done']
  }
  if (one.decide) {
    const gives = 'rules' in one.decide ? one.decide.rules.map((rule) => rule.gives) : one.decide.gives
    return [...new Set([...gives, one.decide.otherwise])]
  }
  return one.request ? ['done'] : []
}

/** The time until due of what a person does, by priority; and who is told of its lateness. */
export const duesOf = (one: Step) => one.task ?? (one.form?.role === undefined ? undefined : one.form)

export interface Predecessors {
  /** How many of `from` must have happened. */
  needs: number
  from: { step: string; outcome: string | undefined }[]
}

export function predecessorsOf(one: Step): Predecessors {
  const { after } = one
  const list =
    after === undefined
      ? []
      : typeof after === 'string'
        ? [after]
        : Array.isArray(after)
          ? after
          : 'any' in after
            ? after.any
            : after.of
  const alternatives = typeof after === 'object' && !Array.isArray(after)
  return {
    needs: alternatives ? ('any' in after ? 1 : after['at-least']) : list.length,
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
