import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type {
  ReplayDetail,
  ReplayJourney,
  ReplayJourneys,
  ReplayList,
  SimulationFit,
} from '../../src/contracts/index.ts'
import { call, get, withQuery } from './call.ts'

/** What is tried: a published version, or a draft. */
export type Tried = { pathway: string; version: number } | { draft: string }

const id = encodeURIComponent

export const replaysQuery = (pathway: string) =>
  queryOptions({
    queryKey: ['replays', 'list', pathway],
    queryFn: () => get<ReplayList>(withQuery('/api/replays', { pathway })),
  })

export const replayQuery = (replay: string) =>
  queryOptions({
    queryKey: ['replays', 'one', replay],
    queryFn: () => get<ReplayDetail>(`/api/replays/${id(replay)}`),
    // The feed tells how far it is; this is for when the line is down.
    refetchInterval: ({ state: { data } }) =>
      data && ['waiting', 'running'].includes(data.replay.status) ? 3_000 : false,
  })

export const replayJourneysQuery = (replay: string, kind: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['replays', 'journeys', replay, kind],
    queryFn: ({ pageParam }) =>
      get<ReplayJourneys>(withQuery(`/api/replays/${id(replay)}/journeys`, { kind, after: pageParam })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: ReplayJourneys) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  })

export const replayJourneyQuery = (replay: string, journey: string) =>
  queryOptions({
    queryKey: ['replays', 'journey', replay, journey],
    queryFn: () => get<ReplayJourney>(`/api/replays/${id(replay)}/journeys/${id(journey)}`),
    staleTime: 60_000,
  })

export const simulationFitQuery = (tried: Tried, from: string, until: string) =>
  queryOptions({
    queryKey: ['simulations', 'fit', tried, from, until],
    queryFn: () => call<SimulationFit>('POST', '/api/simulations/settings', { tried, from, until }),
    staleTime: 600_000,
  })
