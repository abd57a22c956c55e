import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { ClockContext } from './clock.ts'

const tick = 30_000

export function ClockProvider({ zone, ahead, children }: { zone: string; ahead: number; children: ReactNode }) {
  const [here, setHere] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setHere(Date.now()), tick)
    return () => clearInterval(timer)
  }, [])
  const value = useMemo(() => ({ now: here + ahead, zone }), [here, ahead, zone])
  return <ClockContext value={value}>{children}</ClockContext>
}
