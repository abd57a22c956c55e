import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import type { JourneyDetail } from '../../src/contracts/index.ts'
import { journeyQuery } from '../api/queries.ts'
import { WatchButton } from '../work/use-watching.tsx'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { OffSystemDialog } from '../overrides/off-system-dialog.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { Why } from '../parts/why.tsx'
import { CancelDialog } from './cancel-dialog.tsx'
import { JourneyMessages, JourneyTasks, Known } from './journey-parts.tsx'
import { Timeline } from './timeline.tsx'

const Picture = lazy(() => import('../picture/picture.tsx'))
const route = getRouteApi('/journeys/$id')

export function JourneyPage() {
  const { id } = route.useParams()
  const journey = useQuery(journeyQuery(id))
  if (journey.isPending) return <Waiting lines={12} />
  if (!journey.data) return <Failure error={journey.error} retry={journey.refetch} />
  return <Shown detail={journey.data} />
}

function Shown({ detail }: { detail: JourneyDetail }) {
  const { t, either, date, moment, code } = useWords()
  const account = useAccount()
  const [cancelling, setCancelling] = useState(false)
  const [telling, setTelling] = useState(false)
  const [step, setStep] = useState<string>()
  const { journey } = detail
  const active = journey.status === 'active'
  const outcome = journey.outcomeTitle
    ? either(journey.outcomeTitle)
    : // Of a journey that was stopped the status says it all.
      journey.outcome !== null && journey.outcome !== journey.status
      ? code('outcome', journey.outcome)
      : null
  return (
    <div className="page" data-testid="journey">
      <Link to="/journeys" search={{ pathway: journey.pathway }} className="back">
        <Icon name="back" /> {either(journey.title)}
      </Link>
      <header className="journey-head">
        <div>
          <h1>
            {journey.patient.name}
            {journey.patient.birthDate && (
              <span className="quiet number"> {t('born', { date: date(journey.patient.birthDate) })}</span>
            )}
          </h1>
          <p>
            <span className={`tag ${active ? 'good' : ''}`}>
              {active && journey.stage ? either(journey.stage) : code('status', journey.status)}
            </span>{' '}
            {outcome !== null && <span className="tag">{outcome}</span>}{' '}
            <span className="quiet">
              <Link to="/pathways/$id" params={{ id: journey.pathway }} search={{ version: journey.version }}>
                {t('version', { n: journey.version })}
              </Link>
              {' · '}
              {t('started')} {moment(journey.startedAt)}
              {journey.endedAt !== null && (
                <>
                  {' '}
                  · {t('ended')} {moment(journey.endedAt)}
                </>
              )}
            </span>
          </p>
        </div>
        <div className="head-right">
          {account.may('work.read') && <WatchButton reference={`journey/${journey.id}`} />}
          {account.may('work.act') && <Button onClick={() => setTelling(true)}>{t('off-system')}…</Button>}
          {active && account.may('journeys.act') && (
            <Button onClick={() => setCancelling(true)}>{t('stopJourney')}…</Button>
          )}
        </div>
      </header>
      {active && (
        <section className="waits" aria-label={t('waits')}>
          <h2>{t('waits')}</h2>
          <ul>
            {detail.waitingFor.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </section>
      )}
      <div className="journey">
        <section aria-label={t('picture')} className="journey-picture">
          <h2>{t('picture')}</h2>
          <Suspense
            fallback={
              <div className="flow">
                <Waiting />
              </div>
            }
          >
            <Picture
              graph={detail.graph}
              label={t('pictureOf', { name: journey.patient.name })}
              chosen={step}
              choose={setStep}
            />
          </Suspense>
        </section>
        <div className="journey-side">
          <JourneyTasks tasks={detail.tasks} />
          <JourneyMessages messages={detail.messages} />
          <Timeline
            timeline={detail.timeline}
            nodes={detail.graph.nodes}
            step={step}
            clear={() => setStep(undefined)}
          />
          <Why why={detail.why} title={t('whyHere')} />
          <Known variables={detail.variables} />
        </div>
      </div>
      {telling && <OffSystemDialog journey={journey.id} close={() => setTelling(false)} />}
      {cancelling && <CancelDialog id={journey.id} name={journey.patient.name} close={() => setCancelling(false)} />}
    </div>
  )
}
