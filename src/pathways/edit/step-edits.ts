import { allSteps, changed, type Design, type DesignStep, findStep, freshName, renamed } from './design.ts'

/** How many of a step's predecessors must have happened: all, any one, or a number. */
export type Needs = 'all' | 'any' | number
export interface After {
  needs: Needs
  /** `step` or `step.outcome`. */
  from: string[]
}

export function afterOf({ after }: DesignStep): After {
  if (after === undefined) return { needs: 'any', from: [] }
  if (typeof after === 'string') return { needs: 'any', from: [after] }
  if (Array.isArray(after)) return { needs: 'all', from: after }
  return 'any' in after ? { needs: 'any', from: after.any } : { needs: after['at-least'], from: after.of }
}

function setAfter(step: DesignStep, { needs, from }: After): void {
  const [first, ...others] = [...new Set(from)]
  if (first === undefined) delete step.after
  else if (others.length === 0) step.after = first
  else if (needs === 'any') step.after = { any: [first, ...others] }
  else if (needs === 'all') step.after = [first, ...others]
  else step.after = { 'at-least': Math.min(needs, others.length + 1), of: [first, ...others] }
}

/** Changes the list that a step follows, keeping how it is written when the list stays as it is. */
function replaceAfter(step: DesignStep, change: (from: string[]) => string[]): void {
  const after = afterOf(step)
  const from = change(after.from)
  if (from.join(' ') !== after.from.join(' ')) setAfter(step, { ...after, from })
}

const stepOf = (edge: string): string => edge.split('.')[0] ?? ''
export const edgeOf = (step: string, outcome: string | null): string => (outcome === null ? step : `${step}.${outcome}`)

const names = (design: Design): string[] => allSteps(design).map(({ id }) => id)

export interface Added {
  design: Design
  id: string
}

/** A new step at the end of a track, following what it is told to. */
export function addStep(
  design: Design,
  { track, step, words, after }: { track: string; step: DesignStep; words: string; after?: string | undefined },
): Added {
  const id = freshName(words, names(design))
  return {
    id,
    design: changed(design, (copy) => {
      const steps = copy.tracks[track]?.steps
      if (!steps) return
      const fresh = structuredClone(step)
      if (after !== undefined) setAfter(fresh, { needs: 'any', from: [after] })
      const entries = Object.entries(steps)
      // Beside what it follows: there people look for it.
      const place = after === undefined ? entries.length : entries.findIndex(([name]) => name === stepOf(after)) + 1
      entries.splice(place === 0 ? entries.length : place, 0, [id, inOrder(fresh)])
      copy.tracks[track] = { ...copy.tracks[track], steps: Object.fromEntries(entries) }
    }),
  }
}

/** A step's keys in the order in which people read them. */
function inOrder({ title, after, stage, when, ...rest }: DesignStep): DesignStep {
  const first: Partial<DesignStep> = {}
  if (title !== undefined) first.title = title
  if (after !== undefined) first.after = after
  if (stage !== undefined) first.stage = stage
  if (when !== undefined) first.when = when
  return { ...first, ...rest }
}

/** A new step on a line: it follows what the line comes from, and what the line leads to follows it. */
export function insertStep(
  design: Design,
  line: { from: string; outcomes: readonly (string | null)[]; to: string },
  { step, words }: { step: DesignStep; words: string },
): Added {
  const track = findStep(design, line.to)?.track ?? ''
  const edges = line.outcomes.map((outcome) => edgeOf(line.from, outcome))
  const added = addStep(design, { track, step, words, after: edges[0] })
  return {
    id: added.id,
    design: changed(added.design, (copy) => {
      const fresh = findStep(copy, added.id)?.step
      if (fresh) setAfter(fresh, { needs: 'any', from: edges })
      const next = findStep(copy, line.to)?.step
      if (next) replaceAfter(next, (from) => from.flatMap((edge) => (edges.includes(edge) ? [added.id] : [edge])))
    }),
  }
}

/** Without a step: what followed it follows what it followed. */
export function removeStep(design: Design, id: string): Design {
  return changed(design, (copy) => {
    const found = findStep(copy, id)
    if (!found) return
    const before = afterOf(found.step).from.filter((edge) => stepOf(edge) !== id)
    for (const { step } of allSteps(copy)) {
      replaceAfter(step, (from) => from.flatMap((edge) => (stepOf(edge) === id ? before : [edge])))
      if (step.task?.['other-than'] === id) delete step.task['other-than']
    }
    for (const track of Object.values(copy.tracks)) {
      delete track.steps[id]
      if (!track.starts || !('missed' in track.starts)) continue
      const missed = track.starts.missed.filter((name) => name !== id)
      if (missed.length > 0) track.starts = { missed }
      else delete track.starts
    }
  })
}

