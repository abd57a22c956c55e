/** The pages of the navigation: which permission shows each, and its key after `g`. */
export const pages = [
  { to: '/work', word: 'work', permission: 'work.read', key: 'w' },
  { to: '/journeys', word: 'journeys', permission: 'journeys.read', key: 'j' },
  { to: '/pathways', word: 'pathways', permission: 'pathways.read', key: 'p' },
  { to: '/outbox', word: 'outbox', permission: 'messages.read', key: 'o' },
  { to: '/record', word: 'record', permission: 'record.read', key: 'r' },
  { to: '/people', word: 'people', permission: 'accounts.manage', key: 'u' },
  { to: '/audit', word: 'audit', permission: 'audit.read', key: 'l' },
] as const
