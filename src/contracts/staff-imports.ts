import { z } from 'zod'

/** Shapes of the API: files of people, their licences, times and panels, on their way into the record. Times are ISO 8601 in UTC. */
const time = z.iso.datetime()

export const importKinds = ['people', 'licences', 'shifts', 'panel', 'fhir'] as const

export const staffImport = z.object({
  id: z.string(),
  what: z.enum(importKinds),
  /** The file's. */
  name: z.string(),
  /** `reading` → `ready` or `faulty`; `writing` → `done`; `undoing` → `undone`. */
  state: z.enum(['reading', 'ready', 'faulty', 'writing', 'done', 'undoing', 'undone', 'failed']),
  /** Resources of the present state; 0 of 0 before the first are done. */
  done: z.number(),
  total: z.number(),
  /** Lines by what they do. */
  counts: z.object({ new: z.number(), changed: z.number(), same: z.number() }),
  /** What came back, and what somebody has changed since and stays; null unless it was undone. */
  undone: z.object({ back: z.number(), stay: z.number() }).nullable(),
  /** The first two hundred; `line` is 1-based with the head, of a Bundle the entry. */
  faults: z.array(z.object({ line: z.number(), column: z.string().nullable(), code: z.string(), message: z.string() })),
  faultCount: z.number(),
  by: z.string(),
  at: time,
})

export const staffImports = z.object({ items: z.array(staffImport) })

export const importLines = z.object({
  items: z.array(
    z.object({
      line: z.number(),
      about: z.string(),
      act: z.enum(['new', 'changed', 'same']),
      changes: z.array(z.object({ what: z.string(), from: z.string(), to: z.string() })),
    }),
  ),
  /** `after` of the next page; null on the last. */
  next: z.number().nullable(),
})

export type StaffImport = z.infer<typeof staffImport>
export type StaffImports = z.infer<typeof staffImports>
export type ImportLines = z.infer<typeof importLines>
