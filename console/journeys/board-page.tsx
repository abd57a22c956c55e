import { NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import type { Board } from '../../src/contracts/index.ts'
import { boardQuery, pathwaysQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { DueMark, PriorityMark } from '../parts/marks.tsx'
import { Empty, Waiting } from '../parts/states.tsx'
import { useKeys } from '../parts/use-keys.ts'
import { JourneyRows } from './journey-rows.tsx'

const route = getRouteApi('/journeys')

export function BoardPage() {
  const { t, either } = useWords()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const pathways = useQuery(pathwaysQuery)
  const [filter, setFilter] = useState('')
  const field = useRef<HTMLInputElement>(null)
  useKeys({ '/': () => field.current?.focus() })
  const known = pathways.data?.items
  const pathway = search.pathway ?? known?.[0]?.id
  const chosen = known?.find((one) => one.id === pathway)
  return (
    <>
      <div className="page-head">
        <h1>{t('journeys')}</h1>
        <nav className="tabs" aria-label={t('views')}>
          {(['board', 'list', 'overdue', 'ended'] as const).map((one) => (
            <Link
              key={one}
              to="/journeys"
              search={{ ...(pathway ? { pathway } : {}), ...(one === 'board' ? {} : { show: one }) }}
              activeOptions={{ exact: true }}
              aria-current={(search.show ?? 'board') === one ? 'true' : undefined}
            >
              {t(`view_${one}`)}
            </Link>
          ))}
        </nav>
        <div className="head-right">
          {known && known.length > 0 && (
            <NativeSelect
              aria-label={t('pathway')}
              size="xs"
              value={pathway ?? ''}
              data={known.map((one) => ({ value: one.id, label: either(one.title) }))}
              onChange={(event) =>
                void navigate({
                  search: { pathway: event.currentTarget.value, ...(search.show ? { show: search.show } : {}) },
                })
              }
            />
          )}
          <TextInput
            ref={field}
            size="xs"
            aria-label={t('filter')}
            placeholder={t('filterPatients')}
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setFilter('')
              if (event.key === 'Escape' || event.key === 'Enter') event.currentTarget.blur()
            }}
          />
        </div>
      </div>
      {pathways.isPending && <Waiting />}
      {pathways.error && !known && <Failure error={pathways.error} retry={pathways.refetch} />}
      {known?.length === 0 && (
        <Empty title={t('noPathways')} hint={t('noPathwaysHint')}>
          <Link to="/pathways">{t('pathways')}</Link>
        </Empty>
      )}
      {pathway !== undefined && known && !chosen && <Empty title={t('error_pathway-not-found')} />}
      {pathway !== undefined &&
        chosen &&
        (search.show === undefined ? (
          <BoardOf pathway={pathway} filter={filter} />
        ) : (
          <JourneyRows pathway={pathway} show={search.show} stage={search.stage} filter={filter} />
        ))}
    </>
  )
}

function BoardOf({ pathway, filter }: { pathway: string; filter: string }) {
  const { t, either, code } = useWords()
  const board = useQuery(boardQuery(pathway))
  if (board.isPending) return <Waiting lines={10} />
  if (!board.data) return <Failure error={board.error} retry={board.refetch} />
  const { stages, ended } = board.data
  const running = stages.reduce((sum, stage) => sum + stage.count, 0)
  return (
    <>
      <p className="board-line">
        <Link to="/journeys" search={{ pathway, show: 'list' }}>
          {t('running', { count: running })}
        </Link>
        {' · '}
        <Link to="/journeys" search={{ pathway, show: 'ended' }}>
          {t('ended30', { count: ended.lastThirtyDays })}
        </Link>
        {ended.byOutcome.length > 0 && (
          <span className="quiet">
            {' '}
            (
            {ended.byOutcome
              .map(({ outcome, title, count }) =>
                t('outcomeCount', { outcome: title ? either(title) : code('outcome', outcome), count }),
              )
              .join(', ')}
            )
          </span>
        )}
      </p>
      {running === 0 ? (
        <Empty title={t('emptyBoard')} hint={t('emptyBoardHint')} />
      ) : (
        <div className="board" data-testid="board">
          {stages.map((stage) => (
            <Lane key={stage.id} stage={stage} pathway={pathway} filter={filter} />
          ))}
        </div>
      )}
    </>
  )
}

function Lane({ stage, pathway, filter }: { stage: Board['stages'][number]; pathway: string; filter: string }) {
  const { t, either, age, shortAge } = useWords()
  const wanted = filter.trim().toLocaleLowerCase()
  const cards =
    wanted === '' ? stage.cards : stage.cards.filter((card) => card.patient.name.toLocaleLowerCase().includes(wanted))
  const more = stage.count - stage.cards.length
  return (
    <section className="lane" aria-label={either(stage.title)} data-testid={`lane-${stage.id}`}>
      <header>
        <h2>
          {either(stage.title)}{' '}
          <Link
            className="count"
            to="/journeys"
            search={{ pathway, stage: stage.id, show: 'list' }}
            aria-label={t('journeysInStage', { count: stage.count, stage: either(stage.title) })}
          >
            {stage.count}
          </Link>
        </h2>
        <p className="quiet">
          {stage.overdue > 0 && (
            <span className="late">
              <Icon name="late" size={12} /> {t('overdueCount', { count: stage.overdue })}
            </span>
          )}
          {stage.overdue > 0 && ' · '}
          {stage.oldestSince !== null && t('oldest', { age: shortAge(stage.oldestSince) })}
          {stage.count === 0 && t('laneEmpty')}
        </p>
      </header>
      {cards.map((card) => (
        <Link
          key={card.id}
          className="card"
          data-late={card.overdue}
          data-testid="journey-card"
          to="/journeys/$id"
          params={{ id: card.id }}
        >
          <span className="row-line">
            <strong>{card.patient.name}</strong>
            <span className="quiet number" title={t('inStageSince', { age: age(card.since) })}>
              {shortAge(card.since)}
            </span>
          </span>
          {card.waitingFor !== '' && <span className="card-waits">{card.waitingFor}</span>}
          {(card.due !== null || card.priority !== 'routine') && (
            <span className="row-line">
              <DueMark item={card} />
              <PriorityMark priority={card.priority} />
            </span>
          )}
        </Link>
      ))}
      {wanted !== '' && cards.length === 0 && stage.count > 0 && <p className="quiet lane-note">{t('noneMatches')}</p>}
      {more > 0 && (
        <Link className="lane-note" to="/journeys" search={{ pathway, stage: stage.id, show: 'list' }}>
          {t('andMore', { count: more })}
        </Link>
      )}
    </section>
  )
}
