import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type {
  Coverage,
  CoverageHours,
  Giving,
  ImportLines,
  Levels,
  StaffImport,
  StaffImports,
  TaskPeople,
  Team,
  Workload,
} from '../../src/contracts/index.ts'
import { get } from './call.ts'

/** The first word of a key is the feed's topic that makes it old: who has time changes with the work. */
export const teamQuery = queryOptions({ queryKey: ['work', 'team'], queryFn: () => get<Team>('/api/team') })
export const taskPeopleQuery = (task: string) =>
  queryOptions({
    queryKey: ['work', 'people', task],
    queryFn: () => get<TaskPeople>(`/api/work/${encodeURIComponent(task)}/people`),
  })
/** `without`: as if somebody (`Practitioner/…`) had left. */
export const coverageQuery = (without?: string) =>
  queryOptions({
    queryKey: ['work', 'coverage', without ?? ''],
    queryFn: () =>
      get<Coverage>(`/api/coverage${without === undefined ? '' : `?without=${encodeURIComponent(without)}`}`),
    // It changes slowly, and every task that somebody takes would ask for it anew.
    staleTime: 60_000,
  })
export const coverageHoursQuery = ({ kind, place, day }: { kind: string; place: string; day: number }) =>
  queryOptions({
    queryKey: ['work', 'coverage', 'hours', kind, place, day],
    queryFn: () =>
      get<CoverageHours>(`/api/coverage/hours?${new URLSearchParams({ kind, place, day: String(day) }).toString()}`),
    staleTime: 60_000,
  })
export const workloadQuery = queryOptions({
  queryKey: ['work', 'workload'],
  queryFn: () => get<Workload>('/api/team/workload'),
})
export const staffImportsQuery = queryOptions({
  queryKey: ['staff-imports'],
  queryFn: () => get<StaffImports>('/api/team/imports'),
})
const going: readonly StaffImport['state'][] = ['reading', 'writing', 'undoing']
/** A file of people; asked again twice a second as long as something is done with it. */
export const staffImportQuery = (id: string) =>
  queryOptions({
    queryKey: ['staff-imports', 'one', id],
    queryFn: () => get<StaffImport>(`/api/team/imports/${encodeURIComponent(id)}`),
    refetchInterval: ({ state: { data } }) => (data && going.includes(data.state) ? 500 : false),
  })
export const importLinesQuery = (id: string, act: 'new' | 'changed' | 'same') =>
  infiniteQueryOptions({
    queryKey: ['staff-imports', 'lines', id, act],
    queryFn: ({ pageParam }) =>
      get<ImportLines>(`/api/team/imports/${encodeURIComponent(id)}/lines?act=${act}&after=${pageParam}`),
    initialPageParam: 0,
    getNextPageParam: ({ next }) => next,
  })
export const levelsQuery = queryOptions({ queryKey: ['levels'], queryFn: () => get<Levels>('/api/levels') })
export const givingQuery = queryOptions({ queryKey: ['giving'], queryFn: () => get<Giving>('/api/giving') })
