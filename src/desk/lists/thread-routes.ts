import type { Communication, Task } from '@medplum/fhirtypes'
import { z } from 'zod'
import { lists } from '../../contracts/index.ts'
import type { Tx } from '../../db/index.ts'
import { replyTo } from '../../engagement/index.ts'
import { mayUse } from '../../fhir/index.ts'
import { enqueueJobs } from '../../jobs/index.ts'
import { type CallContext, newId, type Route, route } from '../../kernel/index.ts'
import { taskNotFound } from '../../work/index.ts'
import { type DeskDependencies, iso } from '../desk.ts'
import { refuse } from '../errors.ts'

const params = z.object({ id: z.string() })
const isPatients = (reference: string | undefined): boolean => /^(?:Patient|RelatedPerson)\//.test(reference ?? '')

/** The messages with a task's patient, both ways, and an answer to one of them. */
export function threadRoutes(dependencies: DeskDependencies): Route[] {
  const { database, record } = dependencies
  return [
    route({
      method: 'GET',
      path: '/api/work/:id/messages',
      summary: 'The last messages with a task’s patient, both ways, newest first',
      access: { permission: 'messages.read' },
      style: 'api',
      audits: ['work-messages'],
      params,
      reply: lists.thread,
      handle: (context, request) =>
        database.transaction(context.tenant, async (tx) => {
          const task = await taskOf(tx, context, request.params.id)
          return { body: { items: await threadOf(tx, context, task) } }
        }),
    }),
    route({
      method: 'POST',
      path: '/api/work/:id/reply',
      summary: 'Answers a message of a task’s patient in one’s own words; it is sent as it is written',
      access: { permission: 'work.act' },
      style: 'api',
      audits: ['work-reply'],
      params,
      body: z.object({
        to: z.string().regex(/^[A-Za-z0-9.-]{1,64}$/),
        text: z.string().trim().min(1).max(1_200),
      }),
      reply: lists.thread,
      handle: (context, request) =>
        database.transaction(context.tenant, async (tx) => {
          const task = await taskOf(tx, context, request.params.id)
          const sight = await dependencies.sight(tx, context)
          const place = `Communication/${request.body.to}`
          const asked = (await mayUse(tx, sight, 'read', place)) ? await record.read(tx, place) : undefined
          const patient = task.for?.reference
          if (asked?.resourceType !== 'Communication' || patient === undefined || !isFrom(asked, patient))
            throw refuse('message-not-found', {
              faults: [{ path: 'to', message: 'no message of this patient has this id' }],
            })
          const { reference } = context.actor
          if (reference === undefined)
            throw refuse('access-denied', { faults: [{ path: 'account', message: 'is linked to no practitioner' }] })
          const { message, job } = replyTo({
            id: newId(context.clock),
            to: asked,
            patient,
            by: { reference, name: context.actor.name },
            text: request.body.text,
            now: context.clock.now(),
          })
          await record.write(tx, context, [{ interaction: 'create', resource: message }])
          await enqueueJobs(tx, context.clock, [job])
          await dependencies.audit(tx, context, [
            { action: 'C', code: 'work-reply', entities: [`Task/${task.id}`, `Communication/${message.id}`, patient] },
          ])
          return { status: 201, body: { items: await threadOf(tx, context, task) } }
        }),
    }),
  ]

  async function taskOf(tx: Tx, context: CallContext, id: string): Promise<Task> {
    const sight = await dependencies.sight(tx, context)
    const task = (await mayUse(tx, sight, 'read', `Task/${id}`)) ? await record.read(tx, `Task/${id}`) : undefined
    if (task?.resourceType !== 'Task') throw taskNotFound()
    return task
  }

  async function threadOf(tx: Tx, context: CallContext, task: Task) {
    const patient = task.for?.reference
    if (!patient?.startsWith('Patient/')) return []
    const visible = (await dependencies.sight(tx, context))?.visible('search')
    const query = new URLSearchParams({ subject: patient, _sort: '-sent', _count: '20' })
    const { resources } = await record.search(tx, 'Communication', query, { visible })
    const items = resources.flatMap((one) => (one.resourceType === 'Communication' ? [lineOf(one)] : []))
    await dependencies.audit(tx, context, [
      { action: 'R', code: 'work-messages', entities: [patient, ...items.map(({ id }) => `Communication/${id}`)] },
    ])
    return items
  }
}

const isFrom = (message: Communication, patient: string): boolean =>
  isPatients(message.sender?.reference) && (message.subject?.reference ?? message.sender?.reference) === patient

function lineOf(message: Communication) {
  const at = message.sent ?? message.received ?? message.meta?.lastUpdated
  const texts = (message.payload ?? []).flatMap(({ contentString }) => contentString ?? [])
  return {
    id: message.id ?? '',
    fromPatient: isPatients(message.sender?.reference),
    by: message.sender?.display ?? null,
    at: iso(Date.parse(at ?? '1970-01-01')),
    text: texts.findLast((text) => text !== '') ?? '',
    status: message.status,
    answers: message.inResponseTo?.[0]?.reference?.replace('Communication/', '') ?? null,
  }
}
