import { z } from 'zod'
import { api, type AuditSeals } from '../contracts/index.ts'
import type { Database } from '../db/index.ts'
import { type CallContext, type Route, route, type TenantId } from '../kernel/index.ts'
import { extendChain } from './chain.ts'
import { indexAudit } from './index-audit.ts'
import { proveEvent } from './prove-event.ts'
import { recordAccess } from './record-access.ts'
import { searchAudit } from './search-audit.ts'
import type { Seals, SealState } from './seals.ts'

const word = z.string().min(1).max(200)
const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))

/** A log that takes longer than this to go through is answered meanwhile. Milliseconds. */
const soon = 5_000

/** The audit for the console: the list, the state of its checkpoints, and their verification. */
export function auditRoutes({ database, seals }: { database: Database; seals: Seals }): Route[] {
  const access = { permission: 'audit.read' }
  const standing = async (context: CallContext): Promise<AuditSeals> => {
    const { tenant } = context
    const [state, files] = await Promise.all([seals.state(tenant), seals.folder()])
    const [head] = await database.transaction(tenant, (tx) =>
      tx.query<{ link: string; hash: string }>({
        text: 'select link, hash from audit_link where tenant_id = $1 order by link desc limit 1',
        values: [tenant],
      }),
    )
    return sealsOf(
      state,
      { links: Number(head?.link ?? 0), head: head?.hash ?? '' },
      files.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    )
  }
  const running = new Map<TenantId, Promise<boolean>>()
  /** Whether the log holds; undefined when that is not known soon: it is gone through to its end all the same, once for all who ask. */
  async function verifySoon(tenant: TenantId): Promise<boolean | undefined> {
    const going =
      running.get(tenant) ??
      seals
        .verify(tenant)
        .then(({ ok }) => ok)
        .finally(() => running.delete(tenant))
    running.set(tenant, going)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((tell) => {
      timer = setTimeout(() => tell(undefined), soon)
    })
    // A failure after the answer is the log's to tell.
    going.catch(() => {})
    return Promise.race([going, late]).finally(() => clearTimeout(timer))
  }
  return [
    route({
      method: 'GET',
      path: '/api/audit',
      summary: 'Who did and saw what, newest first',
      access,
      style: 'api',
      audits: ['audit-read'],
      query: z.object({
        after: word.optional(),
        entity: word.optional(),
        actor: word.optional(),
        code: word.optional(),
        outcome: z.enum(['success', 'failure']).optional(),
        from: time.optional(),
        until: time.optional(),
      }),
      reply: api.audit,
      async handle(context, { query }) {
        const { tenant } = context
        // What was done a moment ago is to be found too.
        await extendChain(database, tenant)
        await indexAudit(database, tenant)
        const found = await database.transaction(tenant, async (tx) => {
          // Reading the log is logged, with the patient it was asked about.
          const page = await searchAudit(tx, query)
          await recordAccess(tx, context, [
            { action: 'R', code: 'audit-read', entities: query.entity === undefined ? [] : [query.entity] },
          ])
          return page
        })
        if (query.after !== undefined) return { body: { ...found, chain: null } }
        // The whole log is gone through at the start, and when somebody asks for it; not whenever the page is opened.
        if ((await seals.state(tenant)).verified === undefined) await verifySoon(tenant)
        const { state, links, head, firstBad, verified } = await standing(context)
        const chain = {
          verified: state !== 'broken',
          length: links,
          head,
          at: verified?.time ?? null,
          firstBad: firstBad?.link ?? null,
        }
        return { body: { ...found, chain } }
      },
    }),
    route({
      method: 'GET',
      path: '/api/audit/seals',
      summary: 'The state of the signed checkpoints',
      access,
      style: 'api',
      audits: { nothing: 'numbers and hashes of the log, and nothing of what it says' },
      reply: api.auditSeals,
      handle: async (context) => ({ body: await standing(context) }),
    }),
    route({
      method: 'POST',
      path: '/api/audit/verify',
      summary: 'Hold the whole log against its chain and its checkpoints, now',
      access,
      style: 'api',
      audits: ['audit-verify'],
      reply: api.auditSeals,
      async handle(context) {
        const ok = await verifySoon(context.tenant)
        await database.transaction(context.tenant, (tx) =>
          recordAccess(tx, context, [
            { action: 'E', code: 'audit-verify', entities: [], outcome: ok === false ? 'failure' : 'success' },
          ]),
        )
        // 202: it goes on; the state tells when it was last gone through.
        return { status: ok === undefined ? 202 : 200, body: await standing(context) }
      },
    }),
    route({
      method: 'GET',
      path: '/api/audit/:id/proof',
      summary: 'That one event is under a signed checkpoint, to be checked without the others',
      access,
      style: 'api',
      audits: ['audit-read'],
      params: z.object({ id: word }),
      reply: api.auditProof,
      async handle(context, { params }) {
        const files = await seals.folder()
        return database.transaction(context.tenant, async (tx) => {
          const proof = await proveEvent(tx, files, params.id)
          await recordAccess(tx, context, [{ action: 'R', code: 'audit-read', entities: [`AuditEvent/${params.id}`] }])
          return { body: proof }
        })
      },
    }),
  ]
}

const sealsOf = (state: SealState, now: { links: number; head: string }, publicKey: string): AuditSeals => ({
  state: state.state,
  ...now,
  last: state.last ?? null,
  checkpoints: state.checkpoints,
  sent: state.sent ?? null,
  firstBad: state.firstBad
    ? {
        link: state.firstBad.link,
        event: state.firstBad.event ?? null,
        fault: state.firstBad.fault,
        after: state.firstBad.after ?? null,
      }
    : null,
  files: state.files ?? null,
  verified: state.verified ?? null,
  publicKey,
})
