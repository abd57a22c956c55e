import type { MoveChange, MoveMapping, MoveReason } from '../../contracts/index.ts'
import type { Calendar } from '../calendar.ts'
import { reachable } from '../circles.ts'
import type { CompiledPathway, CompiledStep } from '../compile.ts'
import { Draft } from '../draft.ts'
import { beginTrack, endRepeat, takeEdges, withdraw } from '../finish-step.ts'
import { titleOf } from '../graph.ts'
import { taskKindOf } from '../model.ts'
import { settle } from '../settle.ts'
import type { Advanced, Effect, JourneyState, OpenStep, Timer } from '../state.ts'
import { absorbRounds, carryEdges } from './carry-edges.ts'
import { carryTimes, type TimerFates } from './carry-times.ts'
import { lostWays } from './lost-ways.ts'
import { Names } from './names.ts'
import { pausePlace } from './pause-place.ts'

export interface MoveContext {
  /** Unique: the lines of the log name it, and an undo is told by it. */
  event: string
  /** Milliseconds. The timers due before must have fired: see `catchUp`. */
  now: number
  calendar: Calendar
}

export interface MovedState extends Advanced {
  changes: MoveChange[]
  /** Why this should not be done without a person's word; empty when it may. */
  doubts: MoveReason[]
}

/**
 * A running journey in another version of its pathway: the new state, what is asked of the world for it, and each thing
 * that changes. Pure; the input is not changed. What is open and has no counterpart is withdrawn; what has one keeps its
 * Task, message or request and its clocks; what is done stays done; what the journey is past is passed over; and what is
 * the new version's turn now opens. The mapping must have passed `checkMapping` for these two versions.
 */
export function moveState(
  from: CompiledPathway,
  to: CompiledPathway,
  state: JourneyState,
  mapping: MoveMapping,
  { event, now, calendar }: MoveContext,
): MovedState {
  const names = new Names(mapping)
  const fates: TimerFates = new Map()
  const clocks = allTimers(state)

  const leaving = new Draft(from, state, event, now, calendar)
  for (const step of Object.values(from.steps)) {
    if (names.after(step.id) !== undefined) continue
    withdraw(leaving, step, 'moved')
    if (leaving.state.repeats?.[step.id]) endRepeat(leaving, step)
  }
  // From here on the log speaks of the new version's steps.
  leaving.note('moved', null, 0, 'version', { from: from.version, to: to.version })
  const left = leaving.result()

  const { edges, derived } = carryEdges(from, to, left.state, names)
  const carried = carry(from, to, left.state, names, edges)
  const draft = new Draft(to, carried, event, now, calendar)
  if (carried.repeats) draft.state.repeats = { ...carried.repeats }
  for (const [old, choice] of Object.entries(mapping.steps)) {
    const one = from.steps[old]
    const other = choice.do === 'pair' ? to.steps[choice.to] : undefined
    if (!one || !other || choice.do !== 'pair') continue
    const repeated = left.state.repeats?.[old] !== undefined
    carryTimes(draft, { old: one, now: other, times: choice.times }, clocks, fates)
    if (repeated && !draft.state.open[other.id] && !draft.timers[`${other.id}#again`]) {
      endRepeat(draft, other)
      takeEdges(draft, other, draft.state.past[other.id]?.outcome ?? 'done', true)
    }
  }
  absorbRounds(to, draft.state, derived)
  enterStage(from, draft, state, names)
  for (const [old, choice] of Object.entries(mapping.steps))
    if (choice.do === 'pair') revise(draft, from, state, old, choice)
  beginTracks(draft, mapping)
  const passed = openWhatIsDue(from, draft, left.state, names)
  absorbRounds(to, draft.state, derived)
  settle(draft)
  const done = draft.result()

  const effects = [...left.effects, ...done.effects]
  return {
    state: done.state,
    effects,
    log: [...left.log, ...done.log],
    changes: [
      ...changesOfSteps(from, to, state, done.state, names, effects, passed),
      ...changesOfTimers(clocks, allTimers(done.state), fates, names),
      ...changesOfNames(state, done.state, mapping),
    ],
    doubts: lostWays({ from, to, before: state, after: done.state, names, log: done.log }),
  }
}

const allTimers = (state: JourneyState): Record<string, Timer> => ({ ...state.timers, ...state.paused?.timers })

