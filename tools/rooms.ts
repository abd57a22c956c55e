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
  terminology: 3,
  fhir: 4,
  forms: 4,
  pathways: 4,
  journeys: 5,
  work: 6,
  release: 6,
  scheduling: 6,
  engagement: 6,
  desk: 7,
  http: 8,
  main: 9,
}

/** Rooms without a face: the composition root, which no other room imports. */
export const faceless: readonly string[] = ['main']

/** Rooms that run in a browser too and may import, of the house, only these. */
export const narrow: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  expressions: ['kernel'],
  pathways: ['kernel', 'contracts', 'expressions'],
  forms: ['kernel', 'contracts', 'expressions'],
}

/** What the console may import from src. */
export const consoleMayImport: readonly string[] = ['contracts', 'pathways', 'forms']

/** The one owner of each outside package that the program needs: a room, or the console. */
export const packageOwners: Readonly<Record<string, string>> = {
  pg: 'db',
  pino: 'kernel',
  fastify: 'http',
  ws: 'http',
  '@fastify/static': 'http',
  '@node-rs/argon2': 'identity',
  'oidc-provider': 'identity',
  'openid-client': 'identity',
  '@simplewebauthn/server': 'identity',
  qr: 'identity',
  nodemailer: 'engagement',
  highs: 'work',
  yaml: 'pathways',
  '@marcbachmann/cel-js': 'expressions',
  '@medplum/core': 'expressions',
  sax: 'terminology',
  yauzl: 'terminology',
  vite: 'main',
  '@mantine/core': 'console',
  '@mantine/hooks': 'console',
  '@mantine/notifications': 'console',
  '@tanstack/react-query': 'console',
  '@tanstack/react-router': 'console',
  '@xyflow/react': 'console',
  elkjs: 'console',
  i18next: 'console',
  '@simplewebauthn/browser': 'console',
  react: 'console',
  'react-dom': 'console',
  'react-i18next': 'console',
}

/** A package that everybody may import. */
export const everybodys: readonly string[] = ['zod']

/** Packages of which the program needs the types alone: everybody may import them, as types. */
export const typesForAll: readonly string[] = ['@medplum/fhirtypes', '@openfeature/server-sdk']

/** The only places that may ask for the current time or for randomness. */
export const clockHomes: readonly RegExp[] = [/^src\/kernel\//, /^console\/parts\/clock(?:-provider)?\.tsx?$/]

/** Which room a migration's tables belong to, by the file's number. */
export const migrationOwners: Readonly<Record<string, string>> = {
  '0001': 'db',
  '0010': 'fhir',
  '0011': 'fhir',
  '0012': 'fhir',
  '0016': 'fhir',
  '0017': 'fhir',
  '0020': 'journeys',
  '0021': 'journeys',
  '0022': 'engagement',
  '0023': 'journeys',
  '0026': 'journeys',
  '0028': 'fhir',
  '0029': 'journeys',
  '0030': 'jobs',
  '0031': 'jobs',
  '0032': 'journeys',
  '0040': 'audit',
  '0041': 'audit',
  '0042': 'audit',
  '0050': 'identity',
  '0051': 'identity',
  '0052': 'identity',
  '0060': 'work',
  '0061': 'work',
  '0062': 'work',
  '0063': 'work',
  '0064': 'work',
  '0066': 'work',
  '0067': 'work',
  '0068': 'work',
  '0069': 'work',
  '0070': 'engagement',
  '0071': 'scheduling',
  '0072': 'scheduling',
  '0073': 'scheduling',
  '0079': 'work',
  '0080': 'access',
  '0081': 'access',
  '0082': 'access',
  '0083': 'access',
  '0084': 'access',
  '0090': 'terminology',
  '0130': 'release',
  '0131': 'release',
  '0132': 'release',
  '0133': 'release',
  '0134': 'release',
  '0135': 'release',
  '0137': 'release',
  '0138': 'release',
  '0139': 'release',
  '0140': 'journeys',
  '0150': 'work',
  '0151': 'work',
  '0152': 'work',
  '0153': 'work',
  '0158': 'work',
}

export interface Grant {
  room: string
  may: 'read' | 'write'
  tables: readonly string[]
  why: string
}

/**
 * The exceptions to "a table belongs to one room". The rule: a room reads and writes its own tables only. The desk may read
 * the tables that a room keeps for lists, named here one by one; it never writes, and it never reads the record's tables.
 * A grant that nobody uses any more is a breach too.
 */
export const grants: readonly Grant[] = [
  {
    room: 'desk',
    may: 'read',
    tables: ['journey', 'pathway_version', 'work_item', 'message'],
    why: 'boards and lists join what several rooms keep, a page at a time',
  },
  {
    room: 'work',
    may: 'read',
    tables: ['fhir_reference'],
    why: 'a list of what waits finds the tasks about each by key',
  },
  {
    room: 'main',
    may: 'read',
    tables: ['journey', 'journey_event', 'pathway_version', 'work_queue', 'work_need', 'message', 'audit_event'],
    why: 'the demonstration counts what happened, and its people look at their queues',
  },
  { room: 'main', may: 'write', tables: ['tenant'], why: 'the demonstration makes its own tenant' },
  { room: 'identity', may: 'read', tables: ['tenant'], why: 'the first visit asks whether there is a tenant yet' },
  { room: 'identity', may: 'write', tables: ['tenant'], why: 'the first visit makes the first tenant' },
  { room: 'engagement', may: 'read', tables: ['tenant'], why: 'a message names the organisation that sends it' },
]
