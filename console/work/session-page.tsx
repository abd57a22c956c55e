import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { workListQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Empty, Waiting } from '../parts/states.tsx'
import { useKeys } from '../parts/use-keys.ts'
import { conditionsOf } from './filter-words.ts'
import { TaskDetail } from './task-detail.tsx'

const route = getRouteApi('/work/session')

/** One task after the other, each with all that it needs; what is finished makes room for the next. */
export function SessionPage() {
  const { t } = useWords()
  const search = route.useSearch()
  const { list = 'mine' } = search
  const wanted = { list, ...conditionsOf(search) }
  const navigate = route.useNavigate()
  const work = useInfiniteQuery(workListQuery(list, conditionsOf(search)))
  const [done, setDone] = useState<readonly string[]>([])
  const [skipped, setSkipped] = useState<readonly string[]>([])
  const [current, setCurrent] = useState<string>()
  const items = (work.data?.pages ?? []).flatMap((page) => page.items)
  const waiting = items.filter(({ id }) => !done.includes(id) && !skipped.includes(id))
  const first = waiting[0]?.id
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = work
  // What is open stays so while the list moves under it.
  useEffect(() => {
    if (current === undefined && first !== undefined) setCurrent(first)
    else if (first === undefined && hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [current, first, hasNextPage, isFetchingNextPage, fetchNextPage])
  const leave = (into: (change: (ids: readonly string[]) => readonly string[]) => void) => () => {
    if (current === undefined) return
    into((ids) => [...ids, current])
    setCurrent(undefined)
    window.scrollTo(0, 0)
  }
  const skip = leave(setSkipped)
  useKeys({ n: skip })
  if (work.isPending) return <Waiting lines={10} />
  if (!work.data) return <Failure error={work.error} retry={work.refetch} />
  const others = waiting.filter(({ id }) => id !== current).length
  return (
    <>
      <div className="page-head">
        <h1>{t('workSession')}</h1>
        <span role="status" className="quiet" data-testid="session-state">
          {t('sessionState', { done: done.length, left: others + (current === undefined ? 0 : 1) })}
          {hasNextPage && '+'}
        </span>
        <div className="head-right tags">
          {current !== undefined && (
            <Button onClick={skip} aria-keyshortcuts="n" rightSection={<kbd aria-hidden="true">n</kbd>}>
              {t('skipTask')}
            </Button>
          )}
          <Link to="/work" search={wanted}>
            {t('leaveSession')}
          </Link>
        </div>
      </div>
      {current === undefined ? (
        <Empty title={t('sessionOver')} hint={t('sessionOverHint', { count: done.length })}>
          {skipped.length > 0 && (
            <Button onClick={() => setSkipped([])}>{t('sessionSkipped', { count: skipped.length })}</Button>
          )}
        </Empty>
      ) : (
        <section aria-label={t('task')} className="session">
          <TaskDetail
            key={current}
            id={current}
            close={() => void navigate({ to: '/work', search: wanted })}
            leave={leave(setDone)}
          />
        </section>
      )}
    </>
  )
}
