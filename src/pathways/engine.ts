import type { Patient, Resource } from '@medplum/fhirtypes'
import { type CompiledPathway, type CompiledStep, type CompiledTrigger, matches } from './compile.ts'
import { Draft, nothing } from './draft.ts'
import { beginTrack, finish, miss, retract } from './finish-step.ts'
import { close, fallBack } from './open-step.ts'
import { answers, isOwnType, ownOutcome } from './outcomes.ts'
import { acted } from './act.ts'
import { pause, resume } from './rest.ts'
import { learn, repeatStep, settle, stopTrack } from './settle.ts'
import type { Advanced, EngineContext, JourneyEvent, JourneyState, OpenStep, ResourceChange } from './state.ts'

/**
 * Whether a change starts a journey of this pathway, and under which key and which of its starts. One key has one journey
 * at a time.
 */
export function startFor(
  pathway: CompiledPathway,
  change: ResourceChange,
  subject: string,
): { key: string; start: number } | undefined {
  if (change.interaction === 'delete' || !pathway.startTypes.has(change.resource.resourceType)) return undefined
  if (pathway.definition.enrolment === 'paused') return undefined
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
    case 'child':
      return childEnded(pathway, state, event, context)
    case 'act':
      return acted(pathway, state, event, context)
  }
}

function start(pathway: CompiledPathway, event: JourneyEvent & { kind: 'start' }, context: EngineContext): Advanced {
  const parent = 'parent' in event ? event.parent : undefined
  const resource = 'change' in event ? event.change.resource : undefined
  const trigger = parent?.trigger ?? `${resource?.resourceType}/${resource?.id ?? ''}`
  const state: JourneyState = {
    journey: event.journey,
    status: 'active',
    outcome: null,
    stage: null,
    stageSince: context.now,
    at: context.now,
    key: event.key,
    subject: event.subject,
    trigger,
    priority: parent?.priority ?? priorityOf(resource),
    variables: {},
    effects: 0,
    tracks: [],
    open: {},
    past: {},
    edges: {},
    timers: {},
    requests: {},
  }
  if (event.zone !== undefined) state.zone = event.zone
  if (parent) state.parent = parent.journey
  const draft = new Draft(pathway, state, event.id, context.now, context.calendar)
  const rule = 'start' in event ? `starts.${event.start}` : 'parent'
  draft.note('started', null, 0, rule, { trigger, version: pathway.version })
  if ('start' in event) {
    const begun = pathway.starts[event.start]
    if (begun && resource) learn(draft, begun.sets, resource)
  } else
    for (const [name, value] of Object.entries(event.parent.variables))
      draft.state.variables[name] = { value, event: event.id }
  for (const track of pathway.tracks) if (!track.starts && track.startsMissed.length === 0) beginTrack(draft, track.id)
  settle(draft)
  return draft.result()
}

const priorityOf = (resource: Resource | undefined): string =>
  resource && 'priority' in resource && typeof resource.priority === 'string' ? resource.priority : 'routine'

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
    isOwnType(resourceType) && resource.id?.startsWith(state.journey) ? ownStep(pathway, state, resource.id) : undefined
  const heard = pathway.waitTypes.has(resourceType)
  if (!own && !heard) return nothing(state)
  let draft: Draft | undefined
  const begin = () => (draft ??= new Draft(pathway, state, event, context.now, context.calendar))

  if (own) {
    const outcome = ownOutcome(own.step, own.open, resource)
    if (outcome !== undefined) answered(begin(), own.step, own.open, outcome, resource)
  }
  // One and the same event must not satisfy what waits for the next one.
  if (heard && change.interaction !== 'delete' && !state.used?.includes(event)) {
    const hit = (trigger: CompiledTrigger) =>
      trigger.on === resourceType && matches(trigger, resource, environment(state))
    for (const [index, stop] of pathway.stops.entries())
      if (hit(stop)) return stopped(begin(), stop.outcome, `stops.${index}`)
    const news = heardNews(pathway, state, resource, hit, begin)
    if (news || draft) use(begin(), event)
  }
  if (!draft) return nothing(state)
  settle(draft)
  return draft.result()
}

/** What a change of the record means to whatever listens, but for stops. Whether it used the event up. */
function heardNews(
  pathway: CompiledPathway,
  state: JourneyState,
  resource: Resource,
  hit: (trigger: CompiledTrigger) => boolean,
  begin: () => Draft,
): boolean {
  let used = false
  for (const follow of pathway.follows) if (hit(follow)) learn(begin(), follow.sets, resource)
  if (resource.resourceType === 'Patient' && pathway.definition.zone === 'patient') moveZone(state, resource, begin)
  for (const [index, rest] of pathway.pauses.entries()) {
    if (!state.paused && hit(rest)) {
      pause(begin(), index, `pauses.${index}`, {})
      used = true
    } else if (state.paused?.by === index && hit(rest.resume)) {
      resume(begin(), `pauses.${index}.resume`, {})
      used = true
    }
  }
  for (const track of pathway.tracks) {
    if (state.tracks.includes(track.id) && track.stops.some(hit)) {
      stopTrack(begin(), track.id, 'stopped')
      used = true
    }
    if (track.starts && (track.again || !state.tracks.includes(track.id)) && hit(track.starts)) {
      learn(begin(), track.starts.sets, resource)
      used = beginTrack(begin(), track.id) || used
    }
  }
  for (const name in state.open) {
    const step = pathway.steps[name]
    const open = state.open[name]
    if (!step || !open) continue
    const met = step.events.length > 0 ? step.events.find(hit) : undefined
    const answer = met ? undefined : answers(step, open, resource)
    if (!met && answer === undefined) continue
    used = true
    if (met) {
      learn(begin(), met.sets, resource)
      finish(begin(), step, met.name)
    } else if (answer !== undefined) answered(begin(), step, open, answer, resource)
  }
  return used
}