/** The state in the words of the new version: nothing asked, nothing opened yet, no clock but that of a rest. */
function carry(
  from: CompiledPathway,
  to: CompiledPathway,
  state: JourneyState,
  names: Names,
  edges: Record<string, boolean>,
): JourneyState {
  const named = <T>(all: Readonly<Record<string, T>>): [string, T][] =>
    Object.entries(all).flatMap(([name, value]) => {
      const now = names.after(name)
      return now === undefined ? [] : [[now, value]]
    })
  const rounded = <T extends { rounds?: OpenStep['rounds'] }>({ rounds, ...rest }: T) => {
    const now = names.rounds(rounds)
    return now === undefined ? rest : { ...rest, rounds: now }
  }
  const open = named(state.open).map(([name, one]): [string, OpenStep] => {
    const carried: OpenStep = rounded(one)
    const old = names.before(name)
    if (one.fallback !== undefined)
      carried.fallback = fallbackPlace(from.steps[old ?? ''], to.steps[name], one.fallback)
    return [name, carried]
  })
  const past = named(state.past).map(([name, one]): [string, JourneyState['past'][string]] => {
    const outcome = one.outcome === null ? null : (names.outcome(names.before(name) ?? '', one.outcome) ?? one.outcome)
    return [name, { ...rounded(one), outcome }]
  })
  const carried: JourneyState = {
    ...state,
    variables: Object.fromEntries(
      Object.entries(state.variables).flatMap(([name, value]) => {
        const now = names.mapping.variables[name]
        return now ? [[now, value]] : []
      }),
    ),
    tracks: state.tracks.flatMap((id) => names.track(id) ?? []),
    open: Object.fromEntries(open),
    past: Object.fromEntries(past),
    edges,
    timers: state.paused ? state.timers : {},
  }
  // A track whose step goes on in it has begun, whatever it was called.
  for (const [name] of open) {
    const track = to.steps[name]?.track
    if (track !== undefined && !carried.tracks.includes(track)) carried.tracks = [...carried.tracks, track]
  }
  delete carried.repeats
  if (state.repeats) {
    const repeats = named(state.repeats)
    if (repeats.length > 0) carried.repeats = Object.fromEntries(repeats)
  }
  if (state.paused)
    carried.paused = {
      ...state.paused,
      by: pausePlace(from, to, state.paused.by),
      timers: {},
      todo: state.paused.todo.flatMap((name) => names.after(name) ?? []),
    }
  return carried
}

/** The same way of reaching somebody in the new version's list; the last one where it has none such. */
function fallbackPlace(old: CompiledStep | undefined, now: CompiledStep | undefined, place: number): number {
  const was = old?.fallback[place]
  const same = now?.fallback.findIndex((one) => one.way === was?.way && one.role === was.role) ?? -1
  return same >= 0 ? same : Math.max(0, Math.min(place, (now?.fallback.length ?? 1) - 1))
}

/** The stage it stands in: that of the same name or title; or that which the new version gives to the step it stood by. */
function enterStage(from: CompiledPathway, draft: Draft, before: JourneyState, names: Names): void {
  const { state, pathway } = draft
  if (before.stage === null) return
  const mapped = names.mapping.stages[before.stage] ?? null
  let last: { stage: string; since: number } | undefined
  for (const [name, open] of Object.entries(state.open)) {
    const stage = pathway.steps[name]?.step.stage
    const stood = from.steps[names.before(name) ?? '']?.step.stage === before.stage
    if (stage !== undefined && (stood || mapped === null) && (!last || open.since > last.since))
      last = { stage, since: open.since }
  }
  state.stage = last?.stage ?? mapped
  if (last && last.stage !== mapped) state.stageSince = last.since
  if (state.stage !== null && state.stage !== before.stage)
    draft.note('stage', null, 0, 'version', { stage: state.stage })
}

interface Work {
  step: string
  role: string
  title: { en: string; fr: string }
  description: { en: string; fr: string } | undefined
  outcomes: readonly { code: string; title: { en: string; fr: string } }[]
  questionnaire?: string
  taskKind?: string
}

/** What a person is asked to do by a step; undefined when a step asks for none. */
function workOf(step: CompiledStep): Work | undefined {
  const { task, form } = step.step
  if (task) {
    const { role, title, description, outcomes = [] } = task
    const taskKind = taskKindOf(task)
    return { step: step.id, role, title, description, outcomes, ...(taskKind === undefined ? {} : { taskKind }) }
  }
  if (form?.role === undefined) return undefined
  const { title, role, questionnaire } = form
  return { step: step.id, role, title, description: undefined, outcomes: [], questionnaire }
}

