import { createContext, useContext } from 'react'

/** The server's time, to the half minute, and the clinic's zone: lateness is the same on every desk, whatever its clock says. */
export const ClockContext = createContext<{ now: number; zone: string }>({ now: Date.now(), zone: '' })

export const useClock = () => useContext(ClockContext)