// Enough for what may be delivered twice; a journey's whole past would make its state grow for ever.
const mostUsed = 32

function use(draft: Draft, event: string): void {
  draft.state.used = [...(draft.state.used ?? []), event].slice(-mostUsed)
}

function stopped(draft: Draft, outcome: string, rule: string): Advanced {
  draft.note('cancelled', null, 0, rule, { outcome })
  close(draft, 'cancelled', outcome)
  return draft.result()
}

function ownStep(
  pathway: CompiledPathway,
  state: JourneyState,
  id: string,
): { step: CompiledStep; open: OpenStep } | undefined {
  for (const name in state.open) {
    const open = state.open[name]
    const step = pathway.steps[name]
    if (step && open?.key === id) return { step, open }
  }
  return undefined
}

/** A step has its answer: takes what it gives, tries the next way of a message that failed, and ends it. */
function answered(draft: Draft, step: CompiledStep, open: OpenStep, outcome: string, resource: Resource): void {
  if (step.kind === 'message' && outcome === 'failed' && fallBack(draft, step, open)) return
  const took = outcome !== 'failed' && outcome !== 'declined' && outcome !== 'cancelled'
  // A form's Task has none of its answers.
  if (took && (step.kind !== 'form' || resource.resourceType === 'QuestionnaireResponse'))
    learn(draft, step.sets, resource)
  if (step.step.form?.role !== undefined && resource.resourceType === 'QuestionnaireResponse')
    draft.ask(step.id, open.n, { kind: 'settle', task: open.key })
  finish(draft, step, outcome)
}

/** The patient's own zone, as FHIR's extension on the patient or an address says. */
export function zoneOf(patient: Patient): string | undefined {
  const extensions = [...(patient.extension ?? []), ...(patient.address ?? []).flatMap((one) => one.extension ?? [])]
  const zone = extensions.find((one) => one.url === 'http://hl7.org/fhir/StructureDefinition/timezone')?.valueCode
  return zone !== undefined && (zone === 'UTC' || zones().has(zone)) ? zone : undefined
}

let known: Set<string> | undefined
const zones = (): Set<string> => (known ??= new Set(Intl.supportedValuesOf('timeZone')))

function moveZone(state: JourneyState, patient: Patient, begin: () => Draft): void {
  const zone = zoneOf(patient)
  if (zone === state.zone || `Patient/${patient.id}` !== state.subject) return
  const draft = begin()
  if (zone === undefined) delete draft.state.zone
  else draft.state.zone = zone
}

function timerFired(
  pathway: CompiledPathway,
  state: JourneyState,
  key: string,
  event: string,
  context: EngineContext,
): Advanced {
  const timer = state.timers[key]
  // A timer that was cancelled, or that has fired before, is no news.
  if (!timer || timer.due > context.now) return nothing(state)
  const step = pathway.steps[timer.step]
  const open = state.open[timer.step]
  const current = step && open && open.n === timer.n
  if (!current && timer.does !== 'resume' && timer.does !== 'again') return nothing(state)
  const draft = new Draft(pathway, state, event, context.now, context.calendar)
  delete draft.state.timers[key]
  if (timer.does === 'resume') {
    resume(draft, `pauses.${state.paused?.by}.at-most`, {})
    return draft.result()
  }
  if (!step) return nothing(state)
  if (timer.does === 'again') repeatStep(draft, step)
  else if (!open) return nothing(state)
  else if (timer.does === 'wait') finish(draft, step, 'done')
  else if (timer.does === 'late') late(draft, step, open)
  else escalate(draft, step, open, timer.does)
  settle(draft)
  return draft.result()
}

/** What was asked for did not come in time: nobody is to do it any more, and the care goes on without it. */
function late(draft: Draft, step: CompiledStep, open: OpenStep): void {
  miss(draft, step, open, `${step.rule}.${step.kind}.at-most`)
  retract(draft, step, open, 'late')
  const { decide } = step.step
  finish(draft, step, decide ? decide.otherwise : 'late')
}

function escalate(draft: Draft, step: CompiledStep, open: OpenStep, index: number): void {
  const rule = step.escalate[index]
  if (open.due === undefined) return
  if (rule === undefined || rule.share === 1) miss(draft, step, open, `${step.rule}.${step.kind}.due`)
  if (!rule) return
  draft.note('escalated', step.id, open.n, `${step.rule}.${step.kind}.escalate.${index}`, {
    role: rule.to,
    share: rule.share,
    due: open.due,
    effect: open.key,
  })
  draft.ask(step.id, open.n, {
    kind: 'escalate',
    task: open.key,
    to: rule.to,
    rung: index,
    missed: rule.share >= 1,
  })
}

function childEnded(
  pathway: CompiledPathway,
  state: JourneyState,
  event: JourneyEvent & { kind: 'child' },
  context: EngineContext,
): Advanced {
  const own = ownStep(pathway, state, event.key)
  if (own?.step.kind !== 'start') return nothing(state)
  const draft = new Draft(pathway, state, event.id, context.now, context.calendar)
  finish(draft, own.step, event.outcome)
  settle(draft)
  return draft.result()
}
