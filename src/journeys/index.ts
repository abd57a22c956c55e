export { type Acted, actOnJourney, type BatchDependencies } from './move-batch.ts'
export type { AskedEffect, Performance, Performer } from './performer.ts'
export {
  createPublishedPathways,
  liveVersions,
  type LivePathway,
  type PublishedPathways,
} from './published-pathways.ts'
export { createRuntime, prepareBuckets, type Runtime } from './runtime.ts'
export { readLog, versionOfJourney } from './store.ts'
export type { VersionsDependencies } from './versions/dependencies.ts'
export { pathwayRoutes } from './versions/routes.ts'
