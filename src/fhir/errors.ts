import { errorTable } from '../kernel/index.ts'

/** Every refusal of the record. */
export const refuse = errorTable({
  'access-denied': { status: 403, issue: 'forbidden', text: 'You may not do this with this resource.' },
  'resource-not-found': { status: 404, issue: 'not-found', text: 'There is no such resource.' },
  'version-not-found': { status: 404, issue: 'not-found', text: 'There is no such version of this resource.' },
  'resource-deleted': { status: 410, issue: 'deleted', text: 'This resource has been deleted.' },
  'resource-type-unknown': { status: 404, issue: 'not-supported', text: 'This is not a resource type of FHIR R4.' },
  'resource-invalid': {
    status: 422,
    issue: 'processing',
    text: 'The resource does not have the shape that FHIR R4 gives it.',
  },
  'resource-unreadable': { status: 400, issue: 'structure', text: 'The body is not a FHIR resource in JSON.' },
  'resource-id-wrong': {
    status: 400,
    issue: 'value',
    text: 'The id of the resource is not the id of the address, or is not a FHIR id.',
  },
  'resource-type-wrong': {
    status: 400,
    issue: 'value',
    text: 'The type of the resource is not the type of the address.',
  },
  'resource-exists': { status: 409, issue: 'duplicate', text: 'A resource with this id exists.' },
  'version-stale': {
    status: 412,
    issue: 'conflict',
    text: 'The resource has changed since the version that was named.',
  },
  'write-collided': {
    status: 409,
    issue: 'conflict',
    text: 'Somebody else wrote this resource at the same moment. Read it and try again.',
  },
  'match-ambiguous': { status: 412, issue: 'duplicate', text: 'More than one resource matches the condition.' },
  'not-matched': { status: 404, issue: 'not-found', text: 'No resource matches the condition.' },
  'too-many-matches': {
    status: 412,
    issue: 'too-long',
    text: 'The condition matches more resources than are deleted at once.',
  },
  'patch-invalid': { status: 400, issue: 'structure', text: 'The patch cannot be read.' },
  'patch-failed': { status: 422, issue: 'processing', text: 'The patch does not fit the resource as it is.' },
  'operation-invalid': { status: 400, issue: 'value', text: 'A parameter of the operation cannot be read.' },
  'operation-unknown': { status: 404, issue: 'not-supported', text: 'There is no such operation here.' },
  'profile-unknown': {
    status: 422,
    issue: 'not-found',
    text: 'The profile is not among the StructureDefinitions here.',
  },
  'reference-unresolved': {
    status: 400,
    issue: 'not-found',
    text: 'A conditional reference matches no resource, or several.',
  },
  'bundle-invalid': { status: 400, issue: 'invalid', text: 'The bundle cannot be carried out.' },
  'search-parameter-unknown': {
    status: 400,
    issue: 'not-supported',
    text: 'A search parameter is not known for this type.',
  },
  'search-parameter-unsupported': {
    status: 400,
    issue: 'not-supported',
    text: 'This kind of search is not supported.',
  },
  'search-value-invalid': { status: 400, issue: 'value', text: 'A search value cannot be read.' },
  'search-cursor-invalid': { status: 400, issue: 'value', text: 'The page link is not one that this server gave.' },
  'header-invalid': { status: 400, issue: 'value', text: 'A header cannot be read.' },
  'format-unsupported': { status: 406, issue: 'not-supported', text: 'Only JSON is served.' },
  'import-unreadable': { status: 400, issue: 'structure', text: 'The file holds no FHIR resource that can be read.' },
})
