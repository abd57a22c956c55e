import { z } from 'zod'
import { localized } from './shared.ts'
import { modes } from './services.ts'

/** Shapes of the API: whether a service of the menu can be begun for a patient, and why not. Times are ISO 8601 in UTC. */
const titled = z.object({ id: z.string(), title: localized })

/** Why a service cannot be begun; the sentence says it in the caller's language. */
const bar = z.object({
  code: z.enum([
    'not-eligible',
    'eligibility-unknown',
    'no-jurisdiction',
    'not-offered-there',
    'nobody-may',
    'pathway-not-live',
    'pathway-paused',
    'already-running',
    'begins-otherwise',
  ]),
  sentence: z.string(),
})

export const serviceOrder = z.object({
  service: titled,
  can: z.boolean(),
  /** Empty when it can be begun. */
  bars: z.array(bar),
  /** Where the patient is, by their address; null: it does not say. */
  jurisdiction: titled.nullable(),
  modes: z.array(z.enum(modes)),
  places: z.array(z.object({ id: z.string(), name: z.string() })),
  pathways: z.array(titled),
  /** Forms that will be tasks of their own: those that no pathway of the service asks for. */
  forms: z.array(z.object({ url: z.string(), title: z.string() })),
})

export const serviceOrders = z.object({ items: z.array(serviceOrder) })

export const serviceBegun = z.object({
  /** `ServiceRequest/…`. */
  order: z.string(),
  /** Tasks for the forms, by id. */
  tasks: z.array(z.string()),
})

export type ServiceOrder = z.infer<typeof serviceOrder>
export type ServiceOrders = z.infer<typeof serviceOrders>
export type ServiceBegun = z.infer<typeof serviceBegun>
