import { z } from 'zod'
import { safety as shapes } from '../../contracts/index.ts'
import type { Database } from '../../db/index.ts'
import { type Route, route } from '../../kernel/index.ts'
import type { HazardFile } from './hazards.ts'
import { listReleaseNotes, readReleaseNote } from './release-notes.ts'
import { modelCardOf, safetyCaseOf } from './safety-case.ts'

const one = z.object({ id: z.string().max(80) })
const version = one.extend({ version: z.coerce.number().int().min(1).max(1_000_000) })
const nobodys = { nothing: 'about programs and their rules, and nobody’s data' } as const

/** Why an automation is held to be safe enough, made from what is there now, and as it was at each release. */
export function safetyRoutes({ database, hazards }: { database: Database; hazards: readonly HazardFile[] }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/automations/:id/versions/:version/safety-case',
      summary: 'Hazards, controls, the tests that verify them, evidence, signers, and what is missing',
      access: { permission: 'release.read' },
      style: 'api',
      audits: nobodys,
      params: version,
      reply: shapes.safetyCase,
      handle: async (context, { params }) => ({
        body: await database.reading(context.tenant, (tx) =>
          safetyCaseOf(tx, hazards, { automation: params.id, version: params.version, now: context.clock.now() }),
        ),
      }),
    }),
    route({
      method: 'GET',
      path: '/api/automations/:id/versions/:version/model-card',
      summary: 'What a version is for, what it goes by, what it was fitted to, and how it does',
      access: { permission: 'release.read' },
      style: 'api',
      audits: nobodys,
      params: version,
      reply: shapes.modelCard,
      handle: async (context, { params }) => ({
        body: await database.reading(context.tenant, (tx) =>
          modelCardOf(tx, { automation: params.id, version: params.version, now: context.clock.now() }),
        ),
      }),
    }),
    route({
      method: 'GET',
      path: '/api/automations/:id/release-notes',
      summary: 'Safety cases as they were when a version rose or began to answer',
      access: { permission: 'release.read' },
      style: 'api',
      audits: nobodys,
      params: one,
      reply: shapes.releaseNoteList,
      handle: async (context, { params }) => ({
        body: await database.reading(context.tenant, (tx) => listReleaseNotes(tx, params.id)),
      }),
    }),
    route({
      method: 'GET',
      path: '/api/automations/release-notes/:id',
      summary: 'One safety case as it was written, with its hash',
      access: { permission: 'release.read' },
      style: 'api',
      audits: nobodys,
      params: one,
      reply: shapes.releaseNote,
      handle: async (context, { params }) => ({
        body: await database.reading(context.tenant, (tx) => readReleaseNote(tx, params.id)),
      }),
    }),
  ]
}
