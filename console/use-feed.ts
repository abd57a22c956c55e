import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

/** Listens to the server's feed: whatever changed is asked for again. Returns whether the feed is connected. */
export function useFeed(signedIn: boolean): boolean {
  const queries = useQueryClient()
  const [connected, setConnected] = useState(true)
  useEffect(() => {
    if (!signedIn) return
    const source = new EventSource('/api/feed')
    const look = (key: string) => () => void queries.invalidateQueries({ queryKey: [key] })
    source.addEventListener('work', look('work'))
    source.addEventListener('journeys', look('journeys'))
    source.addEventListener('messages', look('messages'))
    let was = true
    source.onopen = () => {
      setConnected(true)
      // What changed while the line was down was not told.
      if (!was) void queries.invalidateQueries()
      was = true
    }
    source.onerror = () => {
      was = false
      setConnected(false)
    }
    return () => source.close()
  }, [queries, signedIn])
  return connected
}
