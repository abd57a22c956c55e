import { z } from 'zod'
import { api } from '../contracts/index.ts'
import { type Route, route } from '../kernel/index.ts'
import type { Localized } from '../pathways/index.ts'
import { pictureOf } from './pathway-words.ts'
import { type DeskDependencies, iso } from './desk.ts'
import { refuse } from './errors.ts'

export function pathwayRoutes(dependencies: DeskDependencies): Route[] {
  const { database, pathways } = dependencies
  return [
    route({
      method: 'GET',
      path: '/api/pathways',
      summary: 'Pathways and their versions',
      access: { permission: 'pathways.read' },
      style: 'api',
      audits: { nothing: 'pathways, and no patient' },
      reply: api.pathwayList,
      handle: (context) =>
        database.transaction(context.tenant, async (tx) => {
          const rows = await tx.query<{
            id: string
            active: number
            version: number
            status: string
            note: string
            published_at: Date
            published_by: string
            title: Localized
            running: number
          }>({
            text: `select p.id, p.active_version as active, v.version, v.status, v.note, v.published_at, v.published_by, v.definition->'title' as title,
                     (select count(*)::int from journey j where j.tenant_id = $1 and j.pathway = p.id and j.version = v.version and j.status = 'active') as running
                   from pathway p join pathway_version v on v.tenant_id = p.tenant_id and v.pathway = p.id
                   where p.tenant_id = $1 order by p.id, v.version desc`,
            values: [tx.tenant],
          })
          const ids = [...new Set(rows.map((row) => row.id))]
          const items = ids.map((id) => {
            const own = rows.filter((row) => row.id === id)
            const active = own.find((row) => row.version === row.active)
            return {
              id,
              title: active?.title ?? { en: id, fr: id },
              activeVersion: active?.version ?? 0,
              versions: own.map(({ version, status, note, published_at, published_by, running }) => ({
                version,
                status,
                note,
                publishedAt: iso(published_at),
                by: published_by,
                running,
              })),
            }
          })
          const running = (item: (typeof items)[number]) => item.versions.reduce((sum, one) => sum + one.running, 0)
          // The busiest first: it is the one people come for.
          return { body: { items: items.toSorted((a, b) => running(b) - running(a)) } }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/pathways/:id/versions/:version',
      summary: 'A version: its picture and its source',
      access: { permission: 'pathways.read' },
      style: 'api',
      audits: { nothing: 'a pathway, and no patient' },
      params: z.object({ id: z.string(), version: z.coerce.number().int() }),
      reply: api.pathwayVersion,
      handle: (context, { params }) =>
        database.transaction(context.tenant, async (tx) => {
          const [row] = await tx.query<{ source: string; status: string }>({
            text: 'select source, status from pathway_version where tenant_id = $1 and pathway = $2 and version = $3',
            values: [tx.tenant, params.id, params.version],
          })
          if (!row)
            throw refuse('pathway-not-found', { faults: [{ path: 'params', message: 'no pathway has this version' }] })
          const { definition } = await pathways.version(tx, params.id, params.version)
          return {
            body: {
              id: params.id,
              version: params.version,
              status: row.status,
              title: definition.title,
              description: definition.description ?? null,
              source: row.source,
              graph: pictureOf(definition),
              findings: await pathways.check(tx, row.source),
            },
          }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/pathways/check',
      summary: 'What the checker says of a source; nothing is stored',
      access: { permission: 'pathways.read' },
      style: 'api',
      audits: { nothing: 'stores nothing and shows nothing but what was sent' },
      body: z.object({ source: z.string().max(400_000) }),
      handle: (context, { body }) =>
        database.transaction(context.tenant, async (tx) => ({
          body: { findings: await pathways.check(tx, body.source) },
        })),
    }),
    route({
      method: 'POST',
      path: '/api/pathways',
      summary: 'Publish a source as the next active version; journeys that run stay on theirs',
      access: { permission: 'pathways.publish' },
      style: 'api',
      audits: ['pathway-published'],
      body: z.object({ source: z.string().max(400_000), note: z.string().trim().min(1).max(500) }),
      handle: (context, { body }) =>
        database.transaction(context.tenant, async (tx) => {
          const published = await pathways.publish(tx, context, body.source, body.note)
          await dependencies.audit(tx, context, [{ action: 'C', code: 'pathway-published', entities: [] }])
          return { status: published.changed ? 201 : 200, body: published }
        }),
    }),
  ]
}
