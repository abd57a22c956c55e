/** FHIR issue-type codes that Throughline answers with (http://hl7.org/fhir/R4/valueset-issue-type.html). */
export type IssueCode =
  | 'invalid'
  | 'structure'
  | 'required'
  | 'value'
  | 'invariant'
  | 'security'
  | 'login'
  | 'forbidden'
  | 'processing'
  | 'not-supported'
  | 'duplicate'
  | 'not-found'
  | 'deleted'
  | 'too-long'
  | 'code-invalid'
  | 'conflict'
  | 'business-rule'
  | 'transient'
  | 'timeout'
  | 'throttled'
  | 'too-costly'
  | 'exception'

/** One fault: where it is (a JSON path, a FHIRPath or `file:line:column`) and what is wrong with it. */
export interface Fault {
  path: string
  message: string
  code?: string
}

interface ErrorEntry {
  status: number
  issue: IssueCode
  text: string
}

/** An expected refusal. `code` is stable and public; `cause` is private and only ever logged. */
export class CodedError extends Error {
  readonly code: string
  readonly status: number
  readonly issue: IssueCode
  readonly faults: readonly Fault[]
  constructor(
    code: string,
    entry: ErrorEntry,
    options: { detail?: string; faults?: readonly Fault[]; cause?: unknown } = {},
  ) {
    super(options.detail ?? entry.text, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CodedError'
    this.code = code
    this.status = entry.status
    this.issue = entry.issue
    this.faults = options.faults ?? []
  }
}

/**
 * A room's table of refusals. `const refuse = errorTable({ 'task-taken': {status: 409, issue: 'conflict', text: '…'} })`
 * then `throw refuse('task-taken', { faults: [{ path: 'owner', message: '…' }] })`.
 */
export function errorTable<const T extends Record<string, ErrorEntry>>(table: T) {
  const refuse = (
    code: keyof T & string,
    options?: { detail?: string; faults?: readonly Fault[]; cause?: unknown },
  ): CodedError => {
    const entry = table[code]
    if (entry === undefined) throw new TypeError(`no entry ${code} in the error table`)
    return new CodedError(code, entry, options)
  }
  return Object.assign(refuse, { table })
}
