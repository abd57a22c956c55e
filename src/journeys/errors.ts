import { errorTable } from '../kernel/index.ts'

export const refuse = errorTable({
  'pathway-refused': {
    status: 422,
    issue: 'invariant',
    text: 'The pathway was not published: the checker found errors.',
  },
  'pathway-not-found': { status: 404, issue: 'not-found', text: 'There is no such pathway or version.' },
  'journey-not-found': { status: 404, issue: 'not-found', text: 'There is no such journey.' },
  'replay-not-found': { status: 404, issue: 'not-found', text: 'There is no such replay.' },
  'replay-period': { status: 422, issue: 'value', text: 'This is no past period.' },
  'replay-over': { status: 409, issue: 'conflict', text: 'This replay is over already.' },
  'journey-ended': { status: 409, issue: 'conflict', text: 'This journey has ended already.' },
})
