import { isDeepStrictEqual } from 'node:util'
import type { Tx } from '../../db/index.ts'
import type { Job, JobHandler } from '../../jobs/index.ts'
import type { CallContext, TenantId } from '../../kernel/index.ts'
import { type Sight, sightOf } from '../guard.ts'
import { callOut, OutboundFailure } from '../outbound.ts'
import { type LoggedEvent, notificationBundle, type NotificationType, readEvents } from './notification.ts'
import { asAsker, type FlowDeps } from './seam.ts'
import { readStanding, setStatus, type Standing, subscriptionJob, systemContext } from './store.ts'

// Waits of 2 s doubling to 10 min: a receiver that was away for a day is given up.
const tries = 150
/** Failures in a row after which a subscription says `error`; it is tried on. */
const failuresToError = 3
// A job rests after so long, so that a shutdown waits for one notification only.
const longestRun = 20_000

interface Ready {
  standing: Standing
  type: NotificationType
  text: string
  entities: string[]
  patients?: string[]
  events: readonly LoggedEvent[]
  context: CallContext
}

/** What to send next; `idle` until a time (milliseconds) when there is nothing; `over` when there never will be. */
type Next = { kind: 'send'; ready: Ready } | { kind: 'idle'; until: number | undefined } | { kind: 'over'; why: string }

/** When the next heartbeat is due. */
export const heartbeatAt = ({ plan, sentAt }: Standing): number | undefined =>
  plan.heartbeat === null ? undefined : (sentAt?.getTime() ?? 0) + plan.heartbeat * 1000

/** The maker as they are now, and their sight; undefined when they may not act any more. */
export async function eyesOf(
  deps: FlowDeps,
  tx: Tx,
  standing: Standing,
): Promise<{ context: CallContext; sight: Sight | undefined } | undefined> {
  const actor = await deps.actorNow(tx, standing.maker)
  if (!actor) return undefined
  const context = asAsker(systemContext(tx, deps.clock, `subscription/${standing.id}`), actor)
  return { context, sight: await sightOf(deps, tx, context) }
}

export const isOver = (standing: Standing, now: number): string | undefined =>
  standing.plan.end !== null && Date.parse(standing.plan.end) <= now ? 'its end has come' : undefined

async function nextOf(deps: FlowDeps, tx: Tx, id: string): Promise<Next> {
  const standing = await readStanding(tx, id)
  if (!standing || standing.status === 'off') return { kind: 'idle', until: undefined }
  const now = deps.clock.now()
  const over = isOver(standing, now)
  if (over !== undefined) return { kind: 'over', why: over }
  const eyes = await eyesOf(deps, tx, standing)
  if (!eyes) return { kind: 'over', why: 'whoever made it may not see what it tells any more' }
  const { plan } = standing
  const send = async (type: NotificationType, events: readonly LoggedEvent[]): Promise<Next> => {
    const bundle = await notificationBundle(tx, standing, {
      base: deps.baseUrl,
      clock: deps.clock,
      type,
      events,
      content: plan.content,
      sight: eyes.sight,
      ...(type === 'event-notification' ? { status: 'active' as const } : {}),
    })
    return { kind: 'send', ready: { standing, type, events, context: eyes.context, ...bundle } }
  }
  if (!standing.shaken) return send('handshake', [])
  // A websocket is served by whoever holds the line.
  if (plan.channel === 'websocket') return { kind: 'idle', until: undefined }
  const events = await readEvents(tx, id, {
    after: standing.sentNumber,
    upTo: standing.lastNumber,
    most: plan.maxCount,
  })
  if (events.length > 0) return send('event-notification', events)
  const beat = heartbeatAt(standing)
  if (beat !== undefined && beat <= now) return send('heartbeat', [])
  return { kind: 'idle', until: beat }
}

async function hand(deps: FlowDeps, tenant: TenantId, ready: Ready): Promise<void> {
  const { standing, text, type, events } = ready
  const { plan } = standing
  if (plan.channel === 'websocket') return
  if (plan.channel === 'email') {
    const last = events.at(-1)?.number ?? standing.lastNumber
    return deps.mail(tenant, {
      key: `${standing.id}.${type}.${type === 'heartbeat' ? deps.clock.now() : last}`,
      address: plan.endpoint.slice('mailto:'.length),
      ...letter(deps, ready),
    })
  }
  const answer = await callOut(deps.outbound, {
    method: 'POST',
    url: plan.endpoint,
    headers: {
      ...Object.fromEntries(plan.headers),
      'content-type': 'application/fhir+json',
      accept: 'application/fhir+json',
    },
    body: text,
    timeout: plan.timeout * 1000,
  })
  // Whatever the receiver says beside its status is not read; a short answer is, so that the connection can be kept.
  answer.on('error', () => {})
  if (Number(answer.headers['content-length'] ?? 0) > 65_536) answer.destroy()
  else answer.resume()
  const status = answer.statusCode ?? 0
  if (status < 200 || status > 299) throw new OutboundFailure(`the receiver answered ${status}`)
}

