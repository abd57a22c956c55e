import type { VariableValue } from '../expressions/index.ts'
import { addDuration, momentOf, nextAt, onClock, onOpenDay, subtractDuration } from './calendar.ts'
import type { CompiledStep } from './compile.ts'
import type { Draft } from './draft.ts'
import { againTimer, finish, retract } from './finish-step.ts'
import { asksOf, taskKindOf } from './model.ts'
import type { OpenStep, Rounds } from './state.ts'

/** Opens one occurrence of a step: asks for what it wants done, and sets its timers. */
export function openStep(draft: Draft, step: CompiledStep, n: number, rounds: Rounds | undefined): void {
  const { state, now } = draft
  const { stage } = step.step
  if (stage !== undefined && stage !== state.stage) {
    state.stage = stage
    state.stageSince = now
    draft.note('stage', step.id, n, `${step.rule}.stage`, { stage })
  }
  const open = draft.open(step, { key: asksOf(step.step) ? draft.nextKey() : '', n, since: now, due: undefined })
  if (rounds !== undefined) open.rounds = rounds
  if (step.repeat) armRepeat(draft, step, n)
  openKind(draft, step, open)
}

function openKind(draft: Draft, step: CompiledStep, open: OpenStep): void {
  const { task, message, form, appointment, order, call, start, request, end } = step.step
  if (task) openTask(draft, step, open, task)
  else if (message) openMessage(draft, step, open)
  else if (form) openForm(draft, step, open, form)
  else if (appointment) {
    armLate(draft, step, open)
    asked(draft, step, open, { resource: 'Appointment' })
    draft.ask(step.id, open.n, { kind: 'request', resource: 'Appointment', title: appointment.title })
  } else if (order) {
    const { code, category, title } = order
    armLate(draft, step, open)
    asked(draft, step, open, { resource: 'ServiceRequest' })
    draft.ask(step.id, open.n, { kind: 'request', resource: 'ServiceRequest', title, order: { code, category } })
  } else if (call) {
    const { connector, operation } = call
    armLate(draft, step, open)
    asked(draft, step, open, { connector, operation })
    draft.ask(step.id, open.n, { kind: 'call', connector, operation, input: handOver(draft, call.with) })
  } else if (start) {
    const { pathway, version } = start
    if (start.wait) armLate(draft, step, open)
    asked(draft, step, open, { pathway, version })
    draft.ask(step.id, open.n, { kind: 'start', pathway, version, variables: handOver(draft, start.with) })
    if (!start.wait) finish(draft, step, 'done')
  } else if (request) {
    asked(draft, step, open, { resource: request.resource })
    draft.ask(step.id, open.n, { kind: 'request', ...request })
    draft.state.requests[open.key] = request.resource
    finish(draft, step, 'done')
  } else if (step.step.decide) openDecide(draft, step, open)
  else if (step.step.wait) openWait(draft, step, open)
  else if (end) {
    delete draft.state.open[step.id]
    draft.remember(step, open.n, null, open.rounds)
    endJourney(draft, end.outcome, `${step.rule}.end`, step.id)
  }
}

const asked = (draft: Draft, step: CompiledStep, open: OpenStep, data: Record<string, string | number>) =>
  draft.note('asked', step.id, open.n, `${step.rule}.${step.kind}`, { ...data, effect: open.key })

