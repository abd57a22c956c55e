import { z } from 'zod'

/** Shapes of the API: the audit log and its seals. Times are ISO 8601 in UTC; references are FHIR's `Type/id`. */
const time = z.iso.datetime()

export const audit = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      seq: z.number(),
      at: time,
      actor: z.string(),
      kind: z.string(),
      action: z.string(),
      code: z.string(),
      entities: z.array(z.string()),
      outcome: z.string(),
    }),
  ),
  next: z.string().nullable(),
  /** With the first page only: how the log stood when it was last gone through as a whole. */
  chain: z
    .object({
      verified: z.boolean(),
      length: z.number(),
      head: z.string(),
      at: time.nullable(),
      firstBad: z.number().nullable(),
    })
    .nullable(),
})

export const auditSeals = z.object({
  /** `none`: nothing sealed yet; `broken`: the log, the checkpoints or their files disagree. */
  state: z.enum(['none', 'holds', 'broken']),
  /** Events linked. Those above `last.size` are not under a checkpoint yet. */
  links: z.number(),
  head: z.string(),
  last: z.object({ size: z.number(), root: z.string(), time, key: z.string() }).nullable(),
  checkpoints: z.number(),
  /** Of those, taken by the outside store; null without one. */
  sent: z.number().nullable(),
  /** The first bad row; it lies between `after` and `link` when `after` is given. */
  firstBad: z
    .object({
      link: z.number(),
      event: z.string().nullable(),
      fault: z.enum(['changed', 'missing', 'gap', 'cut', 'rewritten']),
      after: z.number().nullable(),
    })
    .nullable(),
  /** The first bad line of the file of checkpoints. */
  files: z.object({ line: z.number(), fault: z.string() }).nullable(),
  verified: z.object({ time, rows: z.number(), sealed: z.number() }).nullable(),
  /** PEM. */
  publicKey: z.string(),
})

export const auditProof = z.object({
  event: z.string(),
  content: z.string(),
  index: z.number(),
  path: z.array(z.string()),
  checkpoint: z.string(),
})
export type AuditList = z.infer<typeof audit>
export type AuditProof = z.infer<typeof auditProof>
export type AuditSeals = z.infer<typeof auditSeals>
