import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import staticFiles from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import type { Logger } from '../kernel/index.ts'
import { answerError } from './answer-error.ts'
import { refuse } from './errors.ts'

/** The console's page at every address that is none of the API, the record and the assets; the rest leads nowhere. */
export async function serveConsole(app: FastifyInstance, folder: string | undefined, log: Logger): Promise<void> {
  const index = folder === undefined ? undefined : join(folder, 'index.html')
  if (folder !== undefined && existsSync(join(folder, 'assets')))
    // Their names carry a hash of their content; everything else of the console is the one page.
    await app.register(staticFiles, {
      root: join(folder, 'assets'),
      prefix: '/assets/',
      index: false,
      immutable: true,
      maxAge: '365d',
    })
  app.setNotFoundHandler((request, reply) => {
    const page =
      request.method === 'GET' &&
      !/^\/(?:api|fhir|assets|oauth|\.well-known)(?:[/?]|$)/.test(request.url) &&
      request.headers.accept?.includes('text/html')
    if (page && index !== undefined && existsSync(index))
      return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(createReadStream(index))
    const error = refuse('route-not-found', { faults: [{ path: 'url', message: 'leads nowhere' }] })
    return answerError(error, request, reply, styleOf(request.url), log)
  })
}

/** How errors are told where no route says it. */
export const styleOf = (url: string): 'fhir' | 'api' => (/^\/fhir(?:[/?]|$)/.test(url) ? 'fhir' : 'api')
