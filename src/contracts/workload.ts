import { z } from 'zod'

/** Shapes of the API: what people worked in a time. Minutes, but for `done`, which counts tasks. */
const load = z.object({
  reference: z.string(),
  name: z.string(),
  worked: z.number(),
  onCall: z.number(),
  /** Of the time at work: before seven, after nineteen, at weekends and on holidays. */
  unsocial: z.number(),
  done: z.number(),
  /** Work of a kind, and what of it somebody less costly may do. */
  ofKind: z.number(),
  above: z.number(),
  /** Open work they hold now. */
  held: z.number(),
})

export const workload = z.object({
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  /** null: whoever asks holds no tasks. */
  mine: load.nullable(),
  /** Everybody's, for leads; empty for others. */
  items: z.array(load),
})

export type Workload = z.infer<typeof workload>
