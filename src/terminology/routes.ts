import { z } from 'zod'
import { recordAccess } from '../audit/index.ts'
import { api } from '../contracts/index.ts'
import type { Database } from '../db/index.ts'
import { type Logger, type Route, route } from '../kernel/index.ts'
import { refuse } from './errors.ts'
import { isKind, kinds } from './kinds.ts'
import { beginLoad, confirmLicence } from './load-terminology.ts'
import { pickConcepts } from './pick-concepts.ts'
import type { ReleaseFolder } from './release-folder.ts'
import { ownTransactions, removeSystem } from './store-system.ts'

const piece = 16 * 1024 * 1024
const systemId = z.object({ id: z.coerce.number().int().positive().max(2_147_483_647) })
const read = { permission: 'terminology.read' }
const manage = { permission: 'terminology.manage' }
const noPatient = { nothing: 'codes and their meanings, and no patient' }

export interface TerminologyDependencies {
  database: Database
  log: Logger
  releases: ReleaseFolder
}

/** The console's: what is loaded, loads with their progress, and the search of pickers. */
export function terminologyRoutes({ database, log, releases }: TerminologyDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/terminology/search',
      summary: 'Concepts for a picker, the nearest first',
      access: read,
      style: 'api',
      audits: noPatient,
      query: z
        .object({
          text: z.string().max(200),
          system: z.string().max(400).optional(),
          valueSet: z.string().max(400).optional(),
          limit: z.coerce.number().int().min(1).max(100).default(20),
          language: z.string().max(10).optional(),
        })
        .refine((query) => (query.system === undefined) !== (query.valueSet === undefined), {
          message: 'names a system or a value set',
          path: ['system'],
        }),
      reply: api.conceptSearch,
      handle: (context, { query }) =>
        database.transaction(context.tenant, async (tx) => ({
          body: { items: await pickConcepts(tx, { ...query, language: query.language ?? context.locale }) },
        })),
    }),
    route({
      method: 'GET',
      path: '/api/terminology/systems',
      summary: 'The code systems that are here, each with its versions',
      access: read,
      style: 'api',
      audits: noPatient,
      reply: api.terminologySystems,
      handle: (context) =>
        database.transaction(context.tenant, async (tx) => {
          const rows = await tx.query<{ loaded_at: Date }>({
            text: `select id, url, version, title, kind, current, concepts, loaded_at from term_system
                   where tenant_id = $1 and ready order by kind = 'shipped', url, version desc`,
            values: [tx.tenant],
          })
          return {
            body: { items: rows.map(({ loaded_at, ...row }) => ({ ...row, loadedAt: loaded_at.toISOString() })) },
          }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/terminology/systems/:id/current',
      summary: 'Make a version the one that is meant when none is named',
      access: manage,
      style: 'api',
      audits: ['terminology-current'],
      params: systemId,
      handle: (context, { params }) =>
        database.transaction(context.tenant, async (tx) => {
          const changed = await tx.run({
            text: `update term_system s set current = (s.id = $2) from term_system one
                   where s.tenant_id = $1 and one.tenant_id = $1 and one.id = $2 and one.ready and s.url = one.url`,
            values: [tx.tenant, params.id],
          })
          if (changed === 0) throw systemNotFound()
          await recordAccess(tx, context, [
            {
              action: 'U',
              code: 'terminology-current',
              entities: [],
              about: [{ kind: 'terminology', id: String(params.id) }],
            },
          ])
          return { body: {} }
        }),
    }),
    route({
      method: 'DELETE',
      path: '/api/terminology/systems/:id',
      summary: 'Take a loaded version away',
      access: manage,
      style: 'api',
      audits: ['terminology-removed'],
      params: systemId,
      async handle(context, { params }) {
        await database.transaction(context.tenant, async (tx) => {
          const [row] = await tx.query<{ kind: string }>({
            text: 'select kind from term_system where tenant_id = $1 and id = $2 and ready',
            values: [tx.tenant, params.id],
          })
          // What is shipped or a resource of the record comes and goes with those.
          if (!row || !isKind(row.kind)) throw systemNotFound()
          await recordAccess(tx, context, [
            {
              action: 'D',
              code: 'terminology-removed',
              entities: [],
              about: [{ kind: 'terminology', id: String(params.id) }],
            },
          ])
        })
        await removeSystem(ownTransactions(database, context.tenant), params.id)
        return { body: {} }
      },
    }),
    route({
      method: 'GET',
      path: '/api/terminology/loads',
      summary: 'What can be loaded, the loads with their progress, and the files to load from',
      access: manage,
      style: 'api',
      audits: noPatient,
      reply: api.terminologyLoads,
      async handle(context) {
        const files = await releases.list(context.tenant)
        return database.transaction(context.tenant, async (tx) => {
          const confirmed = await tx.query<{ kind: string; name: string | null; by_account: string; at: Date }>({
            text: 'select kind, by_account, at from term_licence where tenant_id = $1',
            values: [tx.tenant],
          })
          const loads = await tx.query<{ started_at: Date; updated_at: Date; started_by: string }>({
            text: `select id, kind, source, status, phase, done, total, fault, started_by, started_at, updated_at from term_load
                   where tenant_id = $1 and kind <> 'shipped' order by started_at desc limit 50`,
            values: [tx.tenant],
          })
          return {
            body: {
              files,
              kinds: Object.entries(kinds).map(([kind, { title, from, notice }]) => {
                const own = confirmed.find((row) => row.kind === kind)
                return {
                  kind,
                  title,
                  from,
                  notice,
                  confirmed: own ? { by: own.by_account, at: own.at.toISOString() } : null,
                }
              }),
              loads: loads.map(({ started_at, updated_at, started_by, ...row }) => ({
                ...row,
                by: started_by,
                startedAt: started_at.toISOString(),
                updatedAt: updated_at.toISOString(),
              })),
            },
          }
        })
      },
    }),
    route({
      method: 'POST',
      path: '/api/terminology/licences',
      summary: 'Confirm that the organisation has the licence of a terminology',
      access: manage,
      style: 'api',
      audits: ['terminology-licence'],
      body: api.terminologyLicence,
      async handle(context, { body }) {
        await confirmLicence(database, context, body.kind)
        return { status: 201, body: {} }
      },
    }),
    route({
      method: 'POST',
      path: '/api/terminology/loads',
      summary: 'Begin to load a terminology from a file or folder of the terminology folder',
      access: manage,
      style: 'api',
      audits: ['terminology-load'],
      body: api.terminologyLoad,
      async handle(context, { body }) {
        const { file, ...asked } = body
        const { id } = await beginLoad({ database, log }, context, {
          ...asked,
          path: releases.path(context.tenant, file),
        })
        await database.transaction(context.tenant, (tx) =>
          recordAccess(tx, context, [
            { action: 'E', code: 'terminology-load', entities: [], about: [{ kind: 'terminology', id: body.kind }] },
          ]),
        )
        return { status: 202, body: { id } }
      },
    }),
    route({
      method: 'PUT',
      path: '/api/terminology/files/:name',
      summary: 'Send a piece of a file; `offset` is where it begins',
      access: manage,
      style: 'api',
      audits: { nothing: 'a file without patients; what is made of it is recorded when it is loaded' },
      bodyLimit: piece,
      query: z.object({ offset: z.coerce.number().int().nonnegative() }),
      params: z.object({ name: z.string() }),
      async handle(context, { params, query, body }) {
        if (!Buffer.isBuffer(body))
          throw refuse('parameter-invalid', { faults: [{ path: 'body', message: 'is not application/octet-stream' }] })
        return { body: { bytes: await releases.append(context.tenant, params.name, query.offset, body) } }
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/terminology/files/:name',
      summary: 'Take a file away',
      access: manage,
      style: 'api',
      audits: { nothing: 'a file without patients' },
      params: z.object({ name: z.string() }),
      async handle(context, { params }) {
        await releases.remove(context.tenant, params.name)
        return { body: {} }
      },
    }),
  ]
}

const systemNotFound = () =>
  refuse('code-system-unknown', { faults: [{ path: 'id', message: 'no code system has this id' }] })
