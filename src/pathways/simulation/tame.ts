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

/** The resource that tells a simulated journey that an event it waits for has come. */
export const newsOf = (step: string, name: string) =>
  ({ resourceType: 'Basic', id: `${step}.${name}`, code: {} }) as const

const never: CompiledTrigger = { on: 'Basic', when: () => false, sets: [] }

/**
 * A pathway whose questions to a patient's data are answered by a simulated world: conditions, decisions by rules, and
 * events of the record. All else, its steps, joins, times and repetitions, is as it was. What ends, pauses or starts
 * things from outside (stops, pauses, tracks begun by an event) does not happen.
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
    stops: [],
    follows: [],
    pauses: [],
    tracks: pathway.tracks.map((track) => ({ ...track, starts: track.starts && never, stops: [] })),
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
    events: step.events.map(({ name }) => ({ name, ...awaited(id, name) })),
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
    tamed.events = [{ name: 'done', ...awaited(id, 'done') }]
    tamed.duration = undefined
  }
  return tamed
}

const awaited = (step: string, name: string): CompiledTrigger => ({
  on: 'Basic',
  when: (resource) => resource.id === `${step}.${name}`,
  sets: [],
})
