import { z } from 'zod'
import { api, importKinds, type StaffImport as ImportView } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { type CallContext, type Route, route, writeCsv } from '../kernel/index.ts'
import { shiftColumns } from '../scheduling/index.ts'
import {
  beginImport,
  importNotFound,
  licenceColumns,
  licenceTable,
  listImports,
  panelColumns,
  peopleColumns,
  peopleTable,
  readImport,
  readLines,
  type StaffImport,
  takeImport,
  undoImport,
} from '../work/index.ts'
import { type DeskDependencies, iso } from './desk.ts'

const id = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/)
const access = { permission: 'work.manage' }
const nothing = { nothing: 'the house’s own people; a panel is shown to whoever brought it alone' }

/** Files of people, licences, times and panels: read, shown line by line, taken whole or not at all, and undone. */
export function staffImportRoutes(dependencies: DeskDependencies): Route[] {
  const { database, record, routing } = dependencies

  const act = (
    name: 'take' | 'undo',
    summary: string,
    audit: string,
    does: (tx: Tx, context: CallContext, id: string) => Promise<void>,
  ) =>
    route({
      method: 'POST',
      path: `/api/team/imports/:id/${name}`,
      summary,
      access,
      style: 'api',
      audits: [audit],
      params: z.object({ id }),
      reply: api.staffImport,
      handle: (context, { params }) =>
        database.transaction(context.tenant, async (tx) => {
          await openTo(tx, context, params.id)
          await does(tx, context, params.id)
          await dependencies.audit(tx, context, [
            { action: 'U', code: audit, entities: [], about: [{ kind: 'staff-import', id: params.id }] },
          ])
          return { status: 202, body: viewOf(await openTo(tx, context, params.id)) }
        }),
    })

  return [
    route({
      method: 'GET',
      path: '/api/team/imports',
      summary: 'The newest files of people and what became of them',
      access,
      style: 'api',
      audits: nothing,
      reply: api.staffImports,
      handle: (context) =>
        database.reading(context.tenant, async (tx) => ({
          body: { items: (await listImports(tx)).filter((one) => isOpen(one, context)).map(viewOf) },
        })),
    }),
    route({
      method: 'POST',
      path: '/api/team/imports',
      summary: 'Have a file of people read: a CSV table, or Practitioner and PractitionerRole as a Bundle or NDJSON',
      access,
      style: 'api',
      audits: ['team-import-read'],
      bodyLimit: 16 * 1024 * 1024,
      body: z.object({
        what: z.enum(importKinds),
        name: z.string().trim().max(200).default(''),
        content: z.string().min(1).max(12_000_000),
      }),
      reply: api.staffImport,
      handle: (context, { body }) =>
        database.transaction(context.tenant, async (tx) => {
          const made = await beginImport(tx, context, body)
          await dependencies.audit(tx, context, [
            { action: 'E', code: 'team-import-read', entities: [], about: [{ kind: 'staff-import', id: made }] },
          ])
          return { status: 202, body: viewOf(await openTo(tx, context, made)) }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/team/imports/table',
      summary: 'A table to fill in, with the people or licences that there are; of times and panels its head',
      access,
      style: 'api',
      audits: nothing,
      query: z.object({ what: z.enum(['people', 'licences', 'shifts', 'panel']) }),
      handle: (context, { query }) =>
        database.reading(context.tenant, async (tx) => ({
          headers: {
            'content-type': 'text/csv; charset=utf-8',
            'content-disposition': `attachment; filename="${query.what}.csv"`,
          },
          body: await tableOf(tx, context, query.what),
        })),
    }),
    route({
      method: 'GET',
      path: '/api/team/imports/:id',
      summary: 'How far a file of people is, and what is wrong with it',
      access,
      style: 'api',
      audits: nothing,
      params: z.object({ id }),
      reply: api.staffImport,
      handle: (context, { params }) =>
        database.reading(context.tenant, async (tx) => ({ body: viewOf(await openTo(tx, context, params.id)) })),
    }),
    route({
      method: 'GET',
      path: '/api/team/imports/:id/lines',
      summary: 'What each line of a file of people would change, a hundred at a time',
      access,
      style: 'api',
      audits: nothing,
      params: z.object({ id }),
      query: z.object({
        after: z.coerce.number().int().min(0).default(0),
        act: z.enum(['new', 'changed', 'same']).optional(),
      }),
      reply: api.importLines,
      handle: (context, { params, query }) =>
        database.reading(context.tenant, async (tx) => {
          await openTo(tx, context, params.id)
          const items = await readLines(tx, params.id, query.after, query.act)
          return { body: { items, next: items.length < 100 ? null : (items.at(-1)?.line ?? null) } }
        }),
    }),
    act('take', 'Write what a file of people was shown to change', 'team-import', takeImport),
    act(
      'undo',
      'Undo what a file of people changed, as far as nobody has changed it since',
      'team-import-undo',
      undoImport,
    ),
  ]

  async function tableOf(
    tx: Tx,
    context: CallContext,
    what: 'people' | 'licences' | 'shifts' | 'panel',
  ): Promise<string> {
    const ids = async () =>
      (await routing.team(tx, context.clock.now())).map(({ reference }) => reference.slice('Practitioner/'.length))
    const all = ({ needed, optional }: { needed: readonly string[]; optional: readonly string[] }) => [
      ...needed,
      ...optional,
    ]
    if (what === 'people') return writeCsv(all(peopleColumns), await peopleTable(tx, record, await ids()))
    if (what === 'licences')
      return writeCsv(all(licenceColumns), await licenceTable(tx, { record, ontology: routing.ontology }, await ids()))
    return writeCsv(all(what === 'shifts' ? shiftColumns : panelColumns), [])
  }
}

/** Panels name patients: they are whoever’s brought them. */
const isOpen = ({ what, actor }: StaffImport, context: CallContext): boolean =>
  what !== 'panel' || (actor.kind === context.actor.kind && actor.id === context.actor.id)

async function openTo(tx: Tx, context: CallContext, asked: string): Promise<StaffImport> {
  const found = await readImport(tx, asked)
  if (!found || !isOpen(found, context)) throw importNotFound()
  return found
}

const viewOf = ({ counts, faults, actor, madeAt, ...one }: StaffImport): ImportView => ({
  id: one.id,
  what: one.what,
  name: one.name,
  state: one.state,
  done: one.done,
  total: one.total,
  counts: { new: counts.new ?? 0, changed: counts.changed ?? 0, same: counts.same ?? 0 },
  undone: counts.back === undefined ? null : { back: counts.back, stay: counts.stay ?? 0 },
  faults: faults.map((fault) => ({ ...fault, column: fault.column ?? null })),
  faultCount: one.faultCount,
  by: actor.name,
  at: iso(madeAt),
})
