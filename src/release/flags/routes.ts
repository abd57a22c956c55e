import { z } from 'zod'
import { recordAccess } from '../../audit/index.ts'
import { flags as shapes } from '../../contracts/index.ts'
import type { Database, Tx } from '../../db/index.ts'
import { type CallContext, type Route, route } from '../../kernel/index.ts'
import { refuse } from '../errors.ts'
import { changeFlag, confirmChange, dropChange, listFlags, makeFlag, readFlagHistory, undoChange } from './changes.ts'

const key = z.object({ key: z.string().max(80) })
const id = z.object({ id: z.string().max(80) })
const nobodys = { nothing: 'about programs and their rules, and nobody’s data' } as const

/** Flags: what they hold down, who answers for them, and every change with its reason. `roles`: those that may answer for one. */
export function flagRoutes({ database, roles }: { database: Database; roles: readonly string[] }): Route[] {
  const inTx = <T>(context: CallContext, work: (tx: Tx) => Promise<T>) => database.transaction(context.tenant, work)
  const kept = <T extends { automation: string }>(context: CallContext, code: string, work: (tx: Tx) => Promise<T>) =>
    inTx(context, async (tx) => {
      const done = await work(tx)
      const about = [{ kind: 'automation', id: done.automation }]
      await recordAccess(tx, context, [{ action: 'U', code, entities: [], about }])
      return done
    })
  const known = (asked: { owner?: string | undefined; clinicalOwner?: string | undefined }) => {
    for (const path of ['owner', 'clinicalOwner'] as const) {
      const role = asked[path]
      if (role !== undefined && !roles.includes(role))
        throw refuse('role-unknown', { faults: [{ path, message: `there is no role ${role}` }] })
    }
  }
  return [
    route({
      method: 'GET',
      path: '/api/flags',
      summary: 'What holds automations down, until when, and who answers for it',
      access: { permission: 'release.read' },
      style: 'api',
      audits: nobodys,
      reply: shapes.flagList,
      handle: async (context) => ({ body: await inTx(context, (tx) => listFlags(tx, context.clock.now())) }),
    }),
    route({
      method: 'GET',
      path: '/api/flags/:key',
      summary: 'A flag with its changes, newest first',
      access: { permission: 'release.read' },
      style: 'api',
      audits: nobodys,
      params: key,
      reply: shapes.flagHistory,
      handle: async (context, { params }) => ({
        body: await inTx(context, (tx) => readFlagHistory(tx, params.key, context.clock.now())),
      }),
    }),
    route({
      method: 'POST',
      path: '/api/flags',
      summary: 'Make a flag; it holds its automation down from now on',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['flag-changed'],
      body: shapes.newFlag,
      reply: shapes.flagChanged,
      handle: async (context, { body }) => {
        known(body)
        const { key: name, reason, ...flag } = body
        const { change, waits } = await kept(context, 'flag-changed', (tx) => makeFlag(tx, context, name, flag, reason))
        return { status: 201, body: { change, waits } }
      },
    }),
    route({
      method: 'POST',
      path: '/api/flags/:key/changes',
      summary: 'Change a flag: at once where it holds down further, with a second person where it lets do more',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['flag-changed'],
      params: key,
      body: shapes.flagChange,
      reply: shapes.flagChanged,
      handle: async (context, { params, body }) => {
        const { reason, ...asked } = body
        if (!('remove' in asked)) known(asked)
        const { change, waits } = await kept(context, 'flag-changed', (tx) =>
          changeFlag(tx, context, params.key, asked, reason),
        )
        return { status: 201, body: { change, waits } }
      },
    }),
    route({
      method: 'POST',
      path: '/api/flags/changes/:id/confirm',
      summary: 'Let a change of a flag happen that somebody else asked for',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['flag-confirmed'],
      params: id,
      handle: async (context, { params }) => {
        await kept(context, 'flag-confirmed', (tx) => confirmChange(tx, context, params.id))
        return { status: 204 }
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/flags/changes/:id',
      summary: 'Take back a change that waits',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['flag-change-dropped'],
      params: id,
      handle: async (context, { params }) => {
        await kept(context, 'flag-change-dropped', (tx) => dropChange(tx, context, params.id))
        return { status: 204 }
      },
    }),
    route({
      method: 'POST',
      path: '/api/flags/changes/:id/undo',
      summary: 'Put a flag back as it was before its last change',
      access: { permission: 'release.manage' },
      style: 'api',
      audits: ['flag-changed'],
      params: id,
      body: shapes.flagUndo,
      reply: shapes.flagChanged,
      handle: async (context, { params, body }) => {
        const { change, waits } = await kept(context, 'flag-changed', (tx) =>
          undoChange(tx, context, params.id, body.reason),
        )
        return { status: 201, body: { change, waits } }
      },
    }),
  ]
}
