import { queryOptions } from '@tanstack/react-query'
import type { SubscriptionList, TopicList, TransferList } from '../../src/contracts/index.ts'
import { get } from './call.ts'

const soon = 2_000
const later = 30_000

export const subscriptionsQuery = queryOptions({
  queryKey: ['subscriptions'],
  queryFn: () => get<SubscriptionList>('/api/subscriptions'),
  // What waits is sent within seconds; what rests changes seldom.
  refetchInterval: ({ state }) =>
    state.data?.items.some((one) => one.waiting > 0 || one.status === 'requested') === true ? soon : later,
})
export const topicsQuery = queryOptions({ queryKey: ['topics'], queryFn: () => get<TopicList>('/api/topics') })

export const transfersQuery = queryOptions({
  queryKey: ['transfers'],
  queryFn: () => get<TransferList>('/api/transfers'),
  refetchInterval: ({ state }) => (state.data?.items.some((one) => one.status === 'running') === true ? soon : later),
})
/** The manifest of Bulk Data Access 2.0. */
export interface Manifest {
  output?: { type?: string; url: string; count?: number }[]
  error?: { type?: string; url: string; count?: number }[]
}
export const manifestQuery = (id: string) =>
  queryOptions({
    queryKey: ['transfers', 'manifest', id],
    queryFn: () => get<Manifest>(`/fhir/$export-status/${encodeURIComponent(id)}`),
  })
