/** The plan of the house as the checker knows it: floors, owners of outside packages, owners of tables. */
export const floors: Readonly<Record<string, number>> = {
  kernel: 0,
  contracts: 0,
  db: 1,
  jobs: 2,
  audit: 2,
  identity: 3,
  access: 3,
  expressions: 3,
  fhir: 4,
  pathways: 4,
  journeys: 5,
  work: 6,
  scheduling: 6,
  engagement: 6,
  desk: 7,
  http: 8,
  main: 9,
}

/** Rooms that run in a browser too and may import, of the house, only these. */
export const narrow: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  expressions: ['kernel'],
  pathways: ['kernel', 'contracts', 'expressions'],
}

/** What the console may import from src. */
export const consoleMayImport: readonly string[] = ['contracts', 'pathways']

/** The one room that owns each outside package; `zod` is everybody's, and types alone bind nobody. */
export const packageOwners: Readonly<Record<string, string>> = {
  pg: 'db',
  pino: 'kernel',
  fastify: 'http',
  '@fastify/static': 'http',
  '@node-rs/argon2': 'identity',
  nodemailer: 'engagement',
  yaml: 'pathways',
  '@marcbachmann/cel-js': 'expressions',
  '@medplum/core': 'expressions',
  vite: 'main',
}
export const everybodys: readonly string[] = ['zod']

/** Which room a migration's tables belong to, by the file's number. */
export const migrationOwners: Readonly<Record<string, string>> = {
  '0001': 'db',
  '0010': 'fhir',
  '0020': 'journeys',
  '0030': 'jobs',
  '0040': 'audit',
  '0041': 'audit',
  '0050': 'identity',
  '0051': 'identity',
  '0060': 'work',
  '0070': 'engagement',
}

/**
 * Tables that another room may read (never write), each with its reason. The desk puts rooms' read tables together; the
 * demonstration counts what happened.
 */
export const readGrants: Readonly<Record<string, readonly string[]>> = {
  desk: ['journey', 'pathway', 'pathway_version', 'work_item', 'message', 'tenant'],
  main: ['journey', 'journey_event', 'pathway_version', 'work_queue', 'message', 'audit_event', 'tenant'],
  identity: ['tenant'],
  engagement: ['tenant'],
}

/** Tables that another room may write: only a tenant's own row, when an installation or a demonstration is set up. */
export const writeGrants: Readonly<Record<string, readonly string[]>> = { identity: ['tenant'], main: ['tenant'] }
