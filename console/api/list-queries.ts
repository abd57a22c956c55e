import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { ListCounts, MatterListName, MatterPage, Thread } from '../../src/contracts/index.ts'
import { get, withQuery } from './call.ts'

/** Kept under `work`, whose topic of the feed makes them old. */
export const listCountsQuery = queryOptions({
  queryKey: ['work', 'list-counts'],
  queryFn: () => get<ListCounts>('/api/lists'),
})
export const threadQuery = (task: string) =>
  queryOptions({
    queryKey: ['work', 'thread', task],
    queryFn: () => get<Thread>(`/api/work/${encodeURIComponent(task)}/messages`),
  })
export const mattersQuery = (list: MatterListName) =>
  infiniteQueryOptions({
    queryKey: ['work', 'matters', list],
    queryFn: ({ pageParam }) => get<MatterPage>(withQuery(`/api/lists/${list}`, { after: pageParam })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: MatterPage) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  })
