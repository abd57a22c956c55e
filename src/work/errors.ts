import { errorTable, type Fault } from '../kernel/index.ts'

export const refuse = errorTable({
  'task-not-found': { status: 404, issue: 'not-found', text: 'There is no such task.' },
  'task-taken': { status: 409, issue: 'conflict', text: 'Someone else has taken this task.' },
  'task-changed': { status: 409, issue: 'conflict', text: 'This task has changed since you looked at it.' },
  'task-closed': { status: 409, issue: 'business-rule', text: 'This task is closed.' },
  'task-not-yours': { status: 409, issue: 'business-rule', text: 'Take this task first: it is not yours.' },
  'task-not-for-you': { status: 403, issue: 'forbidden', text: 'This task is for another role.' },
  'task-waits': { status: 409, issue: 'business-rule', text: 'This task waits for another.' },
  'not-signed': { status: 409, issue: 'business-rule', text: 'The second signature was refused. Ask for another.' },
  'not-waiting': { status: 409, issue: 'business-rule', text: 'This task does not wait for that one.' },
  'waits-in-circle': { status: 422, issue: 'business-rule', text: 'Two tasks cannot wait for each other.' },
  'other-patient': { status: 422, issue: 'business-rule', text: 'These tasks are for different patients.' },
  'pathway-task': {
    status: 409,
    issue: 'business-rule',
    text: 'A pathway waits for this task. Merge the other one into it.',
  },
  'unknown-outcome': { status: 422, issue: 'code-invalid', text: 'This task does not end that way.' },
  'outcome-needed': { status: 422, issue: 'required', text: 'Say how this task ended.' },
  'answers-needed': {
    status: 422,
    issue: 'required',
    text: 'Fill in the form, or say why it cannot be filled in.',
  },
  'no-form': { status: 404, issue: 'not-found', text: 'This task asks for no form.' },
  'task-not-permitted': { status: 403, issue: 'forbidden', text: 'You may not do this task.' },
  'not-able': {
    status: 422,
    issue: 'business-rule',
    text: 'Somebody chosen may not do this, or is not at work in time.',
  },
  'second-person-needed': {
    status: 403,
    issue: 'forbidden',
    text: 'Whoever did the step before this one does not do this one too: another person must.',
  },
  'ontology-invalid': { status: 422, issue: 'invalid', text: 'The task ontology cannot be used as it is.' },
  'snooze-window': { status: 422, issue: 'value', text: 'A task is put off to a time within the next 30 days.' },
  'nothing-to-acknowledge': {
    status: 409,
    issue: 'business-rule',
    text: 'No escalation of this task waits for an answer.',
  },
  'import-not-found': { status: 404, issue: 'not-found', text: 'There is no such file of people.' },
  'import-not-ready': { status: 409, issue: 'conflict', text: 'This cannot be done with the file now.' },
  'levels-changed': { status: 409, issue: 'conflict', text: 'Somebody has changed the service levels meanwhile.' },
  'levels-window': { status: 422, issue: 'value', text: 'Service levels hold from a moment ahead, within a year.' },
  'levels-in-force': {
    status: 409,
    issue: 'business-rule',
    text: 'These service levels are in force or gone: only what lies ahead can be taken back.',
  },
  'levels-refused': { status: 422, issue: 'invalid', text: 'The service levels have faults.' },
  'filter-not-found': { status: 404, issue: 'not-found', text: 'You have no such filter.' },
  'too-many-filters': { status: 422, issue: 'too-costly', text: 'Thirty filters are kept at most: remove one first.' },
  'too-many-watches': {
    status: 422,
    issue: 'too-costly',
    text: 'A hundred things are watched at most: let one go first.',
  },
  'unknown-role': { status: 422, issue: 'code-invalid', text: 'There is no such role.' },
  'no-practitioner': {
    status: 403,
    issue: 'forbidden',
    text: 'This account is not linked to a practitioner, so it cannot hold tasks.',
  },
})

export const noForm = () => refuse('no-form', { faults: [{ path: 'input', message: 'asks for no answers' }] })
export const taskNotFound = () => refuse('task-not-found', { faults: [{ path: 'id', message: 'no task has this id' }] })
export const importNotFound = () =>
  refuse('import-not-found', { faults: [{ path: 'id', message: 'no file has this id' }] })
export const levelsRefused = (faults: readonly Fault[]) => refuse('levels-refused', { faults })
