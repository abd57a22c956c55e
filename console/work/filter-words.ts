import { useQuery } from '@tanstack/react-query'
import type { WorkFilter } from '../../src/contracts/index.ts'
import { filterChoicesQuery } from '../api/queue-queries.ts'
import { useWords } from '../i18n.ts'
import { useRoleTitles } from '../parts/use-role-titles.ts'

export const conditionNames = ['role', 'urgency', 'due', 'kind', 'place', 'level', 'escalated'] as const
export type Conditions = Omit<WorkFilter, 'list'>

/** The conditions of a filter, or of an address, without what is not given. */
export const conditionsOf = (from: Conditions): Conditions =>
  Object.fromEntries(conditionNames.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])))

export const sameFilter = (a: WorkFilter, b: WorkFilter): boolean =>
  a.list === b.list && conditionNames.every((name) => a[name] === b[name])

/** Says each condition in the reader's words. */
export function useConditionWords(): (conditions: Conditions) => string[] {
  const { t, either } = useWords()
  const roleOf = useRoleTitles()
  const choices = useQuery(filterChoicesQuery)
  const titleOf = (list: 'kinds' | 'places', id: string) => {
    const one = choices.data?.[list].find((each) => each.id === id)
    return one ? either(one.title) : id
  }
  return ({ role, urgency, due, kind, place, level, escalated }) => [
    ...(role === undefined ? [] : [roleOf(role)]),
    ...(urgency === undefined ? [] : [t(`urgency_${urgency}`)]),
    ...(due === undefined ? [] : [t(`dueIs_${due}`)]),
    ...(kind === undefined ? [] : [titleOf('kinds', kind)]),
    ...(place === undefined ? [] : [titleOf('places', place)]),
    ...(level === undefined ? [] : [t(`levelIs_${level}`)]),
    ...(escalated === undefined ? [] : [t('escalated')]),
  ]
}