/** A step by another name, with all that refers to it. */
export function renameStep(design: Design, id: string, to: string): Design {
  if (id === to || findStep(design, to)) return design
  return changed(design, (copy) => {
    for (const { step } of allSteps(copy)) {
      replaceAfter(step, (from) => from.map((edge) => (stepOf(edge) === id ? `${to}${edge.slice(id.length)}` : edge)))
      if (step.task?.['other-than'] === id) step.task['other-than'] = to
    }
    for (const [name, track] of Object.entries(copy.tracks)) {
      const steps = id in track.steps ? renamed(track.steps, id, to) : track.steps
      copy.tracks[name] = { ...track, steps }
      if (track.starts && 'missed' in track.starts)
        copy.tracks[name].starts = { missed: track.starts.missed.map((one) => (one === id ? to : one)) }
    }
  })
}

/** Lets a step follow another one, or one outcome of it. */
export const connect = (design: Design, edge: { from: string; outcome: string | null; to: string }): Design =>
  changed(design, (copy) => {
    const step = findStep(copy, edge.to)?.step
    if (step) replaceAfter(step, (from) => [...from, edgeOf(edge.from, edge.outcome)])
  })

export const disconnect = (design: Design, edge: { from: string; outcome: string | null; to: string }): Design =>
  changed(design, (copy) => {
    const step = findStep(copy, edge.to)?.step
    const gone = edgeOf(edge.from, edge.outcome)
    if (step) replaceAfter(step, (from) => from.filter((one) => one !== gone))
  })

/** What a step follows, all of it. */
export const follow = (design: Design, id: string, after: After): Design =>
  changed(design, (copy) => {
    const step = findStep(copy, id)?.step
    if (step) setAfter(step, after)
  })

/** Changes a step's own content; `undefined` among its keys takes them away. */
export const editStep = (design: Design, id: string, change: (step: DesignStep) => DesignStep): Design =>
  changed(design, (copy) => {
    const found = findStep(copy, id)
    const steps = found && copy.tracks[found.track]?.steps
    if (steps) steps[id] = change(found.step)
  })

/** A step in another track. Steps follow only those of their own track: the lines to the others are closed over it. */
export function moveStep(design: Design, id: string, track: string): Design {
  const found = findStep(design, id)
  if (!found || found.track === track || !design.tracks[track]) return design
  const without = removeStep(design, id)
  return changed(without, (copy) => {
    const { after: _after, ...step } = structuredClone(found.step)
    const target = copy.tracks[track]
    if (target) target.steps[id] = step
  })
}

/** A step's way to end by another code: what follows it follows the new one. */
export const renameOutcome = (design: Design, id: string, from: string, to: string): Design =>
  changed(design, (copy) => {
    for (const { step } of allSteps(copy))
      replaceAfter(step, (edges) => edges.map((edge) => (edge === `${id}.${from}` ? `${id}.${to}` : edge)))
    const step = findStep(copy, id)?.step
    for (const outcome of step?.task?.outcomes ?? []) if (outcome.code === from) outcome.code = to
    if (step?.decide) {
      if (step.decide.otherwise === from) step.decide.otherwise = to
      if ('rules' in step.decide) {
        for (const rule of step.decide.rules) if (rule.gives === from) rule.gives = to
      } else step.decide.gives = step.decide.gives.map((one) => (one === from ? to : one))
    }
    if (step?.wait && 'events' in step.wait && from in step.wait.events)
      step.wait.events = renamed(step.wait.events, from, to)
  })

/** A task's outcome less: nothing follows it any more. */
export const removeOutcome = (design: Design, id: string, code: string): Design =>
  changed(design, (copy) => {
    for (const { step } of allSteps(copy))
      replaceAfter(step, (edges) => edges.filter((edge) => edge !== `${id}.${code}`))
    const step = findStep(copy, id)?.step
    if (step?.task?.outcomes) {
      step.task.outcomes = step.task.outcomes.filter((outcome) => outcome.code !== code)
      if (step.task.outcomes.length === 0) delete step.task.outcomes
    }
  })

/**
 * A second person is asked after one outcome of a task, with the same outcomes to choose from. What followed that outcome
 * follows the second person's; what followed another outcome follows it from either.
 */
export function secondApprover(
  design: Design,
  {
    step: id,
    outcome,
    role,
    title,
  }: { step: string; outcome: string; role: string; title: { en: string; fr: string } },
): Added {
  const found = findStep(design, id)
  const task = found?.step.task
  if (!found || !task) return { design, id }
  const followers = allSteps(design).filter(({ step }) => afterOf(step).from.includes(`${id}.${outcome}`))
  const second: DesignStep = { task: { ...structuredClone(task), role, title, 'other-than': id } }
  const added = addStep(design, { track: found.track, step: second, words: `second ${id}`, after: `${id}.${outcome}` })
  const others = (task.outcomes ?? []).map((one) => one.code).filter((code) => code !== outcome)
  return {
    id: added.id,
    design: changed(added.design, (copy) => {
      for (const { id: name } of followers) {
        const step = findStep(copy, name)?.step
        if (step)
          replaceAfter(step, (from) =>
            from.map((edge) => (edge === `${id}.${outcome}` ? `${added.id}.${outcome}` : edge)),
          )
      }
      for (const { id: name, step } of allSteps(copy))
        for (const code of others)
          if (name !== added.id && afterOf(step).from.includes(`${id}.${code}`))
            replaceAfter(step, (from) => [...from, `${added.id}.${code}`])
    }),
  }
}
