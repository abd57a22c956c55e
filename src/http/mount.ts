import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Logger } from '../kernel/index.ts'

/** A part of the address that a room answers by itself, from the bare request: the authorization server. */
export interface Mount {
  /** `/oauth` */
  prefix: string
  /** The body is unread. */
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    call: { requestId: string; address: string },
  ): Promise<void>
}

// Left to the mounted room: its pages come from other sites' windows, and say themselves where a form may lead.
const ownHeaders = new Set(['cross-origin-opener-policy', 'cross-origin-resource-policy'])

/** Hands everything under a prefix to its room, with our headers on it and the log line of every other request. */
export async function serveMount(
  app: FastifyInstance,
  { prefix, handle }: Mount,
  security: Readonly<Record<string, string>>,
  log: Logger,
): Promise<void> {
  await app.register(async (part) => {
    part.removeAllContentTypeParsers()
    part.addContentTypeParser('*', (_request, _body, done) => done(null))
    part.all(`${prefix}/*`, async (request, reply) => {
      reply.hijack()
      for (const [name, value] of Object.entries(security)) if (!ownHeaders.has(name)) reply.raw.setHeader(name, value)
      reply.raw.setHeader('x-request-id', request.id)
      try {
        await handle(request.raw, reply.raw, { requestId: request.id, address: request.ip })
      } catch (error) {
        const trace =
          error instanceof Error ? error.stack?.split('\n').filter((line) => line.trim().startsWith('at ')) : []
        log.error(
          {
            request: request.id,
            route: prefix,
            error: error instanceof Error ? error.name : 'unknown',
            at: trace?.slice(0, 6),
          },
          'a request failed',
        )
        if (!reply.raw.headersSent) reply.raw.statusCode = 500
        reply.raw.end()
      }
    })
  })
}
