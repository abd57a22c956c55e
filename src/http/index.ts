export type { Caller, Entrance } from './enter.ts'
export { createFeed, type Feed, type Listener } from './feed.ts'
export type { Mount } from './mount.ts'
export { createServer, type RefusedCall, type ServerOptions } from './server.ts'
