import { bucketOf, type RecordChange } from '../fhir/index.ts'
import { type CallContext, newId } from '../kernel/index.ts'
import {
  type Advanced,
  advance,
  type Calendar,
  catchUp,
  type CompiledPathway,
  type Effect,
  type JourneyEvent,
  type JourneyState,
  startFor,
} from '../pathways/index.ts'
import { versionFor } from './clinics.ts'
import type { AskedEffect } from './performer.ts'
import { liveVersions, type LivePathway } from './published-pathways.ts'
import type { HeldJourney, LastEntry, MovedJourney } from './store.ts'

interface Entry {
  held: HeldJourney
  pathway: CompiledPathway
  moved: MovedJourney | undefined
}

/** What a batch must know beforehand, so that it can move its journeys without asking the database. */
export interface Known {
  live: readonly LivePathway[]
  /** Clinics of the changes that might begin a journey, where some clinic has a version of its own. */
  clinics: ReadonlyMap<string, readonly string[]>
  /** Types that some pathway listens to. A change of another type concerns the one journey that asked for the resource. */
  heard: ReadonlySet<string>
  /** The version of a pathway that a journey or a `start` step names. */
  version(pathway: string, version: number): CompiledPathway
  last: Map<string, LastEntry>
  /** Zones of patients, for pathways that follow them. */
  zones: ReadonlyMap<string, string>
}

/**
 * The journeys of a batch, in memory between their loading and their storing. Events move a journey at the time they
 * happened, after the timers that were due before: so its log is the same however many events a batch takes, and however
 * late.
 */
export class Batch {
  readonly #context: CallContext
  readonly #calendar: Calendar
  readonly #known: Known
  readonly #starters: ReadonlySet<string>
  readonly #journeys = new Map<string, Entry>()
  readonly #bySubject = new Map<string, string[]>()
  readonly asked: AskedEffect[] = []
  readonly strayTimers: { journey: string; timer: string }[] = []

  constructor(context: CallContext, calendar: Calendar, known: Known) {
    this.#context = context
    this.#calendar = calendar
    this.#known = known
    this.#starters = startersOf(known.live)
  }

  get heard(): ReadonlySet<string> {
    return this.#known.heard
  }

  hold(held: HeldJourney): void {
    this.#add(held, this.#known.version(held.pathway, held.version))
  }

