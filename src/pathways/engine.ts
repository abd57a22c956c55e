import type { Communication, Task } from '@medplum/fhirtypes'
import type { Calendar } from './calendar.ts'
import { type CompiledPathway, type CompiledStep, type CompiledTrigger, matches } from './compile.ts'
import { Move } from './move.ts'
import type { Advanced, JourneyEvent, JourneyState, ResourceChange } from './state.ts'

export interface EngineContext {
  /** Milliseconds. The only time the engine knows. */
  now: number
  calendar: Calendar
}

const nothing = (state: JourneyState): Advanced => ({ state, effects: [], log: [] })

/**
 * Whether a change starts a journey of this pathway, and under which key and which of its starts. One key has one journey.
 */
export function startFor(
  pathway: CompiledPathway,
  change: ResourceChange,
  subject: string,
): { key: string; start: number } | undefined {
  if (change.interaction === 'delete' || !pathway.startTypes.has(change.resource.resourceType)) return undefined
  for (const [index, start] of pathway.starts.entries()) {
    if (!matches(start, change.resource, { subject })) continue
    const key = start.key(change.resource, { subject })
    if (key !== null && key !== '') return { key: String(key), start: index }
  }
  return undefined
}

/**
 * The centre of the house: one event moves one journey. Pure: no clock, no database, no randomness; the input is not
 * changed. An event that the journey does not wait for gives back the very same state, with no effects and no log.
 */
export function advance(
  pathway: CompiledPathway,
  state: JourneyState | undefined,
  event: JourneyEvent,
  context: EngineContext,
): Advanced {
  if (state === undefined) {
    if (event.kind !== 'start') throw new TypeError('a journey begins with a start event')
    return start(pathway, event, context)
  }
  if (state.status !== 'active') return nothing(state)
  switch (event.kind) {
    case 'start':
      return nothing(state)
    case 'change':
      return changed(pathway, state, event.change, event.id, context)
    case 'timer':
      return timerFired(pathway, state, event.timer, event.id, context)
    case 'cancel': {
      const move = new Move(pathway, state, event.id, context)
      move.cancel('cancelled', event.by)
      return move.result()
    }
  }
}

function start(pathway: CompiledPathway, event: JourneyEvent & { kind: 'start' }, context: EngineContext): Advanced {
  const { resource } = event.change
  const trigger = `${resource.resourceType}/${resource.id ?? ''}`
  const state: JourneyState = {
    journey: event.journey,
    status: 'active',
    outcome: null,
    stage: null,
    stageSince: context.now,
    key: event.key,
    subject: event.subject,
    trigger,
    priority: 'priority' in resource && typeof resource.priority === 'string' ? resource.priority : 'routine',
    variables: {},
    effects: 0,
    tracks: [],
    open: {},
    past: {},
    edges: {},
    timers: {},
    requests: {},
  }
  const move = new Move(pathway, state, event.id, context)
  move.note('started', null, 0, `starts.${event.start}`, { trigger, version: pathway.version })
  const begun = pathway.starts[event.start]
  if (begun) move.set(begun.sets, resource)
  for (const track of pathway.tracks) if (!track.starts) move.beginTrack(track.id)
  move.settle()
  return move.result()
}

const environment = (state: JourneyState) => ({ key: state.key, subject: state.subject, trigger: state.trigger })

function changed(
  pathway: CompiledPathway,
  state: JourneyState,
  change: ResourceChange,
  event: string,
  context: EngineContext,
): Advanced {
  const { resource } = change
  const { resourceType } = resource
  const own =
    (resourceType === 'Task' || resourceType === 'Communication') && resource.id?.startsWith(state.journey)
      ? ownStep(pathway, state, resource.id)
      : undefined
  if (!own && !pathway.waitTypes.has(resourceType)) return nothing(state)
  let move: Move | undefined
  const begin = () => (move ??= new Move(pathway, state, event, context))

  if (own) {
    const outcome = resourceType === 'Task' ? taskOutcome(resource) : messageOutcome(resource as Communication)
    if (outcome !== undefined) begin().finish(own, outcome)
  }
  if (pathway.waitTypes.has(resourceType) && change.interaction !== 'delete') {
    const hit = (trigger: CompiledTrigger) =>
      trigger.on === resourceType && matches(trigger, resource, environment(state))
    for (const [index, stop] of pathway.stops.entries())
      if (hit(stop)) {
        const stopping = begin()
        stopping.cancel(stop.outcome, `stops.${index}`)
        return stopping.result()
      }
    for (const track of pathway.tracks)
      if (track.starts && !state.tracks.includes(track.id) && hit(track.starts)) {
        begin().set(track.starts.sets, resource)
        begin().beginTrack(track.id)
      }
    for (const name in state.open) {
      const step = pathway.steps[name]
      const met = step?.events.find(hit)
      if (!step || !met) continue
      begin().set(met.sets, resource)
      begin().finish(step, met.name)
    }
  }
  if (!move) return nothing(state)
  move.settle()
  return move.result()
}

function ownStep(pathway: CompiledPathway, state: JourneyState, id: string): CompiledStep | undefined {
  for (const name in state.open) if (state.open[name]?.key === id) return pathway.steps[name]
  return undefined
}

/** A completed Task's outcome is its output of type `outcome`; a person's refusal and a cancellation have their own words. */
function taskOutcome(task: Task): string | undefined {
  if (task.status === 'completed')
    return (
      task.output?.find((output) => output.type.coding?.some((coding) => coding.code === 'outcome'))?.valueCode ??
      'done'
    )
  if (task.status === 'cancelled' || task.status === 'failed' || task.status === 'entered-in-error') return 'cancelled'
  return undefined
}

function messageOutcome(message: Communication): string | undefined {
  if (message.status === 'completed') return 'sent'
  if (message.status === 'stopped' || message.status === 'not-done' || message.status === 'entered-in-error')
    return 'failed'
  return undefined
}

function timerFired(
  pathway: CompiledPathway,
  state: JourneyState,
  key: string,
  event: string,
  context: EngineContext,
): Advanced {
  const timer = state.timers[key]
  const open = timer ? state.open[timer.step] : undefined
  const step = timer ? pathway.steps[timer.step] : undefined
  // A timer that was cancelled, or that has fired before, is no news.
  if (!timer || !step || !open || open.n !== timer.n || timer.due > context.now) return nothing(state)
  const move = new Move(pathway, state, event, context)
  move.dropTimer(key)
  if (timer.does === 'wait') move.finish(step, 'done')
  else if (timer.does === 'late') {
    move.note('missed', step.id, open.n, `${step.rule}.wait.at-most`, { due: timer.due })
    move.finish(step, 'late')
  } else move.escalate(step, timer.does)
  move.settle()
  return move.result()
}
