import { Button } from '@mantine/core'
import type { BundleEntry, Resource } from '@medplum/fhirtypes'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { recordSearchQuery } from '../api/record-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { Empty, Waiting } from '../parts/states.tsx'
import { useKeys } from '../parts/use-keys.ts'
import { type Cell, columnsOf, titleOf } from './columns.ts'
import { type Condition, formOf } from './conditions.ts'
import { NamesContext, useNames } from './names.ts'
import { ReferenceLink } from './reference-link.tsx'
import { plainName } from './shapes.ts'

interface ResultsProps {
  type: string
  conditions: readonly Condition[]
  sort: string | undefined
}

/** What was found, in columns that fit the type. */
export function Results({ type, conditions, sort }: ResultsProps) {
  const { t, number } = useWords()
  const found = useInfiniteQuery(recordSearchQuery(type, formOf(conditions, sort)))
  const entries = useMemo(() => found.data?.pages.flatMap((page) => page.entry ?? []) ?? [], [found.data])
  const matches = useMemo(() => resourcesOf(entries), [entries])
  const names = useNames(matches)
  const move = (by: number) => {
    const links = [...document.querySelectorAll<HTMLElement>('[data-result]')]
    const at = links.findIndex((link) => link === document.activeElement)
    links[Math.max(0, Math.min(links.length - 1, at < 0 ? 0 : at + by))]?.focus()
  }
  useKeys({ j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1) })
  if (found.isPending) return <Waiting lines={10} />
  if (!found.data)
    return (
      <div className="page">
        <FormFailure error={found.error} />
      </div>
    )
  const total = found.data.pages[0]?.total
  const notes = entries.flatMap(({ resource }) =>
    resource?.resourceType === 'OperationOutcome' ? (resource.issue ?? []) : [],
  )
  return (
    <section aria-label={t('found')} className="found">
      <p role="status" className="quiet">
        {total === undefined ? '' : t('foundCount', { count: total, number: number(total) })}
      </p>
      {notes.map((issue, index) => (
        <p key={index} className="soon">
          {t('searchNote')} {issue.diagnostics ?? issue.details?.text} {issue.expression?.join(', ')}
        </p>
      ))}
      {matches.length === 0 ? (
        <Empty title={t('foundNothing')} hint={t(conditions.length === 0 ? 'foundNoneOfType' : 'foundNothingHint')} />
      ) : (
        <NamesContext value={names}>
          <Table type={type} matches={matches} />
        </NamesContext>
      )}
      {found.hasNextPage && (
        <div className="more">
          <Button loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {t('more')}
          </Button>
        </div>
      )}
    </section>
  )
}

const resourcesOf = (entries: readonly BundleEntry[]): Resource[] =>
  entries.flatMap(({ resource, search }) => (resource && search?.mode !== 'outcome' ? [resource] : []))

function Table({ type, matches }: { type: string; matches: readonly Resource[] }) {
  const words = useWords()
  const { t, momentOfYear } = words
  const columns = columnsOf(type)
  return (
    <div className="table-wrap" tabIndex={0} role="group" aria-label={t('found')}>
      <table className="table dense">
        <thead>
          <tr>
            <th scope="col">{t('name')}</th>
            {columns.map(({ element }) => (
              <th key={element} scope="col">
                {t(`element_${element}`, { defaultValue: plainName(element) })}
              </th>
            ))}
            <th scope="col">{t('lastChanged')}</th>
          </tr>
        </thead>
        <tbody>
          {matches.map((resource) => (
            <tr key={`${resource.resourceType}/${resource.id}`} data-testid="record-row">
              <th scope="row">
                <Link
                  to="/record/$type/$id"
                  params={{ type: resource.resourceType, id: resource.id ?? '' }}
                  data-result
                >
                  {titleOf(resource, words)}
                </Link>
              </th>
              {columns.map(({ element, value }) => (
                <td key={element}>
                  <CellShown cell={value(resource, words)} />
                </td>
              ))}
              <td className="number">
                {resource.meta?.lastUpdated && (
                  <time dateTime={resource.meta.lastUpdated}>{momentOfYear(resource.meta.lastUpdated)}</time>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function CellShown({ cell }: { cell: Cell }) {
  if (cell === undefined || typeof cell === 'string') return cell
  return <ReferenceLink to={cell} />
}
