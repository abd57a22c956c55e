import type { OperationOutcome } from '@medplum/fhirtypes'
import type { Fault } from '../../src/contracts/index.ts'
import { askToConfirm } from './confirmation.ts'

/** A refusal by the server, as it said it. `status` 0: the server could not be reached. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly faults: readonly Fault[]
  constructor(status: number, code: string, message: string, faults: readonly Fault[] = []) {
    super(message)
    this.status = status
    this.code = code
    this.faults = faults
  }
}

async function send(path: string, init: RequestInit): Promise<unknown> {
  let response: Response
  try {
    response = await fetch(path, init)
  } catch {
    throw new ApiError(0, 'offline', '')
  }
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok) return answer
  const { error, issue } = (answer ?? {}) as {
    error?: { code: string; message: string; faults: Fault[] }
    issue?: OperationOutcome['issue']
  }
  if (issue) throw refusalOf(response.status, issue)
  throw new ApiError(response.status, error?.code ?? 'unknown', error?.message ?? '', error?.faults)
}

/** An OperationOutcome as a refusal: the code of its first issue, and where each issue lies. */
function refusalOf(status: number, issues: NonNullable<OperationOutcome['issue']>): ApiError {
  const [first] = issues
  const faults = issues.map(({ expression, diagnostics }) => ({
    path: expression?.[0] ?? '',
    message: diagnostics ?? '',
  }))
  return new ApiError(status, first?.details?.coding?.[0]?.code ?? 'unknown', first?.details?.text ?? '', faults)
}

/** A header of our own: what another site's page cannot send along without asking. */
const ownHeader = { 'x-throughline': 'console' }

export async function call<T>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<T> {
  const once = () =>
    send(path, {
      method,
      headers: {
        accept: 'application/json',
        ...(method === 'GET' ? {} : { 'content-type': 'application/json', ...ownHeader }),
      },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    }) as Promise<T>
  try {
    return await once()
  } catch (error) {
    // Some acts want a fresh proof of who is at this desk: asked for here, once, wherever the act was begun.
    if (error instanceof ApiError && error.code === 'confirmation-needed' && (await askToConfirm())) return once()
    throw error
  }
}

export const get = <T>(path: string): Promise<T> => call<T>('GET', path)

/** Reads from the record. */
export const getFhir = <T>(path: string): Promise<T> =>
  send(`/fhir/${path}`, { headers: { accept: 'application/fhir+json' } }) as Promise<T>

/** Searches the record by a form: what is searched for may be a patient's name, and an address ends up in logs. */
export const searchFhir = <T>(type: string, form: URLSearchParams): Promise<T> =>
  send(`/fhir/${type}/_search`, {
    method: 'POST',
    headers: {
      accept: 'application/fhir+json',
      'content-type': 'application/x-www-form-urlencoded',
      ...ownHeader,
    },
    body: form.toString(),
  }) as Promise<T>

/** Asks for an export in the background, as Bulk Data Access wants it asked. */
export const startExport = (path: string): Promise<unknown> =>
  send(`/fhir/${path}`, { headers: { accept: 'application/fhir+json', prefer: 'respond-async' } })

/** Sends a piece of a file. */
export const sendPiece = (path: string, piece: Blob): Promise<unknown> =>
  send(path, {
    method: 'PUT',
    headers: { accept: 'application/json', 'content-type': 'application/octet-stream', ...ownHeader },
    body: piece,
  })

/** A path with its parameters; those that are empty are left out. */
export function withQuery(path: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value]],
  )
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
}
