import { errorTable } from '../kernel/index.ts'

export const refuse = errorTable({
  'seals-unreadable': {
    status: 503,
    issue: 'exception',
    text: 'The folder of the audit’s checkpoints cannot be read, or holds what this program did not write.',
  },
  'export-unreadable': { status: 422, issue: 'structure', text: 'This is no export of the audit.' },
  'event-not-found': { status: 404, issue: 'not-found', text: 'No audit event has this id.' },
  'event-not-sealed': {
    status: 409,
    issue: 'business-rule',
    text: 'No checkpoint covers this event yet. The next one will.',
  },
  'audit-kept-here': {
    status: 405,
    issue: 'not-supported',
    text: 'Audit events are written by the server alone, and are neither changed nor deleted.',
  },
  'parameter-unknown': { status: 400, issue: 'not-supported', text: 'Audit events cannot be searched by this.' },
  'parameter-invalid': { status: 400, issue: 'value', text: 'A search parameter does not have the form it needs.' },
  'key-missing': { status: 422, issue: 'required', text: 'The public key cannot be read.' },
})
