import { reachable } from './circles.ts'
import type { Path, Report } from './check.ts'
import { type Definition, type NamedStep, predecessorsOf, type Step, stepsOf } from './model.ts'

/** How a step may end, as far as edges are concerned; `outcomes` knows how other pathways end. */
export type Outcomes = (step: Step) => readonly string[]

interface Flow {
  steps: readonly NamedStep[]
  /** Steps that can be reached from each step. */
  reach: ReadonlyMap<string, Set<string>>
  /** Outcomes that must have happened before each step opens. */
  must: ReadonlyMap<string, ReadonlySet<string>>
}

/** What is wrong with the way the steps of a pathway follow each other. */
export function checkFlow(definition: Definition, outcomes: Outcomes, report: Report): void {
  const steps = stepsOf(definition)
  const reach = reachable(definition)
  const possible = possibleSteps(steps)
  for (const [track, { steps: own }] of Object.entries(definition.tracks)) {
    const first = Object.values(own).some((step) => predecessorsOf(step).from.length === 0)
    if (Object.keys(own).length > 0 && !first)
      report('error', 'track-without-start', ['tracks', track], 'every step waits for another: none can be the first')
    else
      for (const [id, step] of Object.entries(own))
        if (!possible.has(id)) neverOpens(id, step, { track, possible, reach }, report)
  }
  checkCircles(definition, reach, outcomes, report)
  const flow: Flow = { steps, reach, must: mustHappen(steps) }
  for (const { id, track, step } of steps) {
    const path = ['tracks', track, 'steps', id]
    if (!possible.has(id)) continue
    excludesItself(id, step, flow, path, report)
    mayNotComplete(step, steps, outcomes, path, report)
    comesTooLate(id, step, flow, path, report)
    if (
      step.message?.to === 'patient' &&
      !step.message.fallback &&
      !steps.some((one) => predecessorsOf(one.step).from.some((from) => from.step === id && from.outcome === 'failed'))
    )
      report(
        'warning',
        'message-without-fallback',
        path,
        `no fallback, and nothing follows ${id}.failed: a patient whom no channel reaches is forgotten`,
      )
  }
}

/** Steps that some course of events opens: the least set closed under "enough predecessors are in it". */
function possibleSteps(steps: readonly NamedStep[]): ReadonlySet<string> {
  const possible = new Set<string>()
  for (let grown = true; grown; ) {
    grown = false
    for (const { id, step } of steps) {
      if (possible.has(id)) continue
      const { needs, from } = predecessorsOf(step)
      if (from.filter((edge) => possible.has(edge.step)).length < needs) continue
      possible.add(id)
      grown = true
    }
  }
  return possible
}

function neverOpens(
  id: string,
  step: Step,
  { track, possible, reach }: { track: string; possible: ReadonlySet<string>; reach: ReadonlyMap<string, Set<string>> },
  report: Report,
): void {
  const { needs, from } = predecessorsOf(step)
  const path = ['tracks', track, 'steps', id]
  const coming = from.filter((edge) => possible.has(edge.step))
  if (reach.get(id)?.has(id) && from.length > coming.length)
    return report(
      'error',
      'deadlock',
      [...path, 'after'],
      `${id} waits for ${from.find((edge) => !possible.has(edge.step))?.step}, which waits for ${id}: neither can ever begin`,
    )
  if (coming.length === 0) return report('error', 'unreachable-step', path, `nothing leads to ${id}`)
  report(
    'error',
    'join-cannot-complete',
    [...path, 'after'],
    `needs ${needs} of its predecessors, and only ${coming.map((edge) => edge.step).join(', ')} can ever happen`,
  )
}

/** Whether a step surely takes time, or needs something new from outside, before it ends. */
function takesTime(step: Step): boolean {
  if (step.wait) return 'for' in step.wait || 'events' in step.wait
  return Boolean(step.task ?? step.form ?? step.appointment ?? step.order)
}

function checkCircles(
  definition: Definition,
  reach: ReadonlyMap<string, Set<string>>,
  outcomes: Outcomes,
  report: Report,
): void {
  const steps = stepsOf(definition)
  const instant = instantCircles(steps)
  const told = new Set<string>()
  for (const { id, track } of steps) {
    if (!reach.get(id)?.has(id) || told.has(id)) continue
    const circle = steps.filter((one) => one.id === id || (reach.get(id)?.has(one.id) && reach.get(one.id)?.has(id)))
    for (const one of circle) told.add(one.id)
    const path = ['tracks', track, 'steps', id, 'after']
    const hasty = circle.filter((one) => instant.has(one.id))
    const [first] = hasty
    if (first)
      report(
        'error',
        'cycle-without-wait',
        ['tracks', first.track, 'steps', first.id, 'after'],
        `${hasty.map((one) => one.id).join(', ')} follow each other in a circle with no task or wait in it`,
      )
    if (!hasWayOut(definition, circle, steps, outcomes))
      report(
        'error',
        'endless-loop',
        path,
        `${circle.map((one) => one.id).join(', ')} go round for ever: no outcome leads out, and nothing stops the journey`,
      )
  }
}

/** Steps on a circle that may go round with no time passing. */
function instantCircles(steps: readonly NamedStep[]): ReadonlySet<string> {
  const known = new Map(steps.map((one) => [one.id, one.step]))
  const next = new Map<string, string[]>()
  for (const { id, step } of steps)
    for (const { step: from, outcome } of predecessorsOf(step).from) {
      const before = known.get(from)
      // A step that takes time takes none when its condition skips it.
      const quick = before && (!takesTime(before) || (before.when !== undefined && outcome === 'skipped'))
      if (quick) next.set(from, [...(next.get(from) ?? []), id])
    }
  const leadsBack = (id: string): boolean => {
    const seen = new Set<string>()
    const todo = [...(next.get(id) ?? [])]
    for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
      if (one === id) return true
      if (seen.has(one)) continue
      seen.add(one)
      todo.push(...(next.get(one) ?? []))
    }
    return false
  }
  return new Set(steps.map((one) => one.id).filter(leadsBack))
}

