import { z } from 'zod'
import { localized } from './shared.ts'
import { workItem } from './work.ts'

/** Shapes of the API: people, their licences and hours, and who may do a task. Times are ISO 8601 in UTC. */
const time = z.iso.datetime()

export const team = z.object({
  items: z.array(
    z.object({
      reference: z.string(),
      name: z.string(),
      roles: z.array(z.string()),
      credentials: z.array(z.object({ id: z.string(), title: localized })),
      languages: z.array(z.string()),
      skills: z.array(z.string()),
      licences: z.array(
        z.object({
          credential: localized,
          place: z.object({ id: z.string(), title: localized }),
          number: z.string().nullable(),
          status: z.enum(['active', 'suspended', 'revoked']),
          /** The first moment at which it holds no more. */
          until: time.nullable(),
          compact: z.string().nullable(),
          /** How near its end is: days, counted when asked. */
          ends: z.enum(['ended', 'in-7-days', 'in-30-days', 'in-60-days']).nullable(),
        }),
      ),
      atWork: z.boolean(),
      onCall: z.boolean(),
      away: z.boolean(),
      /** The end of the present time at work, or the beginning of the next; null when there is none in two weeks. */
      until: time.nullable(),
      next: time.nullable(),
      /** Minutes of open work they hold. */
      held: z.number(),
    }),
  ),
})

const unblock = z.object({ code: z.string(), at: time.nullable(), sentence: z.string() })

export const taskPeople = z.object({
  items: z.array(
    z.object({
      reference: z.string(),
      name: z.string(),
      may: z.boolean(),
      atWork: z.boolean(),
      next: time.nullable(),
      /** By which credential. */
      credential: localized.nullable(),
      supervisor: z.string().nullable(),
      held: z.number(),
      /** Sentences about them: why they may not. */
      reasons: z.array(z.object({ code: z.string(), sentence: z.string() })),
    }),
  ),
  kind: localized.nullable(),
  place: localized.nullable(),
  unblock: unblock.nullable(),
})

/** The waiting work will be given out by a job. */
export const planAsked = z.object({ asked: z.literal(true) })

/** Somebody who may do a task and is there in time, and what speaks for them. */
const taker = z.object({
  reference: z.string(),
  name: z.string(),
  /** By which credential; null when the task asks for none. */
  credential: localized.nullable(),
  atWork: z.boolean(),
  next: time.nullable(),
  knows: z.boolean(),
  /** The patient asked for them (true) or would rather not see them (false). */
  wished: z.boolean().nullable(),
  /** null: the patient's language is not known. */
  speaks: z.boolean().nullable(),
  /** Minutes of open work. */
  held: z.number(),
})

/** What becomes of the work of somebody who is away. */
export const handovers = z.object({
  items: z.array(z.object({ task: workItem, to: taker.nullable(), able: z.array(taker), unblock: unblock.nullable() })),
  done: z.boolean(),
  /** What to send so that it is undone: the absence, and the tasks as they are now. null as long as nothing was done. */
  undo: z.object({ leave: z.string(), tasks: z.array(z.object({ id: z.string(), version: z.number() })) }).nullable(),
})

/** How many tasks are back, and how many somebody has touched since and stay where they are. */
export const takenBack = z.object({ back: z.number(), stay: z.number() })

export type Team = z.infer<typeof team>
export type TaskPeople = z.infer<typeof taskPeople>
export type Handovers = z.infer<typeof handovers>
export type TakenBack = z.infer<typeof takenBack>
