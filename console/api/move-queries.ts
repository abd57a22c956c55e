import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { Move, MovedJourney, MoveEditor, MoveList, MovePreview, MoveRows } from '../../src/contracts/index.ts'
import { get, withQuery } from './call.ts'

const id = encodeURIComponent

export const movesQuery = (pathway: string | undefined) =>
  queryOptions({
    queryKey: ['moves', 'list', pathway],
    queryFn: () => get<MoveList>(withQuery('/api/moves', { pathway })),
  })

const under = new Set(['running', 'undoing'])

/** A move; looked at again every two seconds while workers have something to do for it. */
export const moveQuery = (move: string) =>
  queryOptions({
    queryKey: ['moves', 'one', move],
    queryFn: () => get<Move>(`/api/moves/${id(move)}`),
    refetchInterval: ({ state }) =>
      state.data && (under.has(state.data.status) || (state.data.progress['undoing'] ?? 0) > 0) ? 2_000 : false,
  })
export const moveEditorQuery = (move: string) =>
  queryOptions({
    queryKey: ['moves', 'mapping', move],
    queryFn: () => get<MoveEditor>(`/api/moves/${id(move)}/mapping`),
  })

/** The preview, page after page. */
export const movePreviewQuery = (move: string) =>
  infiniteQueryOptions({
    queryKey: ['moves', 'preview', move],
    queryFn: ({ pageParam }) => get<MovePreview>(withQuery(`/api/moves/${id(move)}/preview`, { after: pageParam })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: MovePreview) => last.next ?? undefined,
    staleTime: 0,
    gcTime: 0,
  })
export const moveRowsQuery = (move: string, status: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['moves', 'rows', move, status],
    queryFn: ({ pageParam }) =>
      get<MoveRows>(withQuery(`/api/moves/${id(move)}/journeys`, { status, after: pageParam })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: MoveRows) => last.next ?? undefined,
  })
export const movedJourneyQuery = (move: string, journey: string) =>
  queryOptions({
    queryKey: ['moves', 'journey', move, journey],
    queryFn: () => get<MovedJourney>(`/api/moves/${id(move)}/journeys/${id(journey)}`),
  })
