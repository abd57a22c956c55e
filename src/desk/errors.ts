import { errorTable } from '../kernel/index.ts'

export const refuse = errorTable({
  'access-denied': { status: 403, issue: 'forbidden', text: 'You may not do this with this task.' },
  'matter-held': { status: 409, issue: 'conflict', text: 'Somebody is at it already.' },
  'matter-not-found': { status: 404, issue: 'not-found', text: 'This does not wait any more.' },
  'message-not-found': { status: 404, issue: 'not-found', text: 'There is no such message.' },
  'journey-not-found': { status: 404, issue: 'not-found', text: 'There is no such journey.' },
  'move-not-found': { status: 404, issue: 'not-found', text: 'There is no such move of journeys.' },
  'journey-ended': { status: 409, issue: 'conflict', text: 'This journey has ended already.' },
  'step-not-found': { status: 404, issue: 'not-found', text: 'The journey’s pathway has no such step.' },
  'act-not-possible': { status: 409, issue: 'conflict', text: 'This cannot be done to the journey now.' },
  'task-not-taken': { status: 409, issue: 'business-rule', text: 'Take this task first: it is not yours.' },
  'form-not-found': { status: 404, issue: 'not-found', text: 'There is no such form or version.' },
  'form-refused': { status: 422, issue: 'invariant', text: 'The form has faults.' },
  'form-frozen': {
    status: 409,
    issue: 'business-rule',
    text: 'A published version of a form never changes. Make a new version.',
  },
  'form-in-review': {
    status: 409,
    issue: 'business-rule',
    text: 'A pathway in review goes live with this form: it stays as it is until then.',
  },
  'form-changed': { status: 409, issue: 'conflict', text: 'Someone else has changed this meanwhile.' },
  'answers-refused': { status: 422, issue: 'invariant', text: 'The answers do not fit the form.' },
  'pathway-not-found': { status: 404, issue: 'not-found', text: 'There is no such pathway or version.' },
  'absence-window': { status: 422, issue: 'value', text: 'An absence lies ahead, and is at most two weeks long.' },
  'unknown-absence': { status: 404, issue: 'not-found', text: 'There is no such absence.' },
  'patient-not-found': { status: 404, issue: 'not-found', text: 'There is no such patient.' },
  'unknown-jurisdiction': { status: 422, issue: 'code-invalid', text: 'There is no such state or province.' },
  'unknown-person': { status: 404, issue: 'not-found', text: 'There is nobody here by that name who holds tasks.' },
})
