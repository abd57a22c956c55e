import type { ServerResponse } from 'node:http'
import type { Database } from '../db/index.ts'
import type { TenantId } from '../kernel/index.ts'

/** Tells connected consoles that something changed: server-sent events that carry a topic and ids, never content. */
export interface Feed {
  connect(tenant: TenantId, response: ServerResponse): void
  close(): Promise<void>
}

const gather = 150
const heartbeat = 15_000

export async function createFeed(database: Database): Promise<Feed> {
  const listeners = new Map<string, Set<ServerResponse>>()
  const waiting = new Map<string, Set<string>>()
  let timer: NodeJS.Timeout | undefined

  const flush = () => {
    timer = undefined
    for (const [tenant, topics] of waiting) {
      const text = [...topics].map((topic) => `event: ${topic}\ndata: {}\n\n`).join('')
      for (const response of listeners.get(tenant) ?? []) response.write(text)
    }
    waiting.clear()
  }
  const deaf = await database.listen('throughline_feed', (payload) => {
    if (payload === '') {
      // The connection was made anew: whatever was said meanwhile is unknown, so everything is to be looked at.
      for (const tenant of listeners.keys()) waiting.set(tenant, new Set(['journeys', 'work', 'messages']))
    } else {
      const { tenant, topic }: { tenant: string; topic: string } = JSON.parse(payload)
      if (!listeners.has(tenant)) return
      waiting.set(tenant, (waiting.get(tenant) ?? new Set()).add(topic))
    }
    // A burst of changes is one look, not a hundred.
    timer ??= setTimeout(flush, gather)
  })
  const beat = setInterval(() => {
    for (const set of listeners.values()) for (const response of set) response.write(': still here\n\n')
  }, heartbeat)

  return {
    connect(tenant, response) {
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      response.write('retry: 1000\n\n')
      const set = listeners.get(tenant) ?? new Set()
      listeners.set(tenant, set.add(response))
      response.on('close', () => {
        set.delete(response)
        if (set.size === 0) listeners.delete(tenant)
      })
    },
    async close() {
      clearTimeout(timer)
      clearInterval(beat)
      for (const set of listeners.values()) for (const response of set) response.end()
      await deaf()
    },
  }
}