/** Words, role, time and outcomes of an open task as the new version has them, if it has them otherwise. */
function revise(
  draft: Draft,
  from: CompiledPathway,
  before: JourneyState,
  old: string,
  choice: Extract<MoveMapping['steps'][string], { do: 'pair' }>,
): void {
  const open = draft.state.open[choice.to]
  const step = draft.pathway.steps[choice.to]
  const was = from.steps[old]
  if (!open || !step || !was || open.fallback !== undefined) return
  const work = workOf(step)
  const former = workOf(was)
  if (!work || !former) return
  const role = choice.role === 'keep' ? former.role : work.role
  const due = before.open[old]?.due
  const { stage } = draft.state
  if (JSON.stringify({ ...work, role }) === JSON.stringify(former) && open.due === due && stage === before.stage) return
  const { step: _id, ...words } = work
  draft.note('revised', step.id, open.n, `${step.rule}.${step.kind}`, { role, due: open.due ?? null, effect: open.key })
  draft.ask(step.id, open.n, { kind: 'revise', task: open.key, ...words, role, due: open.due, stage })
}

function beginTracks(draft: Draft, mapping: MoveMapping): void {
  for (const track of draft.pathway.tracks) {
    if (track.starts || track.startsMissed.length > 0 || draft.state.tracks.includes(track.id)) continue
    if ((mapping.tracksAdded[track.id] ?? 'begin') === 'begin') beginTrack(draft, track.id)
  }
}

/**
 * Gives their turn to steps that it has come to by the new version's ways: all that were never opened, in the order they
 * are written. Gives back those that the journey is past, which count as skipped.
 */
function openWhatIsDue(from: CompiledPathway, draft: Draft, before: JourneyState, names: Names): string[] {
  const { state, pathway } = draft
  const follows = reachable(pathway.definition)
  const begun = (id: string) => state.open[id] !== undefined || (state.past[id]?.n ?? 0) > 0
  // A track that an event may have stopped, and that has nothing open, stays as it was left.
  const left = new Set(
    from.tracks.flatMap((track) => {
      const busy = (name: string) => from.steps[name]?.track === track.id
      const over =
        before.tracks.includes(track.id) &&
        ![...Object.keys(before.open), ...Object.keys(before.repeats ?? {})].some(busy)
      const now = names.track(track.id)
      return over && track.stops.length > 0 && now !== undefined ? [now] : []
    }),
  )
  const passed: string[] = []
  const seen = new Set<string>()
  for (let again = true; again; ) {
    again = false
    for (const step of Object.values(pathway.steps)) {
      const { id } = step
      if (seen.has(id) || begun(id) || !joined(draft, step)) continue
      const choice = names.mapping.added[id]
      const past = [...(follows.get(id) ?? [])].some((other) => other !== id && begun(other))
      if (left.has(step.track)) continue
      seen.add(id)
      again = true
      if (choice === 'open' || (choice !== 'pass' && !past)) draft.todo.push(id)
      else if (choice !== undefined) {
        passed.push(id)
        draft.remember(step, 1, null, undefined)
        draft.note('passed', id, 1, step.rule, {})
        takeEdges(draft, step, 'skipped', true)
      }
    }
  }
  return passed
}

/** Whether the ways that lead to a step have been gone, as far as it needs. */
function joined({ state }: Draft, step: CompiledStep): boolean {
  if (!state.tracks.includes(step.track) || step.step.discretionary === 'add') return false
  return step.from.filter((edge) => state.edges[edge.edge] === true).length >= step.needs
}

const whatOf = (step: CompiledStep | undefined, open?: OpenStep): MoveChange['what'] => {
  switch (step?.kind) {
    case 'task':
      return 'task'
    case 'message':
      return open?.fallback === undefined ? 'message' : 'task'
    case 'form':
      return 'form'
    case 'appointment':
    case 'order':
    case 'request':
    case 'call':
      return 'request'
    case 'wait':
      return 'wait'
    case 'decide':
      return 'decision'
    case 'start':
      return 'journey'
    default:
      return 'step'
  }
}

