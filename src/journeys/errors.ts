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
  'simulation-too-large': { status: 422, issue: 'too-costly', text: 'This simulation would take too long.' },
  'simulation-incomplete': { status: 422, issue: 'required', text: 'The settings leave out a step.' },
  'replay-period': { status: 422, issue: 'value', text: 'This is no past period.' },
  'replay-over': { status: 409, issue: 'conflict', text: 'This replay is over already.' },
  'journey-ended': { status: 409, issue: 'conflict', text: 'This journey has ended already.' },
  'draft-not-found': { status: 404, issue: 'not-found', text: 'There is no such draft.' },
  'comment-not-found': { status: 404, issue: 'not-found', text: 'There is no such comment.' },
  'stale-draft': {
    status: 409,
    issue: 'conflict',
    text: 'Somebody else has changed this draft since. Nothing was stored; look at both texts.',
  },
  'draft-frozen': {
    status: 409,
    issue: 'conflict',
    text: 'This draft is not open for changes: it is in review, approved, published or discarded.',
  },
  'draft-not-in-review': { status: 409, issue: 'conflict', text: 'This draft is not in review.' },
  'draft-not-approved': { status: 409, issue: 'conflict', text: 'This draft has not been approved.' },
  'draft-unchanged': { status: 409, issue: 'conflict', text: 'This draft says what is live already.' },
  'draft-outdated': {
    status: 409,
    issue: 'conflict',
    text: 'A newer version has been published since this draft was begun. Take its changes in first.',
  },
  'needs-a-person': {
    status: 403,
    issue: 'forbidden',
    text: 'A person who has signed in answers for a pathway; a program cannot.',
  },
  'approves-own-text': {
    status: 403,
    issue: 'forbidden',
    text: 'Whoever wrote last in a draft cannot approve it: a second person must.',
  },
  'approves-own-request': {
    status: 403,
    issue: 'forbidden',
    text: 'Whoever asked for the review cannot approve the draft: a second person must.',
  },
  'publishes-own-text': {
    status: 403,
    issue: 'forbidden',
    text: 'Whoever wrote last in a draft cannot set it live: a second person must.',
  },
  'seconds-own-act': {
    status: 403,
    issue: 'forbidden',
    text: 'Whoever rolled back in an emergency cannot second it: another person must.',
  },
  'nothing-to-second': { status: 409, issue: 'conflict', text: 'No emergency waits for a second person here.' },
  'scenario-failed': { status: 422, issue: 'invariant', text: 'Not all scenarios of the draft pass.' },
  'scenario-coverage': {
    status: 422,
    issue: 'invariant',
    text: 'The scenarios of the draft leave out steps or branches.',
  },
  'clinic-not-found': { status: 422, issue: 'not-found', text: 'The record has no such clinic.' },
  'not-live': { status: 409, issue: 'conflict', text: 'This is not live there.' },
  'draft-exists': {
    status: 409,
    issue: 'duplicate',
    text: 'There is a pathway of this name already: begin with its newest version.',
  },
})
