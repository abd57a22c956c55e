import type { HouseOntology } from '../ontology/house-ontology.ts'
import { ruleFor } from '../routing/ontology.ts'
import { type Candidate, candidatesFor, ready } from './candidates.ts'
import type { Member } from './team.ts'
import { type Unblock, unblockOf } from './unblock.ts'

/** Who of the house could do a kind of task in a place, whether or not there is such a task. */
export interface Able {
  /** At work and permitted, the least costly first. */
  ready: readonly Candidate[]
  /** Everybody permitted, at work or not. */
  may: readonly Candidate[]
  /** Milliseconds: when the next of them is at work; undefined when somebody is now, or nobody is in two weeks. */
  next: number | undefined
  /** What would help when nobody is ready. */
  unblock: Unblock | undefined
}

/** Answers for a moment (milliseconds) by the same rules by which tasks are routed: booking must not promise what routing would refuse. */
export function couldDo(
  ontology: HouseOntology,
  need: { kind: string; jurisdiction: string },
  team: readonly Member[],
  asked: { at: number; locale: 'en' | 'fr' },
): Able {
  const minutes = ontology.kinds.find(({ id }) => id === need.kind)?.minutes ?? 0
  const wish = { minutes, language: undefined, known: new Set<string>(), wished: [], unwished: [] }
  const candidates = candidatesFor(ontology, { need, roles: [], wish }, team, asked.at)
  const able = candidates.filter(ready)
  const nexts = candidates.flatMap(({ next }) => (next === undefined ? [] : [next]))
  return {
    ready: able,
    may: candidates.filter(({ permit }) => permit.credential !== undefined),
    next: able.length > 0 || nexts.length === 0 ? undefined : Math.min(...nexts),
    unblock: unblockOf(ontology, need, candidates, asked.locale),
  }
}

/** Whether the law lets anybody at all do a kind of task in a place at a moment. */
export function anybodyMay(ontology: HouseOntology, need: { kind: string; jurisdiction: string }, at: number): boolean {
  const rule = ruleFor(ontology, need.kind, need.jurisdiction, at)
  return rule !== undefined && rule.may.length + (rule.supervised?.length ?? 0) > 0
}
