import { errorTable } from '../kernel/index.ts'

export const refuse = errorTable({
  forbidden: { status: 403, issue: 'forbidden', text: 'You may not do this.' },
  'policy-invalid': { status: 422, issue: 'invalid', text: 'The policy has errors.' },
  'policy-not-found': { status: 404, issue: 'not-found', text: 'There is no such version of the policy.' },
  'purpose-unknown': { status: 400, issue: 'code-invalid', text: 'The purpose of use is not one of those known here.' },
  'glass-refused': {
    status: 403,
    issue: 'forbidden',
    text: 'This record cannot be opened in an emergency, or there is no such patient.',
  },
  'glass-reason-unknown': { status: 422, issue: 'code-invalid', text: 'This is not a reason for emergency access.' },
  'glass-not-for-role': { status: 403, issue: 'forbidden', text: 'Your role may not break the glass.' },
  'glass-not-found': { status: 404, issue: 'not-found', text: 'There is no such emergency access.' },
  'account-not-found': { status: 404, issue: 'not-found', text: 'There is no such account.' },
})
