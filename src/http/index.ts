export { createFeed, type Feed } from './feed.ts'
export { createServer, type ServerOptions } from './server.ts'
