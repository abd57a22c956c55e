import type { z } from 'zod'
import type { CallContext } from './context.ts'

/**
 * Who may call a route. `public`: anyone; `signed-in`: any account or token; otherwise a permission that one of the
 * caller's roles must grant (the table of roles and permissions is in the access room).
 */
export type Access = 'public' | 'signed-in' | { permission: string }

/**
 * What a call leaves in the audit: at least one of these codes once it was answered, or nothing, and why nothing. The http
 * room holds a route to it, and a test goes through all routes.
 */
export type Audits = readonly [string, ...string[]] | { nothing: string }

export interface RouteRequest<P, Q, B> {
  params: P
  query: Q
  body: B
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** Path and query as sent, for paging links. */
  url: string
  ip: string
}

export interface RouteReply {
  status?: number
  headers?: Record<string, string>
  /** An object is sent as JSON; a string is sent as it is, under the `content-type` given in `headers`. */
  body?: unknown
  /** Sent as it comes, instead of a body, under the `content-type` given in `headers`. */
  stream?: AsyncIterable<string | Uint8Array>
}

/** One HTTP route as a room declares it; the http room checks access, validates, calls, and documents it in OpenAPI. */
export interface Route<P = unknown, Q = unknown, B = unknown> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Fastify path: `/api/work/:id`. */
  path: string
  summary: string
  access: Access
  /** `fhir` answers errors as OperationOutcome, `api` as `{error: {code, message, faults}}`. */
  style: 'api' | 'fhir'
  audits?: Audits
  params?: z.ZodType<P>
  query?: z.ZodType<Q>
  body?: z.ZodType<B>
  /** Schema of the success body, for OpenAPI and for the console's types. */
  reply?: z.ZodType
  /** Largest body in bytes; 1 MiB unless told. */
  bodyLimit?: number
  /** Takes NDJSON as a stream (`body` is a Readable then), of whatever size the route itself bears. */
  streamed?: boolean
  /** A public route has no account: `context.actor` is the system then, and `tenant` the one the route finds itself. */
  handle(context: CallContext, request: RouteRequest<P, Q, B>): Promise<RouteReply>
}

/** Types a route's handler from its schemas. */
export const route = <P, Q, B>(definition: Route<P, Q, B>): Route => definition

/** One open websocket as a room sees it: text in, text out. */
export interface SocketLine {
  /** False: the other side has fallen too far behind, and the line is being closed. */
  send(text: string): boolean
  close(): void
  onText(hear: (text: string) => void): void
  onClose(hear: () => void): void
}

/** Websockets at one address; whoever connects says who they are by what they send first. */
export interface SocketRoute {
  path: string
  connect(line: SocketLine): void
}
