import { z } from 'zod'
import type { Route } from '../kernel/index.ts'

type Schema = Record<string, unknown>

const schema = (type: z.ZodType | undefined, io: 'input' | 'output'): Schema => {
  if (!type) return {}
  const { $schema: _, ...rest } = z.toJSONSchema(type, { io, unrepresentable: 'any' })
  return rest
}

const media = { api: 'application/json', fhir: 'application/fhir+json' } as const
const secured = [{ session: [] }, { token: [] }]

/** The parameters of one place, each with the schema that it is checked by. */
function parameters(place: 'path' | 'query', type: z.ZodType | undefined, names: readonly string[]): Schema[] {
  const { properties = {}, required = [] } = schema(type, 'input') as {
    properties?: Record<string, Schema>
    required?: string[]
  }
  return [...new Set([...names, ...Object.keys(properties)])].map((name) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: properties[name] ?? { type: 'string' },
  }))
}

function operation(one: Route): Schema {
  const type = media[one.style]
  const names = [...one.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  const content = (of: Schema) => ({ content: { [type]: { schema: of } } })
  return {
    operationId: `${one.method.toLowerCase()}${one.path.replace(/[^\w]+/g, '_')}`,
    summary: one.summary,
    'x-access': typeof one.access === 'string' ? one.access : one.access.permission,
    security: one.access === 'public' ? [] : secured,
    parameters: [...parameters('path', one.params, names), ...parameters('query', one.query, [])],
    ...(one.body ? { requestBody: { required: true, ...content(schema(one.body, 'input')) } } : {}),
    responses: {
      '2XX': { description: 'Done', ...content(schema(one.reply, 'output')) },
      default: {
        description: 'Refused: a code, and the path of each fault',
        ...content({ $ref: `#/components/schemas/${one.style === 'fhir' ? 'OperationOutcome' : 'Refusal'}` }),
      },
    },
  }
}

const text = { type: 'string' }
const components = {
  securitySchemes: {
    session: { type: 'apiKey', in: 'cookie', name: 'tl_session' },
    token: { type: 'http', scheme: 'bearer' },
  },
  schemas: {
    Refusal: {
      type: 'object',
      required: ['error'],
      properties: {
        error: {
          type: 'object',
          required: ['code', 'message', 'faults'],
          properties: {
            code: text,
            message: text,
            request: text,
            faults: {
              type: 'array',
              items: {
                type: 'object',
                required: ['path', 'message'],
                properties: { path: text, message: text, code: text },
              },
            },
          },
        },
      },
    },
    OperationOutcome: {
      type: 'object',
      description: 'http://hl7.org/fhir/R4/operationoutcome.html',
      required: ['resourceType', 'issue'],
      properties: {
        resourceType: { const: 'OperationOutcome' },
        issue: { type: 'array', items: { type: 'object' } },
      },
    },
  },
}

/** OpenAPI 3.1 of the routes, from the schemas that they are checked by. */
export function openApi(routes: readonly Route[], version: string): unknown {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const one of routes) {
    const path = one.path.replace(/:(\w+)/g, '{$1}')
    paths[path] ??= {}
    paths[path][one.method.toLowerCase()] = operation(one)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Throughline', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components,
  }
}
