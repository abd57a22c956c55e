import type { ReactNode } from 'react'
import { useWords } from '../i18n.ts'
import { Failure } from './failure.tsx'
import { Waiting } from './states.tsx'

interface ListingProps<T> {
  title: string
  /** What this list is for, when its title does not say it. */
  hint?: string
  /** Said in place of an empty list. */
  empty: string
  query: {
    data: { items: readonly T[] } | undefined
    error: unknown
    isPending: boolean
    refetch: () => unknown
  }
  columns: readonly string[]
  /** How many there are, when not all of them are listed. */
  count?: number
  /** A `tr` with its key. */
  row: (item: T) => ReactNode
  action?: ReactNode
}

/** A titled table of things, through all of its states. */
export function Listing<T>({ title, hint, empty, query, columns, row, action, count }: ListingProps<T>) {
  const { t } = useWords()
  const { data } = query
  return (
    <section aria-label={title}>
      <div className="section-head">
        <h2>
          {title} {data && <span className="count">{count ?? data.items.length}</span>}
        </h2>
        {action}
      </div>
      {hint !== undefined && <p className="quiet lead">{hint}</p>}
      {query.isPending && <Waiting lines={3} />}
      {query.error !== null && !data && <Failure error={query.error} retry={query.refetch} />}
      {data?.items.length === 0 && <p className="quiet">{empty}</p>}
      {data && data.items.length > 0 && (
        <div className="table-wrap" tabIndex={0} role="group" aria-label={title}>
          <table className="table">
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column} scope="col">
                    {column === '' ? <span className="unseen">{t('acts')}</span> : column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>{data.items.map(row)}</tbody>
          </table>
        </div>
      )}
    </section>
  )
}
