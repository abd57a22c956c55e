import { z } from 'zod'
import { localized } from './shared.ts'

/** Shapes of the API: saved filters, queues of teams, and who may do several tasks at once. Times are ISO 8601 in UTC. */
const time = z.iso.datetime()
const name = z.string().max(60)

/** What tasks of a list must be. Everything that is given must hold. */
export const workConditions = z.object({
  /** The role that the task is for; of `queue` and `unowned`, the role in whose queue it stands. */
  role: name.optional(),
  /** At least as urgent. */
  urgency: z.enum(['urgent', 'asap', 'stat']).optional(),
  /** Due before now, or within a day or a week of now, what is late among it. */
  due: z.enum(['late', 'day', 'week']).optional(),
  /** A kind of the ontology. */
  kind: name.optional(),
  /** Where the patient is: US-NY. */
  place: name.optional(),
  /** Its service level: at risk or breached, or breached. */
  level: z.enum(['at-risk', 'breached']).optional(),
  escalated: z.enum(['true']).optional(),
})

export const workFilter = workConditions.extend({ list: z.enum(['mine', 'queue', 'all', 'unowned']) })

/** How many: `more` when they were not all counted. */
export const bounded = z.object({ count: z.number(), more: z.boolean() })

const savedFilter = z.object({
  id: z.string(),
  name: z.string(),
  filter: workFilter,
  /** A role whose people see it too; '' for everybody of the organisation, null for nobody else. */
  shared: z.string().nullable(),
  mine: z.boolean(),
  ownerName: z.string(),
})
/** One's own first, each with how many tasks it finds now. */
export const savedFilters = z.object({ items: z.array(savedFilter.extend({ found: bounded })) })
export const filterSaved = savedFilter

const counted = {
  open: bounded,
  /** Of those, without an owner. */
  unowned: bounded,
  /** Of those, by their service levels: at risk or breached already, and breached. */
  atRisk: bounded,
  breached: bounded,
}
export const teamQueues = z.object({
  roles: z.array(z.object({ role: z.string(), title: localized, mine: z.boolean(), ...counted })),
  /** Where the patients are: tasks of a kind alone, and of those only what names a place. */
  places: z.array(z.object({ place: z.string(), title: localized, ...counted })),
})

/** What one may choose from in a filter. */
export const filterChoices = z.object({
  kinds: z.array(z.object({ id: z.string(), title: localized })),
  places: z.array(z.object({ id: z.string(), title: localized })),
})

/** Of each task that nobody at work may do: what would unblock it. The others are not among them. */
export const unblocks = z.object({
  items: z.array(z.object({ id: z.string(), code: z.string(), at: time.nullable(), sentence: z.string() })),
})

/** Everybody who holds tasks, those who may do the most of the asked tasks first. */
export const ablePeople = z.object({
  of: z.number(),
  items: z.array(
    z.object({
      reference: z.string(),
      name: z.string(),
      /** Has a role that the tasks are for. */
      inRole: z.boolean(),
      atWork: z.boolean(),
      next: time.nullable(),
      held: z.number(),
      /** How many of the tasks they may do. */
      may: z.number(),
      supervised: z.boolean(),
      /** Sentences about them: why they may not do the others. */
      reasons: z.array(z.string()),
    }),
  ),
})

export type WorkConditions = z.infer<typeof workConditions>
export type WorkFilter = z.infer<typeof workFilter>
export type SavedFilters = z.infer<typeof savedFilters>
export type FilterSaved = z.infer<typeof filterSaved>
export type TeamQueues = z.infer<typeof teamQueues>
export type FilterChoices = z.infer<typeof filterChoices>
export type Unblocks = z.infer<typeof unblocks>
export type AblePeople = z.infer<typeof ablePeople>
export type Bounded = z.infer<typeof bounded>
