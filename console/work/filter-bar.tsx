import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { SavedFilters, WorkFilter } from '../../src/contracts/index.ts'
import { filtersQuery } from '../api/queue-queries.ts'
import { useWords } from '../i18n.ts'
import { useBounded } from '../parts/bounded.tsx'
import { type Conditions, conditionsOf, sameFilter, useConditionWords } from './filter-words.ts'

export type Saved = SavedFilters['items'][number]

/** The filters at hand, each by its number, and what the one that is on says. */
export function FilterBar({
  filter,
  active,
  edit,
  children,
}: {
  filter: WorkFilter | undefined
  active: Conditions
  edit: () => void
  /** What narrows the list beside filters. */
  children: ReactNode
}) {
  const { t } = useWords()
  const say = useBounded()
  const words = useConditionWords()
  const filters = useQuery(filtersQuery)
  const items = filters.data?.items ?? []
  const on = items.find((one) => filter && sameFilter(one.filter, filter))
  const said = words(active)
  return (
    <div className="filter-bar" role="group" aria-label={t('savedFilters')} data-testid="filter-bar">
      {items.map((one, index) => (
        <Link
          key={one.id}
          to="/work"
          search={searchOf(one.filter)}
          activeOptions={{ exact: true }}
          className="chip"
          data-testid="saved-filter"
          aria-current={one === on ? 'true' : undefined}
          title={one.mine ? undefined : t('filterBy', { name: one.ownerName })}
          {...(index < 9 ? { 'aria-keyshortcuts': String(index + 1) } : {})}
        >
          {index < 9 && <kbd aria-hidden="true">{index + 1}</kbd>}
          {one.name} <span className="count">{say(one.found)}</span>
        </Link>
      ))}
      {filter && (
        <button type="button" className="plain-button" onClick={edit} aria-keyshortcuts="f">
          {t(on ? (on.mine ? 'editFilter' : 'copyFilter') : 'filterWork')}… <kbd aria-hidden="true">f</kbd>
        </button>
      )}
      {said.length > 0 && filter && (
        <span className="filter-said" role="status">
          {said.join(' · ')}{' '}
          <Link to="/work" search={{ list: filter.list }} aria-keyshortcuts="0">
            {t('clearFilter')} <kbd aria-hidden="true">0</kbd>
          </Link>
        </span>
      )}
      <div className="head-right">{children}</div>
    </div>
  )
}

export const searchOf = ({ list, ...conditions }: WorkFilter) => ({ list, ...conditionsOf(conditions) })
