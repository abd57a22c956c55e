import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type {
  Automation,
  AutomationList,
  DecisionDetail,
  AutomationWatch,
  DecisionList,
  FlagHistory,
  FlagList,
  Incident,
  IncidentList,
  ModelCard,
  PostmortemActions,
  ReleaseNoteList,
  RolloutList,
  RunbookPage,
  SafetyCase,
  VersionComparison,
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
export const comparisonQuery = (id: string) =>
  queryOptions({
    queryKey: ['automations', id, 'comparison'],
    queryFn: () => get<VersionComparison>(`/api/automations/${encodeURIComponent(id)}/comparison`),
  })
export const decisionQuery = (automation: string, id: string) =>
  queryOptions({
    queryKey: ['automations', automation, 'decision', id],
    queryFn: () => get<DecisionDetail>(`/api/decisions/${encodeURIComponent(id)}`),
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
export const runbookQuery = (id: string) =>
  queryOptions({
    queryKey: ['automations', id, 'runbook'],
    queryFn: () => get<RunbookPage>(`/api/automations/${encodeURIComponent(id)}/runbook`),
    refetchInterval: often,
  })
export const actionsQuery = (incident: string) =>
  queryOptions({
    queryKey: ['incidents', incident, 'actions'],
    queryFn: () => get<PostmortemActions>(`/api/incidents/${encodeURIComponent(incident)}/actions`),
  })
const versionAt = (id: string, version: string) =>
  `/api/automations/${encodeURIComponent(id)}/versions/${encodeURIComponent(version)}`
export const safetyCaseQuery = (id: string, version: string) =>
  queryOptions({
    queryKey: ['automations', id, 'safety', version],
    queryFn: () => get<SafetyCase>(`${versionAt(id, version)}/safety-case`),
  })
export const modelCardQuery = (id: string, version: string) =>
  queryOptions({
    queryKey: ['automations', id, 'card', version],
    queryFn: () => get<ModelCard>(`${versionAt(id, version)}/model-card`),
  })
export const releaseNotesQuery = (id: string) =>
  queryOptions({
    queryKey: ['automations', id, 'notes'],
    queryFn: () => get<ReleaseNoteList>(`/api/automations/${encodeURIComponent(id)}/release-notes`),
  })
