import type { Tx } from '../../db/index.ts'
import { type Logger, type SocketLine, type SocketRoute, type TenantId, tenantId } from '../../kernel/index.ts'
import { eyesOf, heartbeatAt, isOver, noteSent } from './deliver.ts'
import { type LoggedEvent, notificationBundle, type NotificationType, readEvents } from './notification.ts'
import type { FlowDeps } from './seam.ts'
import { socketPath, subscriptionOfToken } from './socket-token.ts'
import { readStanding, type Standing } from './store.ts'

const bindWithin = 10_000
const lookEvery = 1_000
const mostBindings = 50

/** One subscription on one line: it has its own place in the log, so two lines do not take events from each other. */
interface Binding {
  line: SocketLine
  tenant: TenantId
  subscription: string
  sent: number
  /** A look is under way; another one is wanted after it. */
  busy: boolean
  again: boolean
}

export interface Sockets extends SocketRoute {
  start(): Promise<void>
  stop(): Promise<void>
}

/**
 * Notifications by websocket (Subscriptions R5 Backport 1.1, Channels): a line is bound with `bind-with-token <token>`, is
 * answered with a handshake, and gets what was not sent before and all that comes. Each node serves the lines it holds.
 */
export function createSockets(deps: FlowDeps & { log: Logger }): Sockets {
  const { database, clock, log } = deps
  const bindings = new Set<Binding>()
  const lines = new Set<SocketLine>()

  async function bundle(tx: Tx, standing: Standing, type: NotificationType, events: readonly LoggedEvent[]) {
    const eyes = await eyesOf(deps, tx, standing)
    if (!eyes) return undefined
    const made = await notificationBundle(tx, standing, {
      base: deps.baseUrl,
      clock,
      type,
      events,
      content: standing.plan.content,
      sight: eyes.sight,
      status: 'active',
    })
    return { ...made, context: eyes.context }
  }

  /** Sends one notification if there is one to send; true: look again at once. */
  async function step(binding: Binding, handshake: boolean): Promise<boolean> {
    const { line, tenant, subscription } = binding
    const ready = await database.transaction(tenant, async (tx) => {
      const standing = await readStanding(tx, subscription)
      if (!standing || standing.status === 'off' || standing.plan.channel !== 'websocket') return 'over'
      if (isOver(standing, clock.now()) !== undefined) return 'over'
      const events = handshake
        ? []
        : await readEvents(tx, subscription, {
            after: binding.sent,
            upTo: standing.lastNumber,
            most: standing.plan.maxCount,
          })
      const beat = heartbeatAt(standing)
      if (!handshake && events.length === 0 && (beat === undefined || beat > clock.now())) return 'idle'
      const type = handshake ? 'handshake' : events.length > 0 ? 'event-notification' : 'heartbeat'
      const made = await bundle(tx, standing, type, events)
      return made ? ({ standing, type, events, ...made } as const) : 'over'
    })
    if (ready === 'idle') return false
    if (ready === 'over' || !line.send(ready.text)) {
      bindings.delete(binding)
      if (![...bindings].some((other) => other.line === line)) line.close()
      return false
    }
    binding.sent = ready.events.at(-1)?.number ?? binding.sent
    await database.transaction(tenant, (tx) => noteSent(deps, tx, ready))
    return ready.type === 'event-notification'
  }

  function look(binding: Binding, handshake = false): void {
    if (binding.busy) {
      binding.again = true
      return
    }
    binding.busy = true
    void (async () => {
      let first = handshake
      do {
        binding.again = false
        // Only while it is bound: a line that closed gets nothing, and its events stay unsent.
        while (bindings.has(binding) && (await step(binding, first))) first = false
        first = false
      } while (binding.again && bindings.has(binding))
    })()
      .catch((error: unknown) =>
        log.warn(
          { code: 'socket', error: error instanceof Error ? error.message : 'unknown' },
          'a notification could not be sent by websocket',
        ),
      )
      .finally(() => {
        binding.busy = false
      })
  }

  async function bind(line: SocketLine, token: string): Promise<boolean> {
    const cut = token.indexOf('.')
    let tenant: TenantId
    try {
      tenant = tenantId(token.slice(0, cut))
    } catch {
      return false
    }
    const standing = await database.transaction(tenant, async (tx) => {
      const id = await subscriptionOfToken(tx, token.slice(cut + 1), clock.now())
      return id === undefined ? undefined : readStanding(tx, id)
    })
    if (!standing || !lines.has(line)) return false
    const former = [...bindings].find((one) => one.line === line && one.subscription === standing.id)
    const binding = former ?? {
      line,
      tenant,
      subscription: standing.id,
      sent: standing.sentNumber,
      busy: false,
      again: true,
    }
    bindings.add(binding)
    look(binding, true)
    return true
  }

  let deaf = async () => {}
  let timer: NodeJS.Timeout | undefined
  return {
    path: socketPath,
    connect(line) {
      lines.add(line)
      // Whoever does not say in time what they came for is a stranger.
      const stranger = setTimeout(() => line.close(), bindWithin)
      line.onClose(() => {
        clearTimeout(stranger)
        lines.delete(line)
        for (const binding of bindings) if (binding.line === line) bindings.delete(binding)
      })
      line.onText((text) => {
        const token = /^bind-with-token:?\s+(\S{1,200})\s*$/.exec(text)?.[1]
        const mine = [...bindings].filter((one) => one.line === line).length
        if (token === undefined || mine >= mostBindings) return line.close()
        void bind(line, token).then(
          (bound) => (bound ? clearTimeout(stranger) : line.close()),
          () => line.close(),
        )
      })
    },
    async start() {
      deaf = await database.listen('throughline_event', (tenant) => {
        for (const binding of bindings) if (tenant === '' || binding.tenant === tenant) look(binding)
      })
      timer = setInterval(() => {
        for (const binding of bindings) look(binding)
      }, lookEvery)
    },
    async stop() {
      clearInterval(timer)
      await deaf()
      for (const line of lines) line.close()
      bindings.clear()
    },
  }
}
