import { z } from 'zod'
import { api } from '../contracts/index.ts'
import { type Route, route } from '../kernel/index.ts'
import { fromFhir, parse, sourceOf, toFhir } from '../pathways/index.ts'
import { type DeskDependencies, iso } from './desk.ts'
import { refuse } from './errors.ts'

/** Pathways as FHIR, out and in. */
export function pathwayFhirRoutes({ database, pathways, library }: DeskDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/pathways/:id/versions/:version/fhir',
      summary: 'A version as a FHIR Bundle: PlanDefinition, ActivityDefinitions and the Questionnaires it names',
      access: { permission: 'pathways.read' },
      style: 'api',
      audits: { nothing: 'a pathway, and no patient' },
      params: z.object({ id: z.string(), version: z.coerce.number().int() }),
      handle: (context, { params }) =>
        database.transaction(context.tenant, async (tx) => {
          const [row] = await tx.query<{ source: string; status: 'active' | 'retired'; published_at: Date }>({
            text: 'select source, status, published_at from pathway_version where tenant_id = $1 and pathway = $2 and version = $3',
            values: [tx.tenant, params.id, params.version],
          })
          if (!row)
            throw refuse('pathway-not-found', { faults: [{ path: 'params', message: 'no pathway has this version' }] })
          // The source keeps the order of the steps, which the stored definition does not.
          const definition =
            parse(row.source).definition ?? (await pathways.version(tx, params.id, params.version)).definition
          const bundle = toFhir(definition, params.version, {
            status: row.status,
            date: iso(row.published_at),
            forms: library.forms,
          })
          const name = `${params.id}.${params.version}.json`
          return {
            headers: {
              'content-type': 'application/fhir+json; charset=utf-8',
              'content-disposition': `attachment; filename="${name}"`,
            },
            body: JSON.stringify(bundle, undefined, 2),
          }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/pathways/import',
      summary: 'What a FHIR Bundle or PlanDefinition is as a pathway, and what of it is left out; nothing is stored',
      access: { permission: 'pathways.read' },
      style: 'api',
      audits: { nothing: 'stores nothing and shows nothing but what was sent' },
      bodyLimit: 8 * 1024 * 1024,
      body: z.looseObject({ resourceType: z.string().max(64) }),
      reply: api.pathwayImport,
      handle: (context, { body }) =>
        database.transaction(context.tenant, async (tx) => {
          const [role] = library.roles
          const { definition, origin, report } = fromFhir(body, {
            owner: role?.id ?? 'owner',
            role: role?.id ?? 'owner',
          })
          const source = definition ? sourceOf(definition) : null
          return {
            body: {
              source,
              origin,
              report,
              findings: source === null ? [] : (await pathways.check(tx, { source })).findings,
            },
          }
        }),
    }),
  ]
}
