import type { ServerResponse } from 'node:http'
import { z } from 'zod'
import type { Database } from '../db/index.ts'
import type { TenantId } from '../kernel/index.ts'

/** Who listens. */
export interface Listener {
  tenant: TenantId
  /** Names by which the line is ended: the session's hash, the account's or token's id. */
  names: readonly string[]
  /** Whether the session or token is good still; asked once a minute. */
  still(): Promise<boolean>
}

/** Tells connected consoles that something changed: server-sent events that carry a topic, never content. */
export interface Feed {
  connect(listener: Listener, response: ServerResponse): void
  close(): Promise<void>
}

const gather = 150
const heartbeat = 15_000
const recheck = 60_000
/** Bytes that may wait for one reader; a console that fell this far behind is cut off and looks at everything anew. */
const mostWaiting = 65_536

// `ended`: the session, account or token named in `ids` is good no more.
const said = z.object({
  tenant: z.string(),
  topic: z.enum(['journeys', 'work', 'messages', 'replays', 'ended']),
  ids: z.array(z.string()).optional(),
})

function understand(payload: string): z.infer<typeof said> | undefined {
  try {
    return said.safeParse(JSON.parse(payload)).data
  } catch {
    return undefined
  }
}

export async function createFeed(database: Database): Promise<Feed> {
  const lines = new Map<ServerResponse, Listener>()
  const waiting = new Map<string, Set<string>>()
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const drop = (response: ServerResponse) => {
    lines.delete(response)
    response.end()
  }
  const write = (response: ServerResponse, text: string) => {
    if (response.writableLength > mostWaiting) {
      lines.delete(response)
      response.destroy()
    } else response.write(text)
  }
  const flush = () => {
    timer = undefined
    for (const [response, { tenant }] of lines) {
      const topics = waiting.get(tenant)
      if (topics) write(response, [...topics].map((topic) => `event: ${topic}\ndata: {}\n\n`).join(''))
    }
    waiting.clear()
  }
  const deaf = await database.listen('throughline_feed', (payload) => {
    if (payload === '') {
      // The connection was made anew: whatever was said meanwhile is unknown, so everything is to be looked at.
      for (const { tenant } of lines.values()) waiting.set(tenant, new Set(['journeys', 'work', 'messages', 'replays']))
    } else {
      const message = understand(payload)
      if (!message) return
      if (message.topic === 'ended') {
        for (const [response, listener] of lines)
          if (listener.tenant === message.tenant && listener.names.some((name) => message.ids?.includes(name)))
            drop(response)
        return
      }
      waiting.set(message.tenant, (waiting.get(message.tenant) ?? new Set()).add(message.topic))
    }
    // A burst of changes is one look, not a hundred.
    timer ??= setTimeout(flush, gather)
  })
  const beat = setInterval(() => {
    for (const response of lines.keys()) write(response, ': still here\n\n')
  }, heartbeat)
  // Idle sessions and tokens run out without a word; a database that is away ends nobody.
  const look = setInterval(() => {
    for (const [response, listener] of lines)
      void listener.still().then(
        (good) => good || drop(response),
        () => {},
      )
  }, recheck)

  return {
    connect(listener, response) {
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
      })
      response.write('retry: 1000\n\n')
      if (closed) return void response.end()
      lines.set(response, listener)
      response.on('close', () => lines.delete(response))
      response.on('error', () => lines.delete(response))
    },
    async close() {
      closed = true
      clearTimeout(timer)
      clearInterval(beat)
      clearInterval(look)
      for (const response of lines.keys()) drop(response)
      await deaf()
    },
  }
}
