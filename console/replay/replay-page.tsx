import { Button } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { ReplayDetail } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { replayJourneysQuery, replayQuery } from '../api/replay-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { Legend, LineChart } from '../parts/line-chart.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'
import { looks, WhatTried } from './replays-page.tsx'

const route = getRouteApi('/replays/$id')

/** One replay: how far it is, then what would have been otherwise, with the journeys behind each number. */
export function ReplayPage() {
  const { t, either, date, number } = useWords()
  const account = useAccount()
  const { id } = route.useParams()
  const detail = useQuery(replayQuery(id))
  const cancel = useAct(() => call('POST', `/api/replays/${encodeURIComponent(id)}/cancel`), { anew: [['replays']] })
  if (detail.isPending) return <Waiting />
  if (!detail.data) return <Failure error={detail.error} retry={detail.refetch} />
  const { replay, result } = detail.data
  const under = replay.status === 'waiting' || replay.status === 'running'
  return (
    <div className="page">
      <Link to="/replays" search={{ pathway: replay.pathway }} className="back">
        <Icon name="back" /> {t('replays')}
      </Link>
      <header className="journey-head">
        <div>
          <h1>{t('replayOf', { name: either(replay.title) })}</h1>
          <p>
            <span className={`tag ${looks[replay.status]}`}>{t(`replay_${replay.status}`)}</span>{' '}
            <span className="quiet">
              <WhatTried of={replay} /> · {date(replay.from)} – {date(replay.until)} · {replay.askedBy}
            </span>
          </p>
        </div>
        <div className="head-right">
          {under && account.may('pathways.write') && (
            <Button loading={cancel.isPending} onClick={() => cancel.mutate()}>
              {t('stop')}
            </Button>
          )}
        </div>
      </header>
      <p className="quiet">{t(`assumeHint_${replay.assume}`)}</p>
      {under && (
        <p role="status" className="replay-progress">
          {replay.patients === null ? (
            <progress aria-label={t('progress')} />
          ) : (
            <progress aria-label={t('progress')} max={Math.max(1, replay.patients)} value={replay.patientsDone} />
          )}{' '}
          {replay.patients !== null &&
            t('patientsOf', { done: number(replay.patientsDone), total: number(replay.patients) })}
        </p>
      )}
      {replay.status === 'cancelled' && <p className="quiet">{t('replayCancelled')}</p>}
      {replay.fault && (
        <div className="form-failure" role="alert">
          <strong>{t(`replayFault_${replay.fault.code}`)}</strong>
          <p>
            {replay.fault.journey !== null && (
              <Link to="/journeys/$id" params={{ id: replay.fault.journey }}>
                {t('journey')}
              </Link>
            )}{' '}
            <code>{replay.fault.message}</code>
          </p>
        </div>
      )}
      {result && <Result id={id} result={result} />}
      {replay.hash !== null && (
        <p className="quiet">
          {t('replayHash')} <code>{replay.hash}</code>
        </p>
      )}
    </div>
  )
}

function Result({ id, result }: { id: string; result: NonNullable<ReplayDetail['result']> }) {
  const { t, number, code } = useWords()
  const { kind } = route.useSearch()
  return (
    <>
      <dl className="figures">
        <Figure name={t('journeys')} value={result.journeys} />
        <Figure name={t('eventsRead')} value={result.events} />
        <Figure name={t('asItWas')} value={result.same} />
        <Figure name={t('otherwise')} value={result.differing} />
        <Figure name={t('notBegun')} value={result.onlyBefore} />
        <Figure name={t('newlyBegun')} value={result.onlyAfter} />
        <Figure name={t('assumedAnswers')} value={result.assumed} />
        <div className={result.unfaithful > 0 ? 'warn' : undefined}>
          <dt>{t('notReproduced')}</dt>
          <dd className="number">
            {result.unfaithful > 0 ? (
              <Link to="/replays/$id" params={{ id }} search={{ kind: 'unfaithful' }}>
                {number(result.unfaithful)}
              </Link>
            ) : (
              0
            )}
          </dd>
        </div>
      </dl>
      {result.unfaithful > 0 && <p className="quiet">{t('notReproducedHint')}</p>}
      <section aria-label={t('whatDiffers')}>
        <h2>{t('whatDiffers')}</h2>
        {result.counts.length === 0 && <p className="good-text">{t('nothingDiffers')}</p>}
        <nav className="tabs wrap" aria-label={t('whatDiffers')}>
          {result.counts.length > 0 && (
            <Link
              to="/replays/$id"
              params={{ id }}
              search={{}}
              activeOptions={{ exact: true }}
              aria-current={kind === undefined ? 'true' : undefined}
            >
              {t('all')}
            </Link>
          )}
          {result.counts.map(({ what, change, n }) => (
            <Link
              key={`${what} ${change}`}
              to="/replays/$id"
              params={{ id }}
              search={{ kind: `${what} ${change}` }}
              aria-current={kind === `${what} ${change}` ? 'true' : undefined}
            >
              {code('replayWhat', what)}: {code('replayChange', change)} <span className="count">{number(n)}</span>
            </Link>
          ))}
        </nav>
        {(result.differing > 0 || result.unfaithful > 0) && <Journeys id={id} kind={kind} />}
      </section>
      <Workload work={result.work} />
      <Stages stages={result.stages} />
    </>
  )
}

