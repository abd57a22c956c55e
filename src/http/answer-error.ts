import type { OperationOutcome } from '@medplum/fhirtypes'
import { CodedError, type Route } from '../kernel/index.ts'
import { refuse } from './errors.ts'

// Connection refused, reset, or ended by the server (57P01 shutdown, 57P03 starting up): it comes back by itself.
const awayCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  '57P01',
  '57P02',
  '57P03',
  '08006',
  '08001',
])

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''

/** Any failure as the coded error that the caller may see. */
export function toCoded(error: unknown): CodedError {
  if (error instanceof CodedError) return error
  const code = codeOf(error)
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return refuse('body-too-large', { faults: [{ path: '', message: 'is larger than this address takes' }] })
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return refuse('unsupported-media-type', { faults: [{ path: 'headers.content-type', message: 'is not JSON' }] })
  if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY' || code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH')
    return refuse('malformed-json', { faults: [{ path: '', message: 'is empty' }] })
  const message = error instanceof Error ? error.message : ''
  if (
    awayCodes.has(code) ||
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      message,
    )
  )
    return refuse('database-away', { cause: error })
  return refuse('internal', { cause: error })
}

/** The body of a refusal, in the manner of the route. */
export function errorBody(error: CodedError, style: Route['style']): unknown {
  if (style === 'api') return { error: { code: error.code, message: error.message, faults: error.faults } }
  const faults = error.faults.length > 0 ? error.faults : [undefined]
  const outcome: OperationOutcome = {
    resourceType: 'OperationOutcome',
    issue: faults.map((fault) => ({
      severity: 'error',
      code: error.issue,
      details: {
        coding: [{ system: 'urn:throughline:error', code: fault?.code ?? error.code }],
        text: fault ? `${error.message} ${fault.message}`.trim() : error.message,
      },
      ...(fault && fault.path !== '' ? { expression: [fault.path] } : {}),
      diagnostics: fault?.message ?? error.message,
    })),
  }
  return outcome
}
