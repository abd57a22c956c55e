export { journeyCarePlans } from './care-plans.ts'
export { pathwayDefinitions } from './pathway-definitions.ts'
export { type Acted, actOnJourney, type BatchDependencies } from './move-batch.ts'
export {
  approveMove,
  decideMove,
  editMove,
  makeMove,
  type MoveTurn,
  startCohort,
  turnMove,
  undoMove,
} from './moving/plan-moves.ts'
export { type Previewed, previewMove, previewOne } from './moving/preview-move.ts'
export {
  cohortsOf,
  listMoves,
  type MoveRow,
  progressOf,
  readMove,
  readRow,
  rowsOf,
  type StoredMove,
} from './moving/store-moves.ts'
export type { AskedEffect, Performance, Performer } from './performer.ts'
export {
  createPublishedPathways,
  liveVersions,
  type LivePathway,
  type PublishedPathways,
} from './published-pathways.ts'
export { createRuntime, prepareBuckets, type Runtime } from './runtime.ts'
export { listReplayed, oneReplayed } from './replay/one-journey.ts'
export {
  askReplay,
  cancelReplay,
  listReplays,
  readReplay,
  type Replay,
  triedDefinition,
  triedOf,
} from './replay/replays.ts'
export { createReplayHandler } from './replay/run-replay.ts'
export { fittedSettings } from './simulation/fitted-settings.ts'
export { simulateApart } from './simulation/simulate-apart.ts'
export { readLog, versionOfJourney } from './store.ts'
export type { VersionsDependencies } from './versions/dependencies.ts'
export { reviewsNaming } from './versions/draft-store.ts'
export { pathwayRoutes } from './versions/routes.ts'
