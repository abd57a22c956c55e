import { queryOptions } from '@tanstack/react-query'
import type {
  AblePeople,
  FilterChoices,
  SavedFilters,
  TeamQueues,
  Unblocks,
  WatchedReferences,
  Watches,
  WorkList,
} from '../../src/contracts/index.ts'
import { call, get } from './call.ts'

/** Counted by the clock and not at each change of a task: there may be thirty of them. */
export const filtersQuery = queryOptions({
  queryKey: ['work-filters'],
  queryFn: () => get<SavedFilters>('/api/work/filters'),
  refetchInterval: 10_000,
})
export const filterChoicesQuery = queryOptions({
  queryKey: ['filter-choices'],
  queryFn: () => get<FilterChoices>('/api/work/filter-choices'),
  staleTime: Number.POSITIVE_INFINITY,
})
/** Kept under `work`, whose topic of the feed makes them old. */
export const teamQueuesQuery = queryOptions({
  queryKey: ['work', 'queues'],
  queryFn: () => get<TeamQueues>('/api/work/queues'),
})
/** Journeys move without a task of theirs being written, and have a topic of their own: looked at again by the clock. */
export const watchesQuery = queryOptions({
  queryKey: ['work', 'watches'],
  queryFn: () => get<Watches>('/api/watches'),
  refetchInterval: 15_000,
})
export const watchedQuery = queryOptions({
  queryKey: ['watched'],
  queryFn: () => get<WatchedReferences>('/api/watches/references'),
  staleTime: 60_000,
})
/** What would unblock each of the first hundred of these tasks that nobody at work may do; it changes with shifts, not with tasks. */
export const unblocksQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ['unblocks', ids.join(' ')],
    queryFn: () => call<Unblocks>('POST', '/api/work/unblocks', { ids: ids.slice(0, 100) }),
    enabled: ids.length > 0,
    placeholderData: (before: Unblocks | undefined) => before,
    staleTime: 30_000,
  })
export const ableQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ['able', ids.join(' ')],
    queryFn: () => call<AblePeople>('POST', '/api/work/able', { ids: ids.slice(0, 100) }),
    staleTime: 30_000,
  })
export const othersQuery = (task: string) =>
  queryOptions({
    queryKey: ['work', 'others', task],
    queryFn: () => get<WorkList>(`/api/work/${encodeURIComponent(task)}/others`),
  })
