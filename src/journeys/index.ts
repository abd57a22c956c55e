export { type Acted, actOnJourney, type BatchDependencies } from './move-batch.ts'
export type { AskedEffect, Performance, Performer } from './performer.ts'
export { createPublishedPathways, type PublishedPathways } from './published-pathways.ts'
export { createRuntime, prepareBuckets, type Runtime } from './runtime.ts'
export { readLog } from './store.ts'
export { listReplayed, oneReplayed } from './replay/one-journey.ts'
export {
  askReplay,
  cancelReplay,
  listReplays,
  readReplay,
  type Replay,
} from './replay/replays.ts'
export { createReplayHandler } from './replay/run-replay.ts'
