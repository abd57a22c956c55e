import { z } from 'zod'
import { localized } from './shared.ts'

/** Shapes of the API: the demand of the coming two weeks beside who may do it and is at work then. */
const titled = z.object({ id: z.string(), title: localized })
const person = z.object({ reference: z.string(), name: z.string() })

/** How many hours (or days) of a kind and place were told a week before, and which share came to lie inside the intervals. */
const held = z.object({
  looked: z.number(),
  inside80: z.number(),
  inside95: z.number(),
  /** What the intervals promise: counts are whole, so that one of 80 in a hundred holds somewhat more. */
  mass80: z.number(),
  mass95: z.number(),
})

export const coverage = z.object({
  /** Whole days of the log that it was learned from; 0: less than two weeks are known yet, and nothing is told. */
  learnedFrom: z.number(),
  held: z.object({ hours: held, days: held }).nullable(),
  /** Dates on the clinic's clock, today first. */
  days: z.array(z.iso.date()),
  kinds: z.array(titled),
  places: z.array(titled),
  people: z.array(person),
  cells: z.array(
    z.object({
      kind: z.string(),
      place: z.string(),
      /** Index of the day. */
      day: z.number(),
      /** Tasks, and the ends of the interval that holds 80 in a hundred. */
      expected: z.number(),
      low: z.number(),
      high: z.number(),
      /** Tasks that wait already and are due that day. */
      waiting: z.number(),
      /** Minutes. */
      needed: z.number(),
      served: z.number(),
      /** References of those at work who may. */
      people: z.array(z.string()),
      standing: z.enum(['quiet', 'covered', 'tight', 'short', 'nobody']),
    }),
  ),
  gaps: z.array(
    z.object({
      kind: z.string(),
      place: z.string(),
      from: z.number(),
      until: z.number(),
      /** Tasks. */
      missing: z.number(),
      /** `why`: a code; `sentence`: about them, without a subject. */
      because: z.array(person.extend({ why: z.string(), sentence: z.string() })),
    }),
  ),
  /** Licences that would gain most: minutes served more in the two weeks. */
  gains: z.array(z.object({ person, credential: titled, place: titled, minutes: z.number() })),
})

export const coverageHours = z.object({
  items: z.array(z.object({ hour: z.number(), expected: z.number(), low: z.number(), high: z.number() })),
})

export type Coverage = z.infer<typeof coverage>
export type CoverageHours = z.infer<typeof coverageHours>
