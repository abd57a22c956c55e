import { z } from 'zod'

/** Purposes of use, in words; `codes` are those of http://terminology.hl7.org/CodeSystem/v3-ActReason. */
export const purposes = ['treatment', 'payment', 'operations', 'research', 'emergency'] as const
export type Purpose = (typeof purposes)[number]
export const purposeCodes: Readonly<Record<Purpose, string>> = {
  treatment: 'TREAT',
  payment: 'HPAYMT',
  operations: 'HOPERAT',
  research: 'HRESCH',
  emergency: 'ETREAT',
}

/** How a person may stand to a patient. What makes each is told in the room's README. */
export const relations = [
  'care-team',
  'appointment',
  'encounter',
  'task',
  'queue',
  'general-practitioner',
  'organisation',
  'self',
  'family',
] as const
export type RelationKind = (typeof relations)[number]

export const uses = ['read', 'search', 'history', 'export', 'create', 'update', 'delete'] as const
export type Use = (typeof uses)[number]

const name = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, 'lower-case letters, digits and dashes')
const localized = z.strictObject({ en: z.string().min(1).max(300), fr: z.string().min(1).max(300) })
const typeName = z.string().regex(/^[A-Z][A-Za-z]{1,63}$/, 'a resource type')
const label = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'a code of meta.security')
const some = <T extends z.ZodType>(one: T) => z.array(one).min(1)

/** Whom and what a rule is about. What is not said is not looked at. */
const aim = {
  roles: some(name).optional(),
  actors: some(z.enum(['account', 'client'])).optional(),
  purposes: some(z.enum(purposes)).optional(),
  types: some(typeName).optional(),
}
const base = { rule: name, title: localized }
const ruleSchema = z.discriminatedUnion('effect', [
  z.strictObject({
    ...base,
    effect: z.literal('permit'),
    ...aim,
    interactions: some(z.enum(uses)).optional(),
    /** Any one of them to any patient whose record the resource is in. */
    relations: some(z.enum(relations)).optional(),
  }),
  z.strictObject({
    ...base,
    effect: z.literal('deny'),
    ...aim,
    interactions: some(z.enum(uses)).optional(),
    relations: some(z.enum(relations)).optional(),
    /** Any one of them on the resource or on the patient. */
    labels: some(label).optional(),
    /** The rule spares whoever stands so to every patient concerned, or has one of the roles. */
    unless: z.strictObject({ relations: some(z.enum(relations)).optional(), roles: some(name).optional() }).optional(),
    /** Whether breaking the glass opens what this rule closes; never, unless it says so. */
    'break-glass': z.literal('opens').optional(),
  }),
  z.strictObject({
    ...base,
    effect: z.literal('hide'),
    ...aim,
    elements: some(z.string().regex(/^[A-Z][A-Za-z]+(?:\.[a-z][A-Za-z0-9]*)+$/, 'Type.element')),
  }),
])
export type Rule = z.infer<typeof ruleSchema>

export const policySchema = z.strictObject({
  policy: name,
  title: localized,
  consent: z.strictObject({
    /** What a patient who has said nothing is taken to agree to. None of them: a clinic where one opts in. */
    presumed: z.array(z.enum(purposes)),
  }),
  /** What somebody acts for when the call does not say. */
  purpose: z.strictObject({
    otherwise: z.enum(purposes),
    roles: z.record(name, z.enum(purposes)).optional(),
  }),
  /** Labels that follow from codes, wherever in a resource these stand; a code that ends in `*` means all that begin so. */
  labels: z.array(
    z.strictObject({ label, title: localized, codes: z.record(z.string().min(1).max(200), some(z.string().max(60))) }),
  ),
  rules: z.array(ruleSchema),
  'break-glass': z.strictObject({
    roles: z.array(name),
    minutes: z.number().int().min(5).max(240),
    interactions: some(z.enum(['read', 'search', 'history'])),
    /** Whose work the review is, and who is told at once. */
    supervisor: name,
    'review-hours': z.number().int().min(1).max(168),
  }),
})
export type Policy = z.infer<typeof policySchema>
