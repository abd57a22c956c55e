import { z } from 'zod'

/** Shapes of the API: what several rooms say. Times are ISO 8601 in UTC; references are FHIR's `Type/id`. */
export const localized = z.object({ en: z.string(), fr: z.string() })
export const locale = z.enum(['en', 'fr'])
const time = z.iso.datetime()

export const errorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    faults: z.array(z.object({ path: z.string(), message: z.string(), code: z.string().optional() })),
    /** Of a failure that is not the caller's: the number under which the log has the rest of it. */
    request: z.string().optional(),
  }),
})

export const why = z.object({
  sentence: z.string(),
  chain: z.array(z.object({ at: time, sentence: z.string(), rule: z.string(), event: z.string() })),
})

export const finding = z.object({
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  path: z.string(),
  line: z.number().optional(),
  column: z.number().optional(),
  message: z.string(),
})
export type WhyAnswer = z.infer<typeof why>
export type Fault = z.infer<typeof errorBody>['error']['faults'][number]
export type Finding = z.infer<typeof finding>