  #add(held: HeldJourney, pathway: CompiledPathway): Entry {
    const entry: Entry = { held, pathway, moved: undefined }
    this.#journeys.set(held.id, entry)
    const siblings = this.#bySubject.get(held.state.subject)
    if (siblings) siblings.push(held.id)
    else this.#bySubject.set(held.state.subject, [held.id])
    return entry
  }

  changed(change: RecordChange): void {
    const said = { interaction: change.interaction, resource: change.resource }
    const concerned = this.heard.has(change.resourceType)
      ? [...(this.#bySubject.get(change.subject) ?? [])]
      : // A task that was moved to another patient lies in a bucket that this worker may not hold: its journey stays.
        ownerOf(change).filter((id) => this.#journeys.get(id)?.held.state.subject === change.subject)
    for (const id of concerned) this.apply(id, { id: change.id, at: change.at, kind: 'change', change: said })
    for (const { pathway, key, start } of startsOf(change, this.#known, this.#starters)) {
      const entry = this.#nextEntry(pathway, key)
      if (entry === undefined) continue
      const id = newId(this.#context.clock)
      this.#known.last.set(`${pathway.id} ${key}`, { id, entry, active: true })
      this.#begin(pathway, entry, {
        id: change.id,
        at: change.at,
        kind: 'start',
        journey: id,
        key,
        subject: change.subject,
        start,
        change: said,
      })
    }
  }

  /** Which entry of its key a new journey would be; undefined when the key may have none now. */
  #nextEntry(pathway: CompiledPathway, key: string): number | undefined {
    const last = this.#known.last.get(`${pathway.id} ${key}`)
    if (!last) return 1
    const state = this.#stateOf(last.id)
    const active = state ? state.status === 'active' : last.active
    return pathway.definition.again === 'after-end' && !active ? last.entry + 1 : undefined
  }

  #begin(pathway: CompiledPathway, entry: number, event: JourneyEvent & { kind: 'start' }): void {
    const zone = pathway.definition.zone === 'patient' ? this.#known.zones.get(event.subject) : undefined
    const begun = advance(pathway, undefined, { ...event, zone }, { now: event.at, calendar: this.#calendar })
    const held: HeldJourney = {
      id: event.journey,
      pathway: pathway.id,
      version: pathway.version,
      bucket: bucketOf(event.subject),
      entry,
      lines: 0,
      startedAt: event.at,
      state: begun.state,
    }
    const made = this.#add(held, pathway)
    made.moved = { ...held, fresh: true, endedAt: null, log: [], timersBefore: {} }
    this.#take(made, begun, event.at)
  }

  timed({ journey, timer, due }: { journey: string; timer: string; due: number }): void {
    const entry = this.#journeys.get(journey)
    // A timer that no longer concerns the journey must still leave the table, or it would be due for ever.
    if (!entry || this.#stateOf(journey)?.timers[timer]?.due !== due) this.strayTimers.push({ journey, timer })
    else this.#catchUp(entry, due + 1)
  }

  /** Fires what has become due meanwhile in the journeys that moved. */
  finish(now: number): void {
    for (const entry of this.#journeys.values()) if (entry.moved) this.#catchUp(entry, now + 1)
  }

  #catchUp(entry: Entry, before: number): void {
    const state = entry.moved?.state ?? entry.held.state
    const moved = catchUp(entry.pathway, state, before, this.#calendar)
    if (moved.state !== state) this.#take(entry, moved, moved.state.at)
  }

  /** Whether the event moved the journey. */
  apply(id: string, event: JourneyEvent): boolean {
    const entry = this.#journeys.get(id)
    if (!entry) return false
    this.#catchUp(entry, event.at)
    const before = entry.moved?.state ?? entry.held.state
    const moved = advance(entry.pathway, before, event, { now: event.at, calendar: this.#calendar })
    if (moved.state === before) return false
    this.#take(entry, moved, event.at)
    return true
  }

  /** A journey as it stands at a moment, its timers until then fired. */
  stateAt(id: string, now: number): { state: JourneyState; pathway: CompiledPathway } | undefined {
    const entry = this.#journeys.get(id)
    if (!entry) return undefined
    this.#catchUp(entry, now + 1)
    return { state: entry.moved?.state ?? entry.held.state, pathway: entry.pathway }
  }

  /**
   * A journey as it stands now, with the lines its log has. `stirred`: a timer was due, or something else has moved it in
   * this batch; it is to be moved to another version by a batch of its own.
   */
  standing(
    id: string,
    now: number,
  ): { state: JourneyState; version: number; lines: number; stirred: boolean } | undefined {
    const entry = this.#journeys.get(id)
    if (!entry) return undefined
    this.#catchUp(entry, now + 1)
    const { held, moved } = entry
    return { state: held.state, version: held.version, lines: held.lines, stirred: moved !== undefined }
  }

  /** Puts a journey on another version, as that makes it stand. */
  moveTo(id: string, pathway: CompiledPathway, advanced: Advanced, now: number): void {
    const entry = this.#journeys.get(id)
    if (!entry) return
    entry.pathway = pathway
    this.#take(entry, advanced, now)
  }

  get calendar(): Calendar {
    return this.#calendar
  }

  #stateOf(id: string): JourneyState | undefined {
    const entry = this.#journeys.get(id)
    return entry?.moved?.state ?? entry?.held.state
  }

  /** Keeps what a move came to; begins and ends the journeys that belong to it. */
  #take(entry: Entry, { state, effects, log }: Advanced, at: number): void {
    const before = entry.held.state
    entry.moved ??= { ...entry.held, fresh: false, endedAt: null, log: [], timersBefore: before.timers }
    const { moved } = entry
    moved.state = state
    moved.log.push(...log)
    for (const effect of effects) this.#ask(entry, effect, state, at)
    if (state.status === 'active' || moved.endedAt !== null) return
    moved.endedAt = state.at
    if (state.parent !== undefined)
      this.apply(state.parent, {
        id: `${state.journey}/ended`,
        at: state.at,
        kind: 'child',
        key: state.journey,
        outcome: state.outcome ?? state.status,
      })
  }

  #ask(entry: Entry, effect: Effect, state: JourneyState, at: number): void {
    if (effect.kind === 'start') {
      const { journey, subject, trigger, priority } = state
      // Its key is the effect's: it is begun once, and this journey knows it by that.
      this.#begin(this.#known.version(effect.pathway, effect.version), 1, {
        id: `${effect.key}/start`,
        at: state.at,
        kind: 'start',
        journey: effect.key,
        key: effect.key,
        subject,
        parent: { journey, trigger, priority, variables: effect.variables },
      })
    } else if (effect.kind === 'cancel' && effect.what === 'Journey')
      this.apply(effect.resource, {
        id: effect.key,
        at,
        kind: 'act',
        act: { do: 'cancel' },
        by: entry.pathway.id,
        reason: effect.reason,
      })
    else this.asked.push({ effect, state, pathway: entry.pathway })
  }

  moved(): MovedJourney[] {
    return [...this.#journeys.values()].flatMap((entry) => (entry.moved ? [entry.moved] : []))
  }
}

/** Resource types that begin a journey under some live version. */
export const startersOf = (live: readonly LivePathway[]): ReadonlySet<string> =>
  new Set(liveVersions(live).flatMap((pathway) => [...pathway.startTypes]))

/** Which pathways a change would begin, under which version and key. */
export function startsOf(
  change: RecordChange,
  { live, clinics }: Pick<Known, 'live' | 'clinics'>,
  starters: ReadonlySet<string>,
): { pathway: CompiledPathway; key: string; start: number }[] {
  if (!starters.has(change.resourceType)) return []
  return live.flatMap((one) => {
    const pathway = versionFor(one, clinics.get(change.id) ?? [])
    const begun =
      pathway && startFor(pathway, { interaction: change.interaction, resource: change.resource }, change.subject)
    return begun ? [{ pathway, ...begun }] : []
  })
}

const ownTypes = new Set(['Task', 'Communication', 'Appointment', 'ServiceRequest'])

/** The journey that a Task or the like came from, by its id `journey.n`; none if somebody else made it. */
export function ownerOf(change: RecordChange): string[] {
  const dot = change.resourceId.lastIndexOf('.')
  return ownTypes.has(change.resourceType) && dot > 0 ? [change.resourceId.slice(0, dot)] : []
}
