import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type {
  Automation,
  AutomationList,
  AutomationWatch,
  DecisionList,
  FlagHistory,
  FlagList,
  Incident,
  IncidentList,
  RolloutList,
} from '../../src/contracts/index.ts'
import { get, withQuery } from './call.ts'

// What automations do changes by itself: looked at again while a page is open.
const often = 15_000

export const automationsQuery = queryOptions({
  queryKey: ['automations'],
  queryFn: () => get<AutomationList>('/api/automations'),
  refetchInterval: often,
})
export const automationQuery = (id: string) =>
  queryOptions({
    queryKey: ['automations', id],
    queryFn: () => get<Automation>(`/api/automations/${encodeURIComponent(id)}`),
    refetchInterval: often,
  })
export const decisionShows = ['all', 'waiting', 'acted', 'overrides'] as const
export type DecisionShow = (typeof decisionShows)[number]
export const decisionsQuery = (automation: string, show: DecisionShow) =>
  infiniteQueryOptions({
    queryKey: ['automations', automation, 'decisions', show],
    queryFn: ({ pageParam }) => get<DecisionList>(withQuery('/api/decisions', { automation, show, after: pageParam })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: DecisionList) => last.next ?? undefined,
  })
export const rolloutsQuery = (automation: string) =>
  queryOptions({
    queryKey: ['automations', automation, 'rollouts'],
    queryFn: () => get<RolloutList>(withQuery('/api/rollouts', { automation })),
    refetchInterval: often,
  })
export const incidentsQuery = queryOptions({
  queryKey: ['incidents'],
  queryFn: () => get<IncidentList>('/api/incidents'),
  refetchInterval: often,
})
export const incidentQuery = (id: string) =>
  queryOptions({
    queryKey: ['incidents', id],
    queryFn: () => get<Incident>(`/api/incidents/${encodeURIComponent(id)}`),
    refetchInterval: often,
  })
export const flagsQuery = queryOptions({
  queryKey: ['flags'],
  queryFn: () => get<FlagList>('/api/flags'),
  refetchInterval: often,
})
export const flagQuery = (key: string) =>
  queryOptions({
    queryKey: ['flags', key],
    queryFn: () => get<FlagHistory>(`/api/flags/${encodeURIComponent(key)}`),
  })
export const watchQuery = (id: string) =>
  queryOptions({
    queryKey: ['automations', id, 'watching'],
    queryFn: () => get<AutomationWatch>(`/api/automations/${encodeURIComponent(id)}/watching`),
  })
