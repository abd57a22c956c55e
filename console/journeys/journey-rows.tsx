import { Button } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { boardQuery, journeyListQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { DueMark } from '../parts/marks.tsx'
import { Empty, Waiting } from '../parts/states.tsx'

interface JourneyRowsProps {
  pathway: string
  show: 'list' | 'overdue' | 'ended'
  stage: string | undefined
  filter: string
}

/** The rows behind the board's numbers. */
export function JourneyRows({ pathway, show, stage, filter }: JourneyRowsProps) {
  const { t, either, age, date, code } = useWords()
  const rows = useInfiniteQuery(
    journeyListQuery({ pathway, stage, status: show === 'ended' ? 'ended' : 'active', overdue: show === 'overdue' }),
  )
  const board = useQuery(boardQuery(pathway))
  if (rows.isPending) return <Waiting lines={12} />
  if (!rows.data) return <Failure error={rows.error} retry={rows.refetch} />
  const wanted = filter.trim().toLocaleLowerCase()
  const items = rows.data.pages
    .flatMap((page) => page.items)
    .filter((item) => wanted === '' || item.patient.name.toLocaleLowerCase().includes(wanted))
  const stages = board.data?.stages ?? []
  return (
    <>
      {show !== 'ended' && stages.length > 0 && (
        <nav className="tabs under" aria-label={t('stage')}>
          <Link
            to="/journeys"
            search={{ pathway, show }}
            activeOptions={{ exact: true }}
            aria-current={stage === undefined ? 'true' : undefined}
          >
            {t('allStages')}
          </Link>
          {stages.map((one) => (
            <Link
              key={one.id}
              to="/journeys"
              search={{ pathway, show, stage: one.id }}
              activeOptions={{ exact: true }}
              aria-current={stage === one.id ? 'true' : undefined}
            >
              {either(one.title)} <span className="count">{show === 'overdue' ? one.overdue : one.count}</span>
            </Link>
          ))}
        </nav>
      )}
      {items.length === 0 ? (
        <Empty title={t(wanted === '' ? 'noJourneys' : 'noneMatches')} />
      ) : (
        <div className="table-wrap" tabIndex={0} role="group" aria-label={t('journeys')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('patient')}</th>
                <th scope="col">{t('stage')}</th>
                <th scope="col">{t(show === 'ended' ? 'ended' : 'inStageFor')}</th>
                <th scope="col">{t(show === 'ended' ? 'outcomeWas' : 'due')}</th>
                <th scope="col">{t('started')}</th>
                <th scope="col">{t('versionHead')}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((item) => (
                <tr key={item.id}>
                  <th scope="row">
                    <Link to="/journeys/$id" params={{ id: item.id }}>
                      {item.patient.name}
                    </Link>
                  </th>
                  <td>{item.stage ? either(item.stage.title) : ''}</td>
                  <td className="number">{show === 'ended' ? item.endedAt && date(item.endedAt) : age(item.since)}</td>
                  <td>
                    {show !== 'ended' ? (
                      <DueMark item={item} />
                    ) : item.outcomeTitle ? (
                      either(item.outcomeTitle)
                    ) : (
                      code('outcome', item.outcome ?? item.status)
                    )}
                  </td>
                  <td className="number">{date(item.startedAt)}</td>
                  <td className="number">{item.version}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows.hasNextPage && (
        <div className="more">
          <Button loading={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>
            {t('more')}
          </Button>
        </div>
      )}
    </>
  )
}
