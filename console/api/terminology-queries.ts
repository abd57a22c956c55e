import { queryOptions } from '@tanstack/react-query'
import type { ConceptSearch, TerminologyLoads, TerminologySystems } from '../../src/contracts/index.ts'
import { get, withQuery } from './call.ts'

/** While something runs it is looked at often, and else seldom. */
const soon = 2_000
const later = 30_000

export const systemsQuery = queryOptions({
  queryKey: ['terminology', 'systems'],
  queryFn: () => get<TerminologySystems>('/api/terminology/systems'),
})
export const loadsQuery = queryOptions({
  queryKey: ['terminology', 'loads'],
  queryFn: () => get<TerminologyLoads>('/api/terminology/loads'),
  refetchInterval: ({ state }) => (state.data?.loads.some((one) => one.status === 'running') === true ? soon : later),
})
export const conceptsQuery = (system: string, text: string) =>
  queryOptions({
    queryKey: ['terminology', 'search', system, text],
    queryFn: () => get<ConceptSearch>(withQuery('/api/terminology/search', { system, text })),
    enabled: system !== '' && text.trim() !== '',
  })