function hasWayOut(
  definition: Definition,
  circle: readonly NamedStep[],
  steps: readonly NamedStep[],
  outcomes: Outcomes,
): boolean {
  const [first] = circle
  if ((definition.stops ?? []).length > 0 || (first && definition.tracks[first.track]?.stops?.length)) return true
  const inside = new Set(circle.map((one) => one.id))
  return circle.some(({ id, step }) => {
    const edges = steps.flatMap((one) =>
      predecessorsOf(one.step)
        .from.filter((edge) => edge.step === id)
        .map((edge) => ({ to: one.id, outcome: edge.outcome })),
    )
    if (edges.some((edge) => !inside.has(edge.to))) return true
    return outcomes(step).some((outcome) => !edges.some((edge) => follows(edge.outcome, outcome)))
  })
}

/** Whether an edge that asks for `wanted` (or for nothing) is taken when a step ends with `outcome`. */
const follows = (wanted: string | undefined, outcome: string): boolean =>
  wanted === outcome || (wanted === undefined && outcome !== 'cancelled')

/**
 * Outcomes that must have happened before a step opens, `step.outcome`: what all its ways have in common. A predecessor
 * not yet known lies on a circle, and the other ways decide; once known, a set only ever shrinks, so that this ends.
 */
function mustHappen(steps: readonly NamedStep[]): Map<string, ReadonlySet<string>> {
  const must = new Map<string, ReadonlySet<string>>()
  for (let changed = true; changed; ) {
    changed = false
    for (const { id, step } of steps) {
      const { needs, from } = predecessorsOf(step)
      const ways = from.flatMap(({ step: name, outcome }) => {
        const before = must.get(name)
        return before ? [outcome === undefined ? before : new Set([...before, `${name}.${outcome}`])] : []
      })
      if (ways.length < needs) continue
      const [one = new Set<string>(), ...others] = ways
      const found =
        needs === from.length
          ? new Set(ways.flatMap((way) => [...way]))
          : new Set([...one].filter((condition) => others.every((way) => way.has(condition))))
      if (must.get(id)?.size === found.size) continue
      must.set(id, found)
      changed = true
    }
  }
  return must
}

/** A join that asks two outcomes of one step which exclude each other. */
function excludesItself(id: string, step: Step, { reach, must }: Flow, path: Path, report: Report): void {
  const { needs, from } = predecessorsOf(step)
  if (needs < from.length || from.length < 2) return
  const asked = new Map<string, string>()
  for (const edge of from)
    for (const condition of [...(must.get(edge.step) ?? []), `${edge.step}.${edge.outcome ?? ''}`]) {
      const [name = '', outcome = ''] = condition.split('.')
      // A lateness does not end a step, and a step on a circle that leaves this one out may end in both ways in turn.
      const inTurn = reach.get(name)?.has(name) && !reach.get(id)?.has(name)
      if (outcome === '' || outcome === 'missed' || inTurn) continue
      const other = asked.get(name)
      if (other !== undefined && other !== outcome)
        return report(
          'error',
          'join-cannot-complete',
          [...path, 'after'],
          `waits for both ${name}.${other} and ${name}.${outcome}, which exclude each other; did you mean any?`,
        )
      asked.set(name, outcome)
    }
}

/** An edge of an `any` that is only ever taken after another one of it: the step has been opened by then, and opens once. */
function comesTooLate(id: string, step: Step, { steps, reach, must }: Flow, path: Path, report: Report): void {
  const { needs, from } = predecessorsOf(step)
  if (needs !== 1 || from.length < 2) return
  for (const edge of from) {
    const repeats = steps.find((one) => one.id === edge.step)?.step.repeat !== undefined
    // What goes round, or comes again, opens it each time.
    if (repeats || reach.get(edge.step)?.has(edge.step) || reach.get(id)?.has(edge.step)) continue
    const first = from.find(
      (other) => other.outcome !== undefined && must.get(edge.step)?.has(`${other.step}.${other.outcome}`),
    )
    if (first)
      report(
        'warning',
        'opened-already',
        [...path, 'after'],
        `${edge.step} comes after ${first.step}.${first.outcome}, which opens ${id} already: it does not open a second time`,
      )
  }
}

/** A join of several whose predecessor may end in a way that leads nowhere: the others then wait in vain. */
function mayNotComplete(step: Step, steps: readonly NamedStep[], outcomes: Outcomes, path: Path, report: Report): void {
  const { needs, from } = predecessorsOf(step)
  if (needs < 2) return
  for (const edge of from) {
    const before = steps.find((one) => one.id === edge.step)
    if (!before || edge.outcome === undefined || edge.outcome === 'missed') continue
    const edges = steps.flatMap((one) => predecessorsOf(one.step).from.filter((other) => other.step === edge.step))
    const lost = outcomes(before.step).filter((outcome) => !edges.some((other) => follows(other.outcome, outcome)))
    if (lost.length > 0)
      report(
        'warning',
        'join-may-not-complete',
        [...path, 'after'],
        `if ${edge.step} ends with ${lost.join(' or ')}, which leads nowhere, what this joins waits in vain`,
      )
  }
}