/** The other side's names for this journey's values. */
function handOver(
  draft: Draft,
  names: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, VariableValue>> {
  return Object.fromEntries(
    Object.entries(names ?? {}).map(([theirs, ours]) => [theirs, draft.state.variables[ours]?.value ?? null]),
  )
}

function openTask(draft: Draft, step: CompiledStep, open: OpenStep, task: NonNullable<CompiledStep['step']['task']>) {
  const { role, title, description, outcomes = [] } = task
  const taskKind = taskKindOf(task)
  open.due = dueOf(draft, step)
  draft.note('opened', step.id, open.n, `${step.rule}.task`, { role, due: open.due ?? null, effect: open.key })
  draft.ask(step.id, open.n, {
    kind: 'task',
    role,
    title,
    description,
    due: open.due,
    outcomes,
    stage: draft.state.stage,
    ...(taskKind === undefined ? {} : { taskKind }),
    ...(task['other-than'] === undefined ? {} : { otherThan: task['other-than'] }),
  })
  armDue(draft, step, open)
}

function openForm(draft: Draft, step: CompiledStep, open: OpenStep, form: NonNullable<CompiledStep['step']['form']>) {
  const { questionnaire, title, role, template, channels } = form
  if (role !== undefined) {
    open.due = dueOf(draft, step)
    draft.note('opened', step.id, open.n, `${step.rule}.form`, { role, due: open.due ?? null, effect: open.key })
    draft.ask(step.id, open.n, {
      kind: 'task',
      role,
      title,
      description: undefined,
      due: open.due,
      outcomes: [],
      stage: draft.state.stage,
      questionnaire,
    })
    armDue(draft, step, open)
  } else if (template !== undefined && channels) {
    asked(draft, step, open, { to: 'patient', template })
    draft.ask(step.id, open.n, { kind: 'message', to: 'patient', template, channels, questionnaire })
  }
  armLate(draft, step, open)
}

function openMessage(draft: Draft, step: CompiledStep, open: OpenStep): void {
  const { message } = step.step
  if (!message) return
  const { to, template, channels, budget } = message
  asked(draft, step, open, { to, template })
  draft.ask(step.id, open.n, { kind: 'message', to, template, channels, ...(budget === undefined ? {} : { budget }) })
}

const ways = {
  phone: {
    title: { en: 'Tell by telephone', fr: 'Annoncer par téléphone' },
    outcomes: [
      { code: 'reached', title: { en: 'Reached', fr: 'Joint' } },
      { code: 'not-reached', title: { en: 'Could not be reached', fr: 'Injoignable' } },
    ],
  },
  letter: {
    title: { en: 'Send a letter', fr: 'Envoyer une lettre' },
    outcomes: [
      { code: 'posted', title: { en: 'Posted', fr: 'Postée' } },
      { code: 'not-possible', title: { en: 'No address', fr: 'Aucune adresse' } },
    ],
  },
} as const

/** The next way of reaching somebody whom the last one did not reach; false when there is none left. */
export function fallBack(draft: Draft, step: CompiledStep, open: OpenStep): boolean {
  const place = open.fallback === undefined ? 0 : open.fallback + 1
  const next = step.fallback[place]
  if (!next) return false
  const { title, outcomes } = ways[next.way]
  const own = step.step.title
  const due = next.due === undefined ? undefined : draft.after(draft.now, next.due)
  const key = draft.nextKey()
  draft.dropTimers(step, 'again')
  const opened = draft.open(step, { ...open, key, due, fallback: place })
  if (due !== undefined) draft.arm(step, opened, due, step.escalate.length)
  draft.note('opened', step.id, open.n, `${step.rule}.message.fallback.${place}`, {
    role: next.role,
    way: next.way,
    due: due ?? null,
    effect: key,
  })
  draft.ask(step.id, open.n, {
    kind: 'task',
    role: next.role,
    title: own ? { en: `${title.en}: ${own.en}`, fr: `${title.fr} : ${own.fr}` } : title,
    description: undefined,
    due,
    outcomes,
    stage: draft.state.stage,
  })
  return true
}

function openDecide(draft: Draft, step: CompiledStep, open: OpenStep): void {
  const { decide } = step.step
  if (!decide) return
  if ('automation' in decide) {
    armLate(draft, step, open)
    asked(draft, step, open, { automation: decide.automation })
    draft.ask(step.id, open.n, { kind: 'decide', automation: decide.automation, gives: decide.gives })
    return
  }
  const values = draft.values()
  const index = step.rules.findIndex((rule) => rule.when(values))
  const outcome = step.rules[index]?.gives ?? decide.otherwise
  const rule = index < 0 ? `${step.rule}.decide.otherwise` : `${step.rule}.decide.rules.${index}`
  draft.note('set', step.id, open.n, rule, { outcome })
  finish(draft, step, outcome)
}

/** When what opened at `since` is due, by the journey's priority. */
export function dueOf(draft: Draft, step: CompiledStep, since = draft.now): number | undefined {
  // A priority without a time of its own takes that of the next less urgent one.
  const ladder = ['stat', 'asap', 'urgent', 'otherwise']
  const from = ladder.indexOf(draft.state.priority)
  const rung = ladder.slice(from < 0 ? 3 : from).find((priority) => step.due?.[priority])
  const duration = rung === undefined ? undefined : step.due?.[rung]
  return duration ? draft.after(since, duration) : undefined
}

/** A timer for each rung of the escalation, and one at the due time itself if no rung stands there. */
function armDue(draft: Draft, step: CompiledStep, open: OpenStep): void {
  if (open.due === undefined) return
  const span = open.due - draft.now
  for (const [index, rung] of step.escalate.entries())
    draft.arm(step, open, Math.round(draft.now + span * rung.share), index)
  if (!step.escalate.some((rung) => rung.share === 1)) draft.arm(step, open, open.due, step.escalate.length)
}

function armLate(draft: Draft, step: CompiledStep, open: OpenStep): void {
  if (step.atMost) draft.arm(step, open, draft.after(draft.now, step.atMost), 'late')
}

function openWait(draft: Draft, step: CompiledStep, open: OpenStep): void {
  const { wait } = step.step
  if (!wait) return
  if ('until' in wait) armUntil(draft, step, open)
  else if ('for' in wait && step.duration) {
    const due = draft.after(draft.now, step.duration)
    draft.arm(step, open, wait.at === undefined ? due : nextAt(draft.zone(), due, wait.at), 'wait')
  } else armLate(draft, step, open)
  draft.note('waiting', step.id, open.n, `${step.rule}.wait`, { due: open.due ?? null })
}

/** Waits for a moment of the data; set anew when that moment moves. A date that is not there, or is past, is not waited for. */
export function armUntil(draft: Draft, step: CompiledStep, open: OpenStep): void {
  const { wait } = step.step
  if (!wait || !('until' in wait)) return
  const zone = draft.zone()
  const moment = momentOf(String(draft.state.variables[wait.until]?.value ?? ''), zone)
  open.due = undefined
  if (Number.isNaN(moment)) return draft.arm(step, open, draft.now, 'wait')
  const shifted = !step.duration
    ? moment
    : wait.less === undefined
      ? addDuration(draft.calendar, moment, step.duration, zone)
      : subtractDuration(draft.calendar, moment, step.duration, zone)
  const due = wait.at === undefined ? shifted : onClock(zone, shifted, wait.at)
  draft.arm(step, open, Math.max(draft.now, due), 'wait', true)
}

/** The next occurrence's timer, at the steady pace that began with the first. */
export function armRepeat(draft: Draft, step: CompiledStep, n: number): void {
  const { repeat } = step
  if (!repeat) return
  const { state, now, calendar } = draft
  const { first, times } = state.repeats?.[step.id] ?? { first: now, times: 0 }
  state.repeats = { ...state.repeats, [step.id]: { first, times: times + 1 } }
  if (times + 1 >= repeat.times) return
  const paced = addDuration(
    calendar,
    first,
    { ...repeat.every, amount: repeat.every.amount * (times + 1) },
    draft.zone(),
  )
  const atClock = repeat.at === undefined ? paced : onClock(draft.zone(), paced, repeat.at)
  const due = repeat.openDays ? onOpenDay(calendar, atClock) : atClock
  if (repeat.span && due > addDuration(calendar, first, repeat.span, draft.zone())) return
  draft.timers[againTimer(step)] = { due: Math.max(due, now + 1), step: step.id, n, does: 'again' }
}

export function endJourney(draft: Draft, outcome: string, rule: string, step: string | null): void {
  draft.note('ended', step, 1, rule, { outcome })
  close(draft, 'completed', outcome)
}

/** Closes the journey and takes back all it has open; `requests` that nobody has answered only when it was stopped. */
export function close(draft: Draft, status: 'completed' | 'cancelled', outcome: string): void {
  const { state, pathway } = draft
  for (const name in state.open) {
    const step = pathway.steps[name]
    const open = state.open[name]
    if (!step || !open) continue
    retract(draft, step, open, status)
    draft.remember(step, open.n, null, open.rounds)
  }
  if (status === 'cancelled')
    for (const [resource, what] of Object.entries(state.requests))
      draft.ask('request', 1, { kind: 'cancel', what, resource, reason: status })
  state.outcome = outcome
  state.requests = {}
  state.open = {}
  state.timers = {}
  state.status = status
  delete state.repeats
  delete state.paused
}
