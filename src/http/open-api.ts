import { z } from 'zod'
import type { Route } from '../kernel/index.ts'

const schema = (type: z.ZodType | undefined, io: 'input' | 'output') =>
  type ? z.toJSONSchema(type, { io, unrepresentable: 'any' }) : {}

/** OpenAPI 3.1 of the routes, from the schemas that they are checked by. */
export function openApi(routes: readonly Route[], version: string): unknown {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const one of routes) {
    const path = one.path.replace(/:(\w+)/g, '{$1}')
    paths[path] ??= {}
    paths[path][one.method.toLowerCase()] = {
      summary: one.summary,
      'x-access': typeof one.access === 'string' ? one.access : one.access.permission,
      parameters: [...one.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
        name,
        in: 'path',
        required: true,
        schema: { type: 'string' },
      })),
      ...(one.body ? { requestBody: { content: { 'application/json': { schema: schema(one.body, 'input') } } } } : {}),
      responses: {
        default: {
          description: one.summary,
          content: {
            [one.style === 'fhir' ? 'application/fhir+json' : 'application/json']: {
              schema: schema(one.reply, 'output'),
            },
          },
        },
      },
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Throughline', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
  }
}
