import { errorTable } from '../kernel/index.ts'

export const refuse = errorTable({
  'not-signed-in': { status: 401, issue: 'login', text: 'Sign in first.' },
  'malformed-json': { status: 400, issue: 'structure', text: 'The body is not JSON.' },
  'invalid-request': { status: 400, issue: 'value', text: 'The request is not as it should be.' },
  'malformed-address': { status: 400, issue: 'value', text: 'The address cannot be read.' },
  'nested-too-deeply': { status: 400, issue: 'structure', text: 'The body is nested too deeply.' },
  'body-too-large': { status: 413, issue: 'too-long', text: 'The body is too large.' },
  'address-too-long': { status: 414, issue: 'too-long', text: 'A part of the address is too long.' },
  'unsupported-media-type': {
    status: 415,
    issue: 'not-supported',
    text: 'Send JSON: application/json or application/fhir+json.',
  },
  'route-not-found': { status: 404, issue: 'not-found', text: 'There is nothing at this address.' },
  'scope-missing': { status: 403, issue: 'forbidden', text: 'The application was not granted this.' },
  'cross-site': { status: 403, issue: 'security', text: 'This call did not come from the console.' },
  'database-away': { status: 503, issue: 'transient', text: 'The database is away for a moment. Try again.' },
  internal: { status: 500, issue: 'exception', text: 'Something went wrong here. It has been noted.' },
})
