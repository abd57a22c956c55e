import { errorTable } from '../kernel/index.ts'

export const refuse = errorTable({
  'sign-in-failed': { status: 401, issue: 'login', text: 'The e-mail or the password is not right.' },
  'too-many-failures': {
    status: 429,
    issue: 'throttled',
    text: 'Too many failed sign-ins. Wait a quarter of an hour.',
  },
  'organisation-needed': { status: 422, issue: 'required', text: 'Say which organisation you sign in to.' },
  'already-set-up': { status: 409, issue: 'conflict', text: 'This Throughline has its first administrator already.' },
  'password-weak': {
    status: 422,
    issue: 'value',
    text: 'Choose a password of at least 12 characters that is not a common one.',
  },
  'email-taken': { status: 409, issue: 'duplicate', text: 'There is an account with this e-mail already.' },
  'unknown-role': { status: 422, issue: 'code-invalid', text: 'There is no such role.' },
  'token-not-found': { status: 404, issue: 'not-found', text: 'There is no such token.' },
})
