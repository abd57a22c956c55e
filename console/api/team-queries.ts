import { queryOptions } from '@tanstack/react-query'
import type { TaskPeople, Team } from '../../src/contracts/index.ts'
import { get } from './call.ts'

/** The first word of a key is the feed's topic that makes it old: who has time changes with the work. */
export const teamQuery = queryOptions({ queryKey: ['work', 'team'], queryFn: () => get<Team>('/api/team') })
export const taskPeopleQuery = (task: string) =>
  queryOptions({
    queryKey: ['work', 'people', task],
    queryFn: () => get<TaskPeople>(`/api/work/${encodeURIComponent(task)}/people`),
  })
