import { errorTable } from '../kernel/index.ts'

export const refuse = errorTable({
  'service-not-found': { status: 404, issue: 'not-found', text: 'There is no such service or version.' },
  'service-refused': { status: 422, issue: 'invariant', text: 'The service has faults.' },
  'service-frozen': {
    status: 409,
    issue: 'business-rule',
    text: 'A published version of a service never changes. Make a new version.',
  },
  'service-changed': { status: 409, issue: 'conflict', text: 'Someone else has changed this meanwhile.' },
  'services-invalid': {
    status: 422,
    issue: 'invalid',
    text: 'The files of the service menu cannot be used as they are.',
  },
})