/** What an e-mail says: numbers and, if asked for, references. Never content. */
function letter(deps: FlowDeps, { standing, type, events }: Ready): { subject: string; text: string } {
  const where = `${deps.baseUrl}/Subscription/${standing.id}`
  if (type === 'handshake')
    return { subject: 'Notifications begin', text: `This address receives the notifications of\n${where}\n` }
  if (type === 'heartbeat')
    return { subject: 'No news', text: `Nothing has happened since event ${standing.lastNumber} of\n${where}\n` }
  const numbers = events.map(({ number, type: of, id }) =>
    standing.plan.content === 'empty' ? `Event ${number}` : `Event ${number}: ${deps.baseUrl}/${of}/${id}`,
  )
  return {
    subject: events.length === 1 ? '1 event' : `${events.length} events`,
    text: `${numbers.join('\n')}\n\nof ${where}\n`,
  }
}

/** Writes that a notification was taken; not when the subscription asks for something else by now. */
export async function noteSent(deps: FlowDeps, tx: Tx, ready: Ready): Promise<void> {
  const { standing, type, events, entities, patients } = ready
  const now = await readStanding(tx, standing.id)
  if (!now || now.status === 'off' || !isDeepStrictEqual(now.plan, standing.plan)) return
  if (now.status !== 'active') await setStatus(tx, deps, standing.id, 'active', null)
  await tx.run({
    name: 'fhir-subscription-sent',
    text: `
      update fhir_subscription set sent_number = greatest(sent_number, $3), shaken = true, failures = 0,
        last_error = null, last_error_at = null, sent_at = $4
      where tenant_id = $1 and id = $2`,
    values: [tx.tenant, standing.id, events.at(-1)?.number ?? now.sentNumber, new Date(deps.clock.now())],
  })
  if (type === 'event-notification' && entities.length > 0)
    await deps.audit(tx, ready.context, {
      action: 'R',
      interaction: 'notification',
      entities,
      ...(patients ? { patients } : {}),
    })
}

/** The words of a failure that may be shown: nothing that the receiver sent. */
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown').slice(0, 200)

async function noteFailure(deps: FlowDeps, tx: Tx, id: string, error: unknown): Promise<void> {
  const [row] = await tx.query<{ failures: number; shaken: boolean; status: string }>({
    name: 'fhir-subscription-failed',
    text: `
      update fhir_subscription set failures = failures + 1, last_error = $3, last_error_at = $4
      where tenant_id = $1 and id = $2 and status <> 'off' returning failures, shaken, status`,
    values: [tx.tenant, id, wordsOf(error), new Date(deps.clock.now())],
  })
  // A handshake that fails is an error at once (Subscriptions R5 Backport 1.1, Channels).
  if (row && row.status !== 'error' && (!row.shaken || row.failures >= failuresToError))
    await setStatus(tx, deps, id, 'error', wordsOf(error))
}

/**
 * Sends a subscription's notifications, one after the other: a standing job a subscription, so that two of them never
 * overtake each other. What is not taken stays where it is and is tried again with growing waits.
 */
export function createDeliverHandler(deps: FlowDeps): JobHandler {
  const { database, clock } = deps
  const idOf = (job: Job) => String(job.payload['reference']).slice('Subscription/'.length)
  return {
    kind: subscriptionJob,
    tries,
    atOnce: 16,
    async perform(tenant, job, signal) {
      const id = idOf(job)
      const began = clock.now()
      for (;;) {
        const next = await database.transaction(tenant, (tx) => nextOf(deps, tx, id))
        if (next.kind === 'over')
          return async (tx) => {
            await setStatus(tx, deps, id, 'off', next.why)
          }
        if (next.kind === 'idle') return (tx) => rest(deps, tx, id, next.until)
        try {
          await hand(deps, tenant, next.ready)
        } catch (error) {
          await database.transaction(tenant, (tx) => noteFailure(deps, tx, id, error))
          throw new Error(wordsOf(error), { cause: error })
        }
        await database.transaction(tenant, (tx) => noteSent(deps, tx, next.ready))
        if (signal.aborted || clock.now() - began > longestRun) return async () => ({ again: clock.now() })
      }
    },
    async givenUp(tx, job) {
      await setStatus(tx, deps, idOf(job), 'off', 'the receiver was not reached for a day')
    },
  }
}

/** Under the row's lock, which whoever adds an event holds too: nothing is added between this look and the job's rest. */
async function rest(
  deps: FlowDeps,
  tx: Tx,
  id: string,
  until: number | undefined,
): Promise<{ again: number } | undefined> {
  const standing = await readStanding(tx, id, 'for update')
  if (!standing || standing.status === 'off') return undefined
  const waiting =
    !standing.shaken || (standing.plan.channel !== 'websocket' && standing.lastNumber > standing.sentNumber)
  if (waiting) return { again: deps.clock.now() }
  const end = standing.plan.end === null ? undefined : Date.parse(standing.plan.end)
  const times = [until, end].filter((time) => time !== undefined)
  return times.length === 0 ? undefined : { again: Math.min(...times) }
}
