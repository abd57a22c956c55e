export interface Page {
  to: string
  word: string
  /** Null: for everybody who is signed in. */
  permission: string | null
  /** Its key after `g`. */
  key: string
}

/** The pages of the navigation: those of care in its first row, those of the house in a row of their own. */
export const pages = [
  { to: '/work', word: 'work', permission: 'work.read', key: 'w' },
  { to: '/team', word: 'team', permission: 'work.read', key: 'e' },
  { to: '/journeys', word: 'journeys', permission: 'journeys.read', key: 'j' },
  { to: '/pathways', word: 'pathways', permission: 'pathways.read', key: 'p' },
  { to: '/forms', word: 'forms', permission: 'pathways.read', key: 'f' },
  { to: '/automations', word: 'automations', permission: 'release.read', key: 'm' },
  { to: '/outbox', word: 'outbox', permission: 'messages.read', key: 'o' },
  { to: '/record', word: 'record', permission: 'record.read', key: 'r' },
] as const satisfies readonly Page[]

/** Under the work of the first row: reached by their tabs and keys. */
export const workPages = [
  { to: '/work/queues', word: 'teamQueues', permission: 'work.read', key: 'q' },
  { to: '/work/watched', word: 'watched', permission: 'work.read', key: 'v' },
] as const satisfies readonly Page[]

export const housePages = [
  { to: '/people', word: 'people', permission: 'accounts.manage', key: 'u' },
  { to: '/access', word: 'access', permission: 'access.read', key: 'a' },
  { to: '/clients', word: 'clients', permission: 'accounts.manage', key: 'c' },
  { to: '/flows', word: 'flows', permission: 'jobs.manage', key: 'x' },
  { to: '/terminology', word: 'terminology', permission: 'terminology.manage', key: 't' },
  { to: '/audit', word: 'audit', permission: 'audit.read', key: 'l' },
  { to: '/sessions', word: 'sessions', permission: null, key: 's' },
] as const satisfies readonly Page[]
