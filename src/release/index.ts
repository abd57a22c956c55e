export {
  effective,
  type Level,
  levelFor,
  levelIn,
  levels,
  lowered,
  raised,
  refusalOf,
  type Restraints,
  type Rise,
  type RiseRefusal,
  type Signature,
  type Standing,
} from './authority.ts'
export { assign, type Assignment, type Cohort } from './cohort.ts'
export { type Counts, type Drift, driftOf, holdsBack } from './drift.ts'
export {
  alphaOf,
  type Evidence,
  type FirstEvent,
  harm,
  type Hypotheses,
  noEvidence,
  noWorseThan,
  refutes,
  sampleRatio,
  strength,
  weigh,
} from './evidence.ts'
export { type Fairness, fairnessOf, type Group } from './fairness.ts'
export { type Case, matches, type Scope, type Shift } from './scope.ts'
export { keepFlags, readFlags, retiredInCode } from './flags/declared.ts'
export { type FlagStore, storedFlags } from './flags/flags.ts'
export { readHazards } from './safety/hazards.ts'
export { keepRunbook, readRunbook } from './runbooks/runbooks.ts'
export { createFlagProvider } from './flags/provider.ts'
export { type ReleaseRoutesDependencies, releaseRoutes } from './routes.ts'
export { readAutomation } from './automation/compile.ts'
export { createRelease, type Release, type ReleaseOptions, releaseProjection } from './release.ts'
