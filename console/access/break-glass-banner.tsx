import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { myGlassQuery } from '../api/access-queries.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { useClock } from '../parts/clock.ts'
import { Icon } from '../parts/icons.tsx'
import { useAct } from '../parts/use-act.ts'
import { targetOf } from '../record/reference-link.tsx'

/** On every page, while a record is open to somebody in an emergency: whose, for how long still, and how to end it. */
export function BreakGlassBanner() {
  const { t, span } = useWords()
  const { now } = useClock()
  const queries = useQueryClient()
  const glass = useQuery(myGlassQuery)
  const open = (glass.data?.items ?? []).filter((one) => Date.parse(one.until) > now)
  const end = useAct(
    async (id: string) => {
      await call('DELETE', `/api/access/break-glass/${encodeURIComponent(id)}`)
      // What was seen through it must not stay on the desk.
      queries.removeQueries({ queryKey: ['record'] })
      await queries.invalidateQueries()
    },
    { anew: [] },
  )
  const count = open.length
  useEffect(() => {
    // One has run out: what is shown is asked for again without it.
    void queries.invalidateQueries({ queryKey: ['record'] })
  }, [count, queries])
  if (count === 0) return null
  return (
    <aside className="glass-banner" aria-label={t('emergency')} data-testid="glass-banner">
      {open.map((one) => {
        const target = targetOf(one.patient.reference)
        return (
          <p key={one.id}>
            <Icon name="late" size={16} />
            <strong>{t('emergencyOpen')}</strong>
            {target ? (
              <Link to="/record/$type/$id" params={target}>
                {one.patient.name}
              </Link>
            ) : (
              one.patient.name
            )}
            <span role="timer" className="number">
              {t('emergencyLeft', { span: span((Date.parse(one.until) - now) / 60_000) })}
            </span>
            <Button loading={end.isPending} onClick={() => end.mutate(one.id)}>
              {t('emergencyEnd')}
            </Button>
          </p>
        )
      })}
    </aside>
  )
}
