import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type {
  AccountList,
  AuditList,
  AuditProof,
  AuditSeals,
  Board,
  DeadLetterList,
  FormList,
  FormVersion,
  JourneyDetail,
  JourneyList,
  MessageDetail,
  MessageList,
  PathwayList,
  PathwayVersion,
  PeopleList,
  RoleList,
  Session,
  TaskForm,
  TokenList,
  WorkConditions,
  WorkCounts,
  WorkDetail,
  WorkList,
} from '../../src/contracts/index.ts'
import { get, withQuery } from './call.ts'

/** What the console asks, each with its key. The first word of a key is the feed's topic that makes it old. */
export type WorkListName = 'mine' | 'queue' | 'all' | 'unowned' | 'done'

interface Page {
  next: string | null
}

const pages = <T extends Page>(queryKey: readonly unknown[], path: (after: string | undefined) => string) =>
  infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam }) => get<T>(path(pageParam)),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: T) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  })

const id = encodeURIComponent

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => get<Session>('/api/session'),
  staleTime: 60_000,
})

export const workListQuery = (list: WorkListName, conditions: WorkConditions) =>
  pages<WorkList>(['work', 'list', list, conditions], (after) => withQuery('/api/work', { ...conditions, list, after }))
export const workCountsQuery = queryOptions({
  queryKey: ['work', 'counts'],
  queryFn: () => get<WorkCounts>('/api/work/counts'),
})
export const taskQuery = (task: string) =>
  queryOptions({ queryKey: ['work', 'task', task], queryFn: () => get<WorkDetail>(`/api/work/${id(task)}`) })
/** Not among the work that the feed makes old: nothing is changed under the hands of who is filling it in. */
export const taskFormQuery = (task: string) =>
  queryOptions({
    queryKey: ['task-form', task],
    queryFn: () => get<TaskForm>(`/api/work/${id(task)}/form`),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
export const formsQuery = queryOptions({ queryKey: ['forms'], queryFn: () => get<FormList>('/api/forms') })
export const formQuery = (form: string) =>
  queryOptions({
    queryKey: ['form', form],
    queryFn: () => get<FormVersion>(`/api/forms/${id(form)}`),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })
export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: () => get<PeopleList>('/api/people'),
  staleTime: 300_000,
})
export const rolesQuery = queryOptions({
  queryKey: ['roles'],
  queryFn: () => get<RoleList>('/api/roles'),
  staleTime: 300_000,
})

export const boardQuery = (pathway: string) =>
  queryOptions({
    queryKey: ['journeys', 'board', pathway],
    queryFn: () => get<Board>(withQuery('/api/journeys/board', { pathway })),
    placeholderData: keepPreviousData,
  })
export const journeyQuery = (journey: string) =>
  queryOptions({
    queryKey: ['journeys', 'one', journey],
    queryFn: () => get<JourneyDetail>(`/api/journeys/${id(journey)}`),
  })
export interface JourneyFilter {
  pathway: string
  stage: string | undefined
  status: 'active' | 'ended'
  overdue: boolean
}
export const journeyListQuery = ({ pathway, stage, status, overdue }: JourneyFilter) =>
  pages<JourneyList>(['journeys', 'list', pathway, stage, status, overdue], (after) =>
    withQuery('/api/journeys', { pathway, stage, status, overdue: overdue ? 'true' : undefined, after }),
  )

export const pathwaysQuery = queryOptions({
  queryKey: ['pathways', 'list'],
  queryFn: () => get<PathwayList>('/api/pathways'),
  staleTime: 30_000,
})
/** A version's source and picture never change; its status may. */
export const pathwayVersionQuery = (pathway: string, version: number) =>
  queryOptions({
    queryKey: ['pathways', 'version', pathway, version],
    queryFn: () => get<PathwayVersion>(`/api/pathways/${id(pathway)}/versions/${version}`),
  })

export const messageListQuery = (status: string | undefined) =>
  pages<MessageList>(['messages', 'list', status], (after) => withQuery('/api/messages', { status, after }))
export const messageQuery = (message: string) =>
  queryOptions({
    queryKey: ['messages', 'one', message],
    queryFn: () => get<MessageDetail>(`/api/messages/${id(message)}`),
  })
export const deadLettersQuery = queryOptions({
  queryKey: ['messages', 'dead'],
  queryFn: () => get<DeadLetterList>('/api/dead-letters'),
})

export const accountsQuery = queryOptions({ queryKey: ['accounts'], queryFn: () => get<AccountList>('/api/accounts') })
export const tokensQuery = queryOptions({ queryKey: ['tokens'], queryFn: () => get<TokenList>('/api/tokens') })

/** Conditions that must all hold. `from` and `until` are days; the last day counts too. */
export interface AuditFilter {
  entity?: string | undefined
  actor?: string | undefined
  code?: string | undefined
  outcome?: string | undefined
  from?: string | undefined
  until?: string | undefined
}
const startOf = (day: string | undefined, later = 0): string | undefined => {
  if (day === undefined) return undefined
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date + later).toISOString()
}
export const auditQuery = ({ from, until, ...rest }: AuditFilter) =>
  pages<AuditList>(['audit', rest, from, until], (after) =>
    withQuery('/api/audit', { ...rest, from: startOf(from), until: startOf(until, 1), after }),
  )
export const sealsQuery = queryOptions({
  queryKey: ['seals'],
  queryFn: () => get<AuditSeals>('/api/audit/seals'),
})
export const proofQuery = (event: string) =>
  queryOptions({
    queryKey: ['audit-proof', event],
    queryFn: () => get<AuditProof>(`/api/audit/${id(event)}/proof`),
  })
