import { errorTable } from '../kernel/index.ts'

export const refuse = errorTable({
  'pathway-refused': {
    status: 422,
    issue: 'invariant',
    text: 'The pathway was not published: the checker found errors.',
  },
  'pathway-not-found': { status: 404, issue: 'not-found', text: 'There is no such pathway or version.' },
  'journey-not-found': { status: 404, issue: 'not-found', text: 'There is no such journey.' },
  'journey-ended': { status: 409, issue: 'conflict', text: 'This journey has ended already.' },
})