function changesOfSteps(
  from: CompiledPathway,
  to: CompiledPathway,
  before: JourneyState,
  after: JourneyState,
  names: Names,
  effects: readonly Effect[],
  passed: readonly string[],
): MoveChange[] {
  const changes: MoveChange[] = []
  const plain = { key: null, before: null, after: null, why: null }
  for (const [id, open] of Object.entries(before.open)) {
    const now = names.after(id)
    const one = now === undefined ? undefined : after.open[now]
    const about = { ...plain, what: whatOf(from.steps[id], open), step: id, to: now ?? null, key: open.key || null }
    if (now === undefined || one?.n !== open.n) {
      changes.push({ ...about, change: 'withdrawn', why: now === undefined ? 'no-counterpart' : 'ended' })
      continue
    }
    const own: MoveChange[] = []
    const revised = effects.find((effect) => effect.kind === 'revise' && effect.step === now)
    const was = from.steps[id]
    const is = to.steps[now]
    if (revised?.kind === 'revise' && was && is) {
      const former = workOf(was)
      const titles = [titleOf(id, was.step), titleOf(now, is.step)] as const
      if (former && former.role !== revised.role)
        own.push({ ...about, change: 'rerouted', before: former.role, after: revised.role })
      if (
        former &&
        JSON.stringify([former.title, former.description, former.outcomes]) !==
          JSON.stringify([revised.title, revised.description, revised.outcomes])
      )
        own.push({ ...about, change: 'retitled', before: titles[0].en, after: titles[1].en })
    }
    if (one.due !== open.due)
      own.push({ ...about, change: 'due-moved', before: open.due ?? null, after: one.due ?? null })
    changes.push(...(own.length > 0 ? own : [{ ...about, change: 'kept' as const }]))
  }
  for (const [id, open] of Object.entries(after.open)) {
    const old = names.before(id)
    if (old !== undefined && before.open[old]?.n === open.n) continue
    changes.push({
      ...plain,
      what: whatOf(to.steps[id], open),
      change: 'created',
      step: null,
      to: id,
      key: open.key || null,
      after: open.due ?? null,
    })
  }
  for (const id of passed) changes.push({ ...plain, what: 'step', change: 'passed', step: null, to: id })
  return changes
}

function changesOfTimers(
  before: Readonly<Record<string, Timer>>,
  after: Readonly<Record<string, Timer>>,
  fates: TimerFates,
  names: Names,
): MoveChange[] {
  const kept = new Set<string>()
  const changes = Object.entries(before).map(([key, timer]): MoveChange => {
    const fate =
      fates.get(key) ??
      (timer.step === '' ? { to: key, due: timer.due, why: null } : { to: null, why: 'step-gone' as const })
    const about = {
      what: 'timer' as const,
      step: timer.step || null,
      to: names.after(timer.step) ?? null,
      key,
      before: timer.due,
    }
    const now = fate.to === null ? undefined : after[fate.to]
    if (fate.to === null || !now)
      return { ...about, change: 'withdrawn', after: null, why: fate.to === null ? fate.why : 'ended' }
    kept.add(fate.to)
    return { ...about, change: now.due === timer.due ? 'kept' : 'due-moved', after: now.due, why: fate.why }
  })
  for (const [key, timer] of Object.entries(after))
    if (!kept.has(key))
      changes.push({
        what: 'timer',
        change: 'created',
        step: null,
        to: timer.step || null,
        key,
        before: null,
        after: timer.due,
        why: 'new',
      })
  return changes
}

function changesOfNames(before: JourneyState, after: JourneyState, mapping: MoveMapping): MoveChange[] {
  const plain = { step: null, to: null, key: null, why: null }
  const changes: MoveChange[] = []
  if (before.stage !== after.stage)
    changes.push({ ...plain, what: 'stage', change: 'retitled', before: before.stage, after: after.stage })
  for (const name of Object.keys(before.variables))
    if (!mapping.variables[name])
      changes.push({ ...plain, what: 'variable', change: 'lost', before: name, after: null })
  for (const id of new Set(before.tracks))
    if (!mapping.tracks[id]) changes.push({ ...plain, what: 'track', change: 'lost', before: id, after: null })
  for (const id of after.tracks)
    if (!before.tracks.some((one) => mapping.tracks[one] === id))
      changes.push({ ...plain, what: 'track', change: 'created', before: null, after: id })
  return changes
}
