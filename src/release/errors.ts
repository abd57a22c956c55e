import { errorTable } from '../kernel/index.ts'

export const refuse = errorTable({
  'automation-refused': {
    status: 422,
    issue: 'invariant',
    text: 'The automation was not published: the checker found errors.',
  },
  'automation-not-found': { status: 404, issue: 'not-found', text: 'There is no such automation or version.' },
  'not-a-rise': { status: 409, issue: 'business-rule', text: 'The version already has this level here, or more.' },
  'more-than-one-level': { status: 409, issue: 'business-rule', text: 'Authority rises one level at a time.' },
  'evidence-missing': {
    status: 409,
    issue: 'business-rule',
    text: 'There is no evidence for this version and scope that supports the level.',
  },
  'evidence-expired': { status: 409, issue: 'business-rule', text: 'The evidence has expired.' },
  'clinical-signature-missing': { status: 409, issue: 'business-rule', text: 'The clinical signature is missing.' },
  'technical-signature-missing': { status: 409, issue: 'business-rule', text: 'The technical signature is missing.' },
  'one-person-signed-twice': {
    status: 409,
    issue: 'business-rule',
    text: 'One person cannot sign clinically and technically.',
  },
  'already-signed': { status: 409, issue: 'conflict', text: 'Somebody has signed on this side already.' },
  'rise-not-found': { status: 404, issue: 'not-found', text: 'There is no such open request for a rise.' },
  'rise-open': { status: 409, issue: 'conflict', text: 'A rise in this scope is being asked for already.' },
  'evidence-too-thin': { status: 409, issue: 'business-rule', text: 'Too few cases to be evidence.' },
  'evidence-against': { status: 409, issue: 'business-rule', text: 'The cases speak against a higher level.' },
  'not-a-fall': { status: 422, issue: 'invalid', text: 'A stop leads downwards.' },
  'no-candidate': { status: 409, issue: 'conflict', text: 'There is no later version to promote.' },
  'decision-not-found': { status: 404, issue: 'not-found', text: 'There is no such decision.' },
  'decision-not-settled': { status: 409, issue: 'conflict', text: 'Nobody has answered this yet.' },
  'answer-unknown': { status: 422, issue: 'code-invalid', text: 'The step does not know this answer.' },
  'decision-reversed': { status: 409, issue: 'conflict', text: 'This decision was reversed already.' },
  'incident-not-found': { status: 404, issue: 'not-found', text: 'There is no such incident.' },
  'incident-closed': { status: 409, issue: 'conflict', text: 'The incident is closed already.' },
  'look-back-open': { status: 409, issue: 'business-rule', text: 'Patients have not been looked back on yet.' },
})
