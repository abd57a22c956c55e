import type { Fault } from '../../src/contracts/index.ts'

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

export async function call<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers: {
        accept: 'application/json',
        ...(method === 'GET' ? {} : { 'content-type': 'application/json', 'x-throughline': 'console' }),
      },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    })
  } catch {
    throw new ApiError(0, 'offline', '')
  }
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok) return answer as T
  const { error } = (answer ?? {}) as { error?: { code: string; message: string; faults: Fault[] } }
  throw new ApiError(response.status, error?.code ?? 'unknown', error?.message ?? '', error?.faults)
}

export const get = <T>(path: string): Promise<T> => call<T>('GET', path)

/** A path with its parameters; those that are empty are left out. */
export function withQuery(path: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value]],
  )
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
}
