import { Navigate, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Waiting } from '../parts/states.tsx'

/** An application's question that waits for the answer of whoever signs in: the only address that is followed. */
export const isOnward = (address: string | undefined): address is string =>
  address !== undefined && /^\/oauth\/[a-z0-9-]{1,40}\/interaction\/[\w-]{1,100}$/.test(address)

/** After the sign-in: back to the application that asked for it, or to the first page. */
export function Onward() {
  const { onward } = useSearch({ from: '/sign-in' })
  const known = isOnward(onward)
  useEffect(() => {
    // The server's own page: the router does not know it.
    if (known) window.location.replace(onward)
  }, [known, onward])
  return known ? <Waiting lines={3} /> : <Navigate to="/" replace />
}
