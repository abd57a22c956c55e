import { z } from 'zod'
import { levels, scope } from './release.ts'
import { localized } from './shared.ts'

/** Shapes of the API about flags that hold automations down. Times are ISO 8601 in UTC; a flag's days end in UTC. */
const time = z.iso.datetime()
const key = z.string().regex(/^[a-z][a-z0-9-]{4,59}$/, 'lower-case letters, digits and dashes')
const role = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/)
const why = z.string().trim().min(3).max(1_000)

/** A flag: nothing of it may be left out. */
export const flag = z.strictObject({
  automation: role,
  owner: role,
  clinicalOwner: role,
  /** The most that it lets the automation do, in its scope. */
  allows: z.enum(levels),
  scope,
  /** The last day on which it lets the automation do more than look on. */
  expires: z.iso.date(),
  /** The last day on which its key may stand in the code. */
  retires: z.iso.date(),
  retirementTest: z.string().trim().min(5).max(400),
})

const change = z.object({
  id: z.string(),
  before: flag.nullable(),
  after: flag.nullable(),
  reason: z.string(),
  status: z.enum(['open', 'done', 'dropped']),
  askedAt: time,
  askedBy: z.string(),
  decidedAt: time.nullable(),
  decidedBy: z.string().nullable(),
})

const flagItem = flag.extend({
  key: z.string(),
  title: localized,
  /** `expired`: its automation looks on only; `retired`: its key may stand in no code any more. */
  state: z.enum(['holds', 'expired', 'retired']),
  /** What it lets the automation do now. */
  lets: z.enum(levels),
  changedAt: time,
  changedBy: z.string(),
  /** A change that waits for a second person. */
  open: change.nullable(),
})

/** `GET /api/flags`; `open`: flags asked to come back, which are not there yet, have none here. */
export const flagList = z.object({ items: z.array(flagItem) })
/** `GET /api/flags/:key`: newest first; `flag` is null after it was taken away. */
export const flagHistory = z.object({ key: z.string(), flag: flagItem.nullable(), changes: z.array(change) })

/** `POST /api/flags` */
export const newFlag = flag.extend({ key, reason: why })
/** `POST /api/flags/:key/changes`: what is not named stays; `{remove: true}` takes it away. */
export const flagChange = z.union([
  z.strictObject({ remove: z.literal(true), reason: why }),
  flag.omit({ automation: true }).partial().extend({ reason: why }),
])
/** `POST /api/flags/changes/:id/undo` */
export const flagUndo = z.object({ reason: why })
/** `waits`: it lets the automation do more, so that a second person has to confirm it. */
export const flagChanged = z.object({ change: z.string(), waits: z.boolean() })

export type Flag = z.infer<typeof flag>
export type FlagItem = z.infer<typeof flagItem>
export type FlagList = z.infer<typeof flagList>
export type FlagHistory = z.infer<typeof flagHistory>
export type FlagChangeItem = z.infer<typeof change>
