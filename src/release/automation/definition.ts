import { z } from 'zod'

/** An automation as it stands in a file: what it is for, what it goes by, and how it answers. Frozen when it is published. */
const id = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, 'lower-case letters, digits and dashes')
const inputName = z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,39}$/, 'letters and digits')
const localized = z.strictObject({ en: z.string().min(1).max(2_000), fr: z.string().min(1).max(2_000) })
const expression = z.string().min(1).max(2_000)
const confidence = z.number().min(0).max(1)

const input = z.union([
  /** A variable of the journey that asks. */
  z.strictObject({
    type: z.enum(['bool', 'int', 'double', 'string']),
    variable: inputName,
    required: z.boolean().default(true),
  }),
  /** FHIRPath on what began the journey, whose type is `on`, or on the patient. */
  z.strictObject({
    type: z.enum(['bool', 'int', 'double', 'string']),
    on: z.string().regex(/^[A-Z][A-Za-z]+$/, 'a FHIR type'),
    path: expression,
    /** Whole years or days from the date that the path gives until the question. */
    as: z.enum(['years', 'days']).optional(),
    required: z.boolean().default(true),
  }),
  /** How many resources of a type the patient has for which FHIRPath holds, of those written before the question. */
  z.strictObject({
    type: z.literal('int'),
    count: z.string().regex(/^[A-Z][A-Za-z]+$/, 'a FHIR type'),
    where: expression,
    required: z.boolean().default(true),
  }),
])

const rules = z.strictObject({
  rules: z.array(z.strictObject({ when: expression, gives: id, confidence: confidence.default(1) })).min(1),
  otherwise: z.strictObject({ gives: id, confidence: confidence.default(1) }).optional(),
})

const cell = z.union([z.boolean(), z.number(), z.string().max(200), z.null()])
/** Rows are read from the top; a cell is a value, a comparison (`>= 3`), or null for "whatever". */
const table = z.strictObject({
  columns: z.array(inputName).min(1),
  rows: z.array(z.strictObject({ if: z.array(cell), gives: id, confidence: confidence.default(1) })).min(1),
})

/** p = 1 / (1 + exp(−(intercept + Σ weight · (value − mean) / scale))); `true` counts as 1. */
const logistic = z.strictObject({
  intercept: z.number(),
  weights: z.record(inputName, z.strictObject({ weight: z.number(), mean: z.number(), scale: z.number().positive() })),
  /** From the highest on: the first whose `from` the chance reaches answers. */
  bands: z.array(z.strictObject({ from: confidence, gives: id })).min(1),
})

/**
 * A text model behind an endpoint of the house's own choosing, which is off until somebody sets one up: the inputs leave this
 * server. What it says counts only if it is one of the answers.
 */
const text = z.strictObject({ model: z.string().min(1).max(200), prompt: z.string().min(1).max(8_000) })

/**
 * How it is known afterwards what came of a case, by FHIRPath on what began the journey. With it the automation's model can be
 * fitted to the clinic's own cases (`learning/`), and what it foretells is held against what came of it.
 */
const learns = z.strictObject({
  on: z.string().regex(/^[A-Z][A-Za-z]+$/, 'a FHIR type'),
  settled: expression,
  happened: expression,
  /** A trained model gives `gives` to the share of cases that are likeliest to happen, and `otherwise` to the rest. */
  gives: id,
  share: z.number().gt(0).lt(1),
  otherwise: id,
})

export const definitionSchema = z
  .strictObject({
    automation: id,
    title: localized,
    'intended-use': localized,
    /** Roles that answer for it, technically and clinically. */
    owner: id,
    'clinical-owner': id,
    inputs: z.record(inputName, input),
    answers: z.array(z.strictObject({ code: id, title: localized })).min(1),
    /** Cases it is not made for: CEL over the inputs. They go to people. */
    exclusions: z.array(z.strictObject({ when: expression, because: localized })).default([]),
    /** What it may answer without a person when its authority is `bounded`; anything else is proposed. */
    bounds: z.array(id).default([]),
    /** Where in the case a scope finds its place: FHIRPath on what began the journey, of type `on`. */
    place: z
      .strictObject({
        on: z.string().regex(/^[A-Z][A-Za-z]+$/, 'a FHIR type'),
        site: expression.optional(),
        department: expression.optional(),
        group: expression.optional(),
      })
      .optional(),
    /** Inputs older than this when the answer would take effect are stale: minutes. */
    'fresh-for': z.int().min(1).max(100_000).default(1_440),
    learns: learns.optional(),
    /**
     * What its settled cases must show before it may rise: how many, and which share agreed at least (lower end of 90 %); of
     * one that learns, while it looks on, how well it must tell cases apart (area under the curve, lower end of 90 %).
     */
    proves: z
      .strictObject({ cases: z.int().min(1).max(100_000), agreement: confidence })
      .default({ cases: 50, agreement: 0.8 }),
    /**
     * Who decides when the automation may not, cannot, or is stopped, and within how many minutes. `answer`: nobody need be
     * asked, since this is how it went before there was an automation; who is shown a proposal is asked all the same.
     */
    fallback: z.strictObject({
      role: id,
      title: localized,
      due: z.int().min(1).max(100_000),
      answer: id.optional(),
    }),
    rules: rules.optional(),
    table: table.optional(),
    model: logistic.optional(),
    text: text.optional(),
  })
  .refine(
    (one) => [one.rules, one.table, one.model, one.text].filter((part) => part !== undefined).length === 1,
    'exactly one of rules, table, model, text',
  )
  .refine(({ fallback, learns }) => fallback.answer === undefined || learns !== undefined, {
    path: ['fallback', 'answer'],
    error: 'where nobody is asked only `learns` can show whether it is right',
  })

export type AutomationDefinition = z.infer<typeof definitionSchema>
export type InputSpec = AutomationDefinition['inputs'][string]
