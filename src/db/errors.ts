import { errorTable } from '../kernel/index.ts'

export const refuse = errorTable({
  'data-folder-in-use': {
    status: 503,
    issue: 'conflict',
    text: 'Another Throughline already runs on this data folder. Stop it, or give this one another folder with THROUGHLINE_DATA.',
  },
  'database-cannot-start': { status: 503, issue: 'exception', text: 'The embedded PostgreSQL did not start.' },
  'database-package-missing': {
    status: 503,
    issue: 'not-supported',
    text: 'No embedded PostgreSQL is installed for this machine. Set DATABASE_URL to a PostgreSQL 15 or newer.',
  },
  'database-too-old': { status: 503, issue: 'not-supported', text: 'PostgreSQL 15 or newer is needed.' },
  'migration-changed': {
    status: 503,
    issue: 'conflict',
    text: 'A migration that has been applied no longer has the text it had then.',
  },
  'data-newer': { status: 503, issue: 'conflict', text: 'This database was migrated by a newer Throughline.' },
})
