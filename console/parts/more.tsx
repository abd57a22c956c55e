import { Button } from '@mantine/core'
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useWords } from '../i18n.ts'

/** The next page of a list, fetched when its end comes into sight; after a page without a row only when asked, since the next may have none either. */
export function More({ rows }: { rows: UseInfiniteQueryResult<InfiniteData<{ items: readonly unknown[] }>> }) {
  const { t } = useWords()
  const end = useRef<HTMLDivElement>(null)
  const { hasNextPage, isFetching, isError, fetchNextPage } = rows
  const goOn = hasNextPage && !isFetching && !isError && (rows.data?.pages.at(-1)?.items.length ?? 0) > 0
  useEffect(() => {
    if (!goOn || !end.current) return
    const sight = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting === true) void fetchNextPage()
    })
    sight.observe(end.current)
    return () => sight.disconnect()
  }, [goOn, fetchNextPage])
  if (!hasNextPage) return null
  return (
    <div className="more" ref={end}>
      <Button loading={rows.isFetchingNextPage} onClick={() => void fetchNextPage()}>
        {t('more')}
      </Button>
    </div>
  )
}
