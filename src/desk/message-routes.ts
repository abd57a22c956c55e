import { z } from 'zod'
import type { Sight } from '../access/index.ts'
import { api, type MessageItem } from '../contracts/index.ts'
import type { Tx } from '../db/index.ts'
import { type Bind, mayUse, prepared } from '../fhir/index.ts'
import { discardDeadLetter, listDeadLetters, retryDeadLetter } from '../jobs/index.ts'
import { type Route, route } from '../kernel/index.ts'
import { type DeskDependencies, iso, patientsOf } from './desk.ts'
import { refuse } from './errors.ts'
import { silenceOf } from './silence.ts'
import { whyOf } from './work-views.ts'

interface MessageRow {
  id: string
  status: string
  channel: string | null
  recipient: string | null
  template: string
  subject: string | null
  patient: string | null
  journey: string | null
  created_at: Date
  sent_at: Date | null
}

const columns = 'id, status, channel, recipient, template, subject, patient, journey, created_at, sent_at'

async function toItems(
  tx: Tx,
  { record }: DeskDependencies,
  rows: readonly MessageRow[],
  sight: Sight | undefined,
): Promise<MessageItem[]> {
  const patients = await patientsOf(
    tx,
    record,
    rows.map((row) => row.patient),
    sight,
  )
  return rows.map((row) => {
    const patient = patients.get(row.patient ?? '')
    return {
      id: row.id,
      status: row.status,
      channel: row.channel,
      to: row.recipient === null || row.recipient === row.patient ? 'patient' : 'referrer',
      patient: patient ? { id: patient.id, name: patient.name } : null,
      template: row.template,
      subject: row.subject,
      at: iso(row.created_at),
      sentAt: row.sent_at === null ? null : iso(row.sent_at),
      journey: row.journey,
    }
  })
}

/** SQL to be and-ed: `m`, a row of message, is a Communication that the caller may see. */
function seenMessages(sight: Sight | undefined, values: unknown[]): string {
  const bind: Bind = (value, type) => `$${values.push(value)}::${type}`
  return sight ? ` and (${sight.visible('search')('Communication', 'm', bind)})` : ''
}

export async function messagesOfJourney(
  tx: Tx,
  dependencies: DeskDependencies,
  journey: string,
  sight: Sight | undefined,
): Promise<MessageItem[]> {
  const values: unknown[] = [tx.tenant, journey]
  const text = `select ${columns} from message m where m.tenant_id = $1 and m.journey = $2${seenMessages(sight, values)} order by m.created_at, m.id`
  return toItems(tx, dependencies, await tx.query<MessageRow>(prepared({ text, values })), sight)
}

export function messageRoutes(dependencies: DeskDependencies): Route[] {
  const { database, record } = dependencies
  return [
    route({
      method: 'GET',
      path: '/api/messages',
      summary: 'The outbox, newest first',
      access: { permission: 'messages.read' },
      style: 'api',
      audits: ['outbox-list'],
      query: z.object({
        status: z.enum(['preparation', 'completed', 'stopped', 'not-done']).optional(),
        after: z.string().max(200).optional(),
      }),
      reply: api.messageList,
      handle: (context, { query }) =>
        database.transaction(context.tenant, async (tx) => {
          const [at = '', id = ''] = query.after?.split(' ') ?? []
          const sight = await dependencies.sight(tx, context)
          const values: unknown[] = [tx.tenant, query.status ?? null, Number.isNaN(Date.parse(at)) ? '' : at, id]
          const rows = await tx.query<MessageRow>(
            prepared({
              text: `select ${columns} from message m where m.tenant_id = $1 and ($2::text is null or m.status = $2) and ($3 = '' or (m.created_at, m.id) < ($3::timestamptz, $4))${seenMessages(sight, values)}
                     order by m.created_at desc, m.id desc limit 51`,
              values,
            }),
          )
          const counted: unknown[] = [tx.tenant]
          const counts = await tx.query<{ status: string; n: number }>(
            prepared({
              text: `select m.status, count(*)::int as n from message m where m.tenant_id = $1${seenMessages(sight, counted)} group by m.status`,
              values: counted,
            }),
          )
          const page = rows.slice(0, 50)
          const last = page.at(-1)
          await dependencies.audit(tx, context, [
            { action: 'R', code: 'outbox-list', entities: page.map((row) => `Communication/${row.id}`) },
          ])
          return {
            body: {
              items: await toItems(tx, dependencies, page, sight),
              counts: Object.fromEntries(counts.map((row) => [row.status, row.n])),
              next: rows.length > 50 && last ? `${iso(last.created_at)} ${last.id}` : null,
            },
          }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/messages/:id',
      summary: 'A message as it was sent, and why',
      access: { permission: 'messages.read' },
      style: 'api',
      audits: ['message-read'],
      params: z.object({ id: z.string() }),
      reply: api.messageDetail,
      handle: (context, { params }) =>
        database.transaction(context.tenant, async (tx) => {
          const rows = await tx.query<MessageRow>({
            text: `select ${columns} from message where tenant_id = $1 and id = $2`,
            values: [tx.tenant, params.id],
          })
          const sight = await dependencies.sight(tx, context)
          const [item] = await toItems(tx, dependencies, rows, sight)
          const open = await mayUse(tx, sight, 'read', `Communication/${params.id}`)
          const message = open ? await record.read(tx, `Communication/${params.id}`) : undefined
          if (!item || message?.resourceType !== 'Communication')
            throw refuse('message-not-found', { faults: [{ path: 'id', message: 'no message has this id' }] })
          await dependencies.audit(tx, context, [
            { action: 'R', code: 'message-read', entities: [`Communication/${params.id}`] },
          ])
          return {
            body: {
              ...item,
              text: message.payload?.[1]?.contentString ?? null,
              reason: message.statusReason?.text ?? null,
              silence: silenceOf(message, context.locale, dependencies.library.calendar.zone),
              why: await whyOf(tx, dependencies, context, item.journey ?? undefined, params.id),
            },
          }
        }),
    }),
    route({
      method: 'GET',
      path: '/api/dead-letters',
      summary: 'What could not be done outside, for a person to look at',
      access: { permission: 'messages.read' },
      style: 'api',
      audits: { nothing: 'references of jobs, and no patient' },
      reply: api.deadLetters,
      handle: async (context) => ({ body: { items: await database.transaction(context.tenant, listDeadLetters) } }),
    }),
    ...(['retry', 'discard'] as const).map((name) =>
      route({
        method: 'POST',
        path: `/api/dead-letters/:id/${name}`,
        summary: name === 'retry' ? 'Send a dead letter again' : 'Lay a dead letter aside',
        access: { permission: 'jobs.manage' },
        style: 'api',
        audits: [`dead-letter-${name}`],
        params: z.object({ id: z.string() }),
        handle: (context, { params }) =>
          database.transaction(context.tenant, async (tx) => {
            await (name === 'retry' ? retryDeadLetter : discardDeadLetter)(tx, context.clock, params.id)
            await dependencies.audit(tx, context, [{ action: 'U', code: `dead-letter-${name}`, entities: [] }])
            return { body: {} }
          }),
      }),
    ),
  ]
}
