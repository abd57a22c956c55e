import { createContext, useContext } from 'react'

/** The server's time, to the half minute, and the clinic's zone: lateness is the same on every desk, whatever its clock says. */
export const ClockContext = createContext<{ now: number; zone: string }>({ now: Date.now(), zone: '' })

export const useClock = () => useContext(ClockContext)

/** Milliseconds that the server's clock, as it was just told, is ahead of this desk's. */
export const aheadOf = (told: string): number => Date.parse(told) - Date.now()
