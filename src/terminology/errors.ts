import { errorTable } from '../kernel/index.ts'

export const refuse = errorTable({
  'code-system-unknown': { status: 404, issue: 'not-found', text: 'This code system is not loaded here.' },
  'code-unknown': { status: 404, issue: 'not-found', text: 'The code system has no such code.' },
  'value-set-unknown': { status: 404, issue: 'not-found', text: 'This value set is not known here.' },
  'concept-map-unknown': { status: 404, issue: 'not-found', text: 'This concept map is not known here.' },
  'parameter-missing': { status: 400, issue: 'required', text: 'A parameter of the operation is missing.' },
  'parameter-invalid': {
    status: 400,
    issue: 'value',
    text: 'A parameter of the operation does not have the form it needs.',
  },
  'parameter-unsupported': { status: 400, issue: 'not-supported', text: 'This parameter is not supported.' },
  'value-set-invalid': { status: 422, issue: 'invalid', text: 'The value set cannot be expanded as it is written.' },
  'filter-unsupported': {
    status: 422,
    issue: 'not-supported',
    text: 'The value set filters in a way that is not supported.',
  },
  'expansion-too-large': {
    status: 422,
    issue: 'too-costly',
    text: 'The expansion is too large to be given as a whole. Ask for pages with count and offset, or with a filter.',
  },
  'ecl-invalid': { status: 422, issue: 'invalid', text: 'The SNOMED CT expression cannot be read.' },
  'files-unreadable': { status: 422, issue: 'invalid', text: 'The files cannot be read as what they are said to be.' },
  'files-missing': { status: 422, issue: 'required', text: 'A file that is needed is not among those given.' },
  'version-needed': {
    status: 422,
    issue: 'required',
    text: 'The version cannot be told from the files. Name it.',
  },
  'licence-needed': {
    status: 403,
    issue: 'business-rule',
    text: 'Say first that the organisation has a licence for this terminology and has read its terms.',
  },
  'load-runs': { status: 409, issue: 'conflict', text: 'A terminology is being loaded already. One at a time.' },
  'already-loaded': { status: 409, issue: 'duplicate', text: 'This version is loaded already.' },
  'path-outside': {
    status: 403,
    issue: 'forbidden',
    text: 'Only files in the folder for terminologies can be loaded.',
  },
  'upload-offset': { status: 409, issue: 'conflict', text: 'The file does not end where this piece begins.' },
  'load-failed': {
    status: 422,
    issue: 'processing',
    text: 'The terminology could not be loaded. Nothing of it is used.',
  },
})
