import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { sessionQuery } from './queries.ts'

const topics = ['work', 'journeys', 'messages', 'replays'] as const
/** The least time between two looks at the same topic, and before a closed line is tried again. */
const pause = 400
const again = 4_000

/**
 * Looks again at what a topic holds. Changes that come in while a look is under way make one more look after it: starting
 * anew at each change would never end while a clinic is busy.
 */
function looker(queries: QueryClient, topic: string): () => void {
  let looking = false
  let changed = false
  const look = async () => {
    looking = true
    do {
      changed = false
      await Promise.all([
        queries.invalidateQueries({ queryKey: [topic] }).catch(() => {}),
        new Promise((done) => setTimeout(done, pause)),
      ])
    } while (changed)
    looking = false
  }
  return () => {
    changed = true
    if (!looking) void look()
  }
}

/** Listens to the server's feed: whatever changed is asked for again. Returns whether the feed is connected. */
export function useFeed(): boolean {
  const queries = useQueryClient()
  const [connected, setConnected] = useState(true)
  useEffect(() => {
    let source: EventSource | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let missed = false
    const lookers = topics.map((topic) => [topic, looker(queries, topic)] as const)
    const open = () => {
      const line = new EventSource('/api/feed')
      source = line
      for (const [topic, look] of lookers) line.addEventListener(topic, look)
      line.onopen = () => {
        setConnected(true)
        // What changed while the line was down was not told.
        if (missed) void queries.invalidateQueries()
        missed = false
      }
      line.onerror = () => {
        missed = true
        setConnected(false)
        // The browser opens a broken line again by itself, but not one that was answered with an error: the session may
        // have been ended from elsewhere, and then the door must show without anybody touching the page.
        if (line.readyState !== EventSource.CLOSED) return
        void queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
        clearTimeout(timer)
        timer = setTimeout(open, again)
      }
    }
    open()
    return () => {
      clearTimeout(timer)
      source?.close()
    }
  }, [queries])
  return connected
}
