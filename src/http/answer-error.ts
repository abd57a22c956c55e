import type { OperationOutcome } from '@medplum/fhirtypes'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { CodedError, type Logger, type Route } from '../kernel/index.ts'
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
  if (code === 'FST_ERR_BAD_URL')
    return refuse('malformed-address', { faults: [{ path: 'url', message: 'is not percent-encoded UTF-8' }] })
  if (code === 'FST_ERR_MAX_PARAM_LENGTH')
    return refuse('address-too-long', { faults: [{ path: 'url', message: 'has a part of more than 200 characters' }] })
  // PostgreSQL keeps no NUL in text (22021, 22P05): whatever carried it here was not checked any closer.
  if (code === '22021' || code === '22P05')
    return refuse('invalid-request', { faults: [{ path: '', message: 'holds a NUL character' }], cause: error })
  const message = error instanceof Error ? error.message : ''
  if (error instanceof RangeError && message.includes('call stack'))
    return refuse('nested-too-deeply', { faults: [{ path: 'body', message: 'has too many levels' }] })
  if (
    awayCodes.has(code) ||
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      message,
    )
  )
    return refuse('database-away', { cause: error })
  return refuse('internal', { cause: error })
}

/** The body of a refusal, in the manner of the route. `request`: the number under which the log has the rest of it. */
export function errorBody(error: CodedError, style: Route['style'], request?: string): unknown {
  const named = request === undefined ? {} : { request }
  if (style === 'api') return { error: { code: error.code, message: error.message, faults: error.faults, ...named } }
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
      diagnostics: request === undefined ? (fault?.message ?? error.message) : `request ${request}`,
    })),
  }
  return outcome
}

export const mediaTypes = {
  api: 'application/json; charset=utf-8',
  fhir: 'application/fhir+json; charset=utf-8',
} as const satisfies Record<Route['style'], string>

// Seconds until it makes sense to come again.
const retryAfter: Readonly<Record<number, string>> = { 429: '60', 503: '1' }

/** Answers with a refusal; what is our own fault is logged, without anything that the request held. */
export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  style: Route['style'],
  log: Logger,
): FastifyReply {
  const coded = toCoded(error)
  if (coded.status >= 500) log.error({ request: request.id, ...traceOf(coded, request) }, 'a request failed')
  const later = retryAfter[coded.status]
  if (later !== undefined) reply.header('retry-after', later)
  // RFC 6750, 3: how to come in, and whether the token was too small.
  if (style === 'fhir' && coded.status === 401) reply.header('www-authenticate', 'Bearer realm="Throughline"')
  if (coded.code === 'scope-missing')
    reply.header('www-authenticate', 'Bearer realm="Throughline", error="insufficient_scope"')
  return reply
    .status(coded.status)
    .header('cache-control', 'no-store')
    .type(mediaTypes[style])
    .send(JSON.stringify(errorBody(coded, style, coded.status === 500 ? request.id : undefined)))
}

/** Messages of the database can quote values: the class, the code and the place are enough to find it. */
function traceOf(coded: CodedError, request: FastifyRequest): Record<string, unknown> {
  const cause = coded.cause
  const trace = cause instanceof Error ? cause.stack?.split('\n').filter((line) => line.trim().startsWith('at ')) : []
  return {
    code: coded.code,
    route: request.routeOptions.url,
    error: cause instanceof Error ? cause.name : 'unknown',
    sqlState: codeOf(cause) === '' ? undefined : codeOf(cause),
    at: trace?.slice(0, 6),
  }
}
