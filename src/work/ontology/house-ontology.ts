import type { Calendar } from '../../pathways/index.ts'
import type { LevelPolicy } from '../levels/level.ts'
import type { Compact, Credential, Ontology, TaskKind } from '../routing/index.ts'
import type { Title } from '../task-words.ts'

/** What the house knows of tasks and those who may do them: the rules, with names for people, durations and the policy. */
export interface HouseOntology extends Ontology {
  credentials: readonly (Credential & { title: Title; codes: readonly string[] })[]
  compacts: readonly (Compact & { title: Title })[]
  /** `minutes`: what one takes on average. */
  kinds: readonly (TaskKind & { title: Title; minutes: number })[]
  /** States and provinces, by their code of ISO 3166-2. */
  places: readonly { id: string; title: Title }[]
  policy: RoutingPolicy
  /** Service levels; the first whose conditions a task meets holds for it. */
  levels: readonly LevelPolicy[]
  /** Hours that a service level may run on, by name; `clinic` are the clinic's own. */
  calendars: Readonly<Record<string, Calendar>>
  /** Whose midnight a date begins at: an IANA name. */
  zone: string
}

export interface RoutingPolicy {
  /** Kinds that are given to a person as soon as there is a task. */
  given: readonly string[]
  /** Minutes for which a task is kept for whoever took it and does nothing with it, by priority. */
  claims: { stat: number; asap: number; urgent: number; routine: number }
  /** In minutes of the least costly person's time. */
  weights: { load: number; stranger: number; wished: number; unwished: number; language: number }
  unassigned: { stat: number; asap: number; urgent: number; routine: number }
}
