import type { CompiledPathway, CompiledStep, CompiledTrigger } from '../compile.ts'
import type { StepModel } from './settings.ts'

/** What a simulated world decides instead of a patient's data. */
export interface Deciding {
  /** How a `decide` step ends now. */
  outcome(step: string): string | undefined
  skips(step: string): boolean
  /** Whether what a wait for a condition waits for has come about. */
  met(step: string): boolean
}

/** The resource that tells a simulated journey of an event: one that a step waits for (`step.name`), or a rule's (its path). */
export const newsOf = (name: string) => ({ resourceType: 'Basic', id: name, code: {} }) as const

/**
 * A pathway whose questions to a patient's data are answered by a simulated world: conditions, decisions by rules, and
 * events of the record. All else, its steps, joins, times and repetitions, is as it was.
 */
export function tame(
  pathway: CompiledPathway,
  models: Readonly<Record<string, StepModel>>,
  deciding: Deciding,
): CompiledPathway {
  const steps: Record<string, CompiledStep> = {}
  for (const [id, step] of Object.entries(pathway.steps)) steps[id] = tameStep(step, models[id], deciding)
  return {
    ...pathway,
    starts: [],
    stops: pathway.stops.map(({ outcome }, index) => ({ ...told(`stops.${index}`), outcome })),
    follows: [],
    pauses: pathway.pauses.map(({ atMost }, index) => ({
      ...told(`pauses.${index}`),
      resume: told(`pauses.${index}.resume`),
      atMost,
    })),
    tracks: pathway.tracks.map((track) => ({
      ...track,
      starts: track.starts && told(`tracks.${track.id}.starts`),
      stops: track.stops.map((_stop, index) => told(`tracks.${track.id}.stops.${index}`)),
    })),
    steps,
    startTypes: new Set(),
    waitTypes: new Set(['Basic', 'QuestionnaireResponse', 'Observation', 'DiagnosticReport']),
  }
}

function tameStep(step: CompiledStep, model: StepModel | undefined, deciding: Deciding): CompiledStep {
  const { id } = step
  const tamed: CompiledStep = {
    ...step,
    when: step.when && (model === undefined || model.skips > 0) ? () => !deciding.skips(id) : undefined,
    condition: step.condition && (() => deciding.met(id)),
    sets: [],
    repeat: step.repeat && { ...step.repeat, until: undefined },
    events: step.events.map(({ name }) => ({ name, ...told(`step ${id}.${name}`) })),
  }
  let chosen: string | undefined
  tamed.rules = step.rules.map(({ gives }, index) => ({
    gives,
    when: () => {
      if (index === 0) chosen = deciding.outcome(id)
      return gives === chosen
    },
  }))
  // A date of the data is not known here: its wait ends when the model says.
  if (step.step.wait && 'until' in step.step.wait) {
    tamed.step = { ...step.step, wait: { events: { done: { on: 'Basic' } } } }
    tamed.events = [{ name: 'done', ...told(`step ${id}.done`) }]
    tamed.duration = undefined
  }
  return tamed
}

const told = (name: string): CompiledTrigger => ({
  on: 'Basic',
  when: (resource) => resource.id === name,
  sets: [],
})
