import { errorTable } from '../kernel/index.ts'

export const refuse = errorTable({
  'job-not-dead': { status: 409, issue: 'conflict', text: 'This item is not among the dead letters any more.' },
})