function Figure({ name, value }: { name: string; value: number }) {
  const { number } = useWords()
  return (
    <div>
      <dt>{name}</dt>
      <dd className="number">{number(value)}</dd>
    </div>
  )
}

function Journeys({ id, kind }: { id: string; kind: string | undefined }) {
  const { t, number, code } = useWords()
  const journeys = useInfiniteQuery(replayJourneysQuery(id, kind))
  if (journeys.isPending) return <Waiting lines={4} />
  if (!journeys.data) return <Failure error={journeys.error} retry={journeys.refetch} />
  const items = journeys.data.pages.flatMap((page) => page.items)
  if (items.length === 0) return <p className="quiet">{t('noneInSight')}</p>
  return (
    <>
      <div className="table-wrap" tabIndex={0} role="group" aria-label={t('journeys')}>
        <table className="table dense">
          <thead>
            <tr>
              <th scope="col">{t('patient')}</th>
              <th scope="col" className="end">
                {t('differences')}
              </th>
              <th scope="col">{t('whatDiffers')}</th>
              <th scope="col" className="end">
                {t('assumedAnswers')}
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((one) => (
              <tr key={one.journey} data-testid="replayed-row">
                <th scope="row">
                  <Link to="/replays/$id/$journey" params={{ id, journey: one.journey }}>
                    {one.patient.name}
                  </Link>{' '}
                  {one.side === 'before' && <span className="tag">{t('notBegun')}</span>}
                  {one.side === 'after' && <span className="tag">{t('newlyBegun')}</span>}
                  {one.faithful === false && <span className="tag bad">{t('notReproduced')}</span>}
                </th>
                <td className="end number">{number(one.differs)}</td>
                <td className="wide">
                  {one.kinds
                    .map((name) => {
                      const [what = '', change = ''] = name.split(' ')
                      return `${code('replayWhat', what)}: ${code('replayChange', change)}`
                    })
                    .join(' · ')}
                </td>
                <td className="end number">{number(one.assumed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {journeys.hasNextPage && (
        <Button className="more" loading={journeys.isFetchingNextPage} onClick={() => void journeys.fetchNextPage()}>
          {t('more')}
        </Button>
      )}
    </>
  )
}

function Workload({ work }: { work: NonNullable<ReplayDetail['result']>['work'] }) {
  const { t, either, number } = useWords()
  const lines = [
    { name: t('recorded'), look: 'before' as const },
    { name: t('tried'), look: 'after' as const },
  ]
  return (
    <section aria-label={t('workload')}>
      <h2>{t('workload')}</h2>
      <p className="quiet">{t('workloadHint')}</p>
      <Legend lines={lines} />
      <div className="charts">
        {work.map(({ role, title, before, after, days }) => (
          <figure key={role}>
            <figcaption>
              <strong>{either(title)}</strong>{' '}
              <span className="number">
                {number(before)} → {number(after)}
              </span>{' '}
              <Shift by={after - before} />
            </figcaption>
            <LineChart
              label={t('workloadOf', { role: either(title), before: number(before), after: number(after) })}
              days={days.map(({ day }) => day)}
              lines={[
                { name: t('recorded'), look: 'before', values: days.map((one) => one.before) },
                { name: t('tried'), look: 'after', values: days.map((one) => one.after) },
              ]}
            />
          </figure>
        ))}
      </div>
    </section>
  )
}

function Shift({ by }: { by: number }) {
  const { number } = useWords()
  if (by === 0) return null
  return (
    <span className={`tag ${by > 0 ? 'soon-tag' : 'good'}`}>
      {by > 0 ? '+' : '−'}
      {number(Math.abs(by))}
    </span>
  )
}

function Stages({ stages }: { stages: NonNullable<ReplayDetail['result']>['stages'] }) {
  const { t, either, number, span } = useWords()
  const length = (hours: number | null) => (hours === null ? '–' : span(hours * 60))
  return (
    <section aria-label={t('timeInStages')}>
      <h2>{t('timeInStages')}</h2>
      <div className="table-wrap" tabIndex={0} role="group" aria-label={t('timeInStages')}>
        <table className="table dense">
          <thead>
            <tr>
              <th scope="col">{t('stage')}</th>
              {(['recorded', 'tried'] as const).map((side) => [
                <th key={`${side} n`} scope="col" className="end">
                  {t(side)}: {t('stays')}
                </th>,
                <th key={`${side} median`} scope="col" className="end">
                  {t('median')}
                </th>,
                <th key={`${side} mean`} scope="col" className="end">
                  {t('mean')}
                </th>,
                <th key={`${side} open`} scope="col" className="end">
                  {t('stillThere')}
                </th>,
              ])}
            </tr>
          </thead>
          <tbody>
            {stages.map(({ stage, title, before, after }) => (
              <tr key={stage}>
                <th scope="row">{either(title)}</th>
                {[before, after].map((one, index) => [
                  <td key={`${index} n`} className="end number">
                    {number(one.n)}
                  </td>,
                  <td key={`${index} median`} className="end number">
                    {length(one.medianHours)}
                  </td>,
                  <td key={`${index} mean`} className="end number">
                    {length(one.meanHours)}
                  </td>,
                  <td key={`${index} open`} className="end number">
                    {number(one.open)}
                  </td>,
                ])}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
