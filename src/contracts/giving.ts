import { z } from 'zod'
import { localized } from './shared.ts'

/** Shape of the API: which kinds of task are given to a person as soon as they are made. */
const titled = z.object({ id: z.string(), title: localized })

export const giving = z.object({
  items: z.array(
    z.object({
      kind: titled,
      /** In queues that have no setting of their own. */
      given: z.boolean(),
      /** Who set it last, and when; null: the library's. */
      by: z.string().nullable(),
      at: z.iso.datetime().nullable(),
      /** Queues in which tasks of the kind stood in the last ninety days. */
      queues: z.array(titled.extend({ given: z.boolean() })),
    }),
  ),
})

export type Giving = z.infer<typeof giving>
