import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes'
import type { CodedError } from '../kernel/index.ts'

/** An OperationOutcome of a coded refusal: one issue a fault, each with its path; the stable code stands in `details`. */
export function outcomeOf(error: CodedError): OperationOutcome {
  const details = { coding: [{ system: 'urn:throughline:error', code: error.code }], text: error.message }
  const issue = (code: string | undefined): OperationOutcomeIssue => ({
    severity: 'error',
    code: (code ?? error.issue) as OperationOutcomeIssue['code'],
    details,
  })
  const issues = error.faults.map(({ path, message, code }) => ({
    ...issue(code),
    diagnostics: `${path} ${message}`,
    expression: [path],
  }))
  return { resourceType: 'OperationOutcome', issue: issues.length > 0 ? issues : [issue(undefined)] }
}

/** What is told about a success that left something out. */
export const warning = (
  code: OperationOutcomeIssue['code'],
  faults: readonly { path: string; message: string }[],
): OperationOutcome => ({
  resourceType: 'OperationOutcome',
  issue: faults.map(({ path, message }) => ({
    severity: 'warning',
    code,
    diagnostics: `${path} ${message}`,
    expression: [path],
  })),
})

export const allDone = (text: string): OperationOutcome => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'information', code: 'informational', diagnostics: text }],
})
