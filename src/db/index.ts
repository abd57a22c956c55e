export { type ConnectionTarget, clientConfig, openDatabase } from './connection.ts'
export { type EmbeddedServer, findRunning, startEmbedded } from './embedded.ts'
export { migrate } from './migrate.ts'
export type { Database, Statement, Tx } from './tx.ts'
