import type { Period } from './ontology.ts'

export interface Licence extends Period {
  credential: string
  jurisdiction: string
  status: 'active' | 'suspended' | 'revoked'
  /** The compact under which it holds in other member states too. */
  compact?: string
  /** Kinds of task that it excludes. */
  excludes?: readonly string[]
}

/** Somebody who can be given work. Everything is dated; nothing is ever deleted because it has ended. */
export interface Person {
  /** `Practitioner/…`. */
  reference: string
  credentials: readonly (Period & { id: string })[]
  licences: readonly Licence[]
  skills: readonly (Period & { id: string })[]
  /** Sites where they are privileged. */
  privileges: readonly (Period & { site: string })[]
  /** BCP 47 codes. */
  languages: readonly string[]
  /** Times at work, on call among them. */
  shifts: readonly (Period & { until: number; onCall?: boolean })[]
  /** Times away; they outrank shifts. */
  leave: readonly (Period & { until: number })[]
  /** Minutes of work that still fit into the present shift. */
  capacity: number
  /** The part of their time at work that is for tasks, at most 1; all of it unless told. */
  share?: number
}

/** What a task needs of the person who does it. */
export interface Need {
  kind: string
  /** Where the patient is. */
  jurisdiction: string
  site?: string
  /** Must be spoken; a mere wish belongs to the preferences. */
  language?: string
  /** People who may not do it: who asked for a second signature may not give it. */
  not?: readonly string[]
}
