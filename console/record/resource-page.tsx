import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { Resource } from '@medplum/fhirtypes'
import { useMemo } from 'react'
import { ApiError } from '../api/call.ts'
import { resourceQuery } from '../api/record-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { titleOf } from './columns.ts'
import { History } from './history.tsx'
import { JsonView } from './json-view.tsx'
import { NamesContext, useNames } from './names.ts'
import { PatientHeader } from './patient-header.tsx'
import { Readable } from './readable.tsx'

const route = getRouteApi('/record/$type/$id')
const views = ['readable', 'json', 'history'] as const

/** One resource: for reading, as JSON, and through its versions. */
export function ResourcePage() {
  const { t } = useWords()
  const account = useAccount()
  const { type, id } = route.useParams()
  const { view = 'readable' } = route.useSearch()
  const resource = useQuery(resourceQuery(type, id))
  const deleted = resource.error instanceof ApiError && resource.error.status === 410
  return (
    <div className="page" data-testid="resource">
      <Link to="/record" search={{ type }} className="back">
        <Icon name="back" /> {t('allOfType', { type })}
      </Link>
      {resource.data ? <Heading resource={resource.data} /> : <h1>{`${type}/${id}`}</h1>}
      <div className="section-head">
        <nav className="tabs" aria-label={t('views')}>
          {views.map((one) => (
            <Link
              key={one}
              to="/record/$type/$id"
              params={{ type, id }}
              search={one === 'readable' ? {} : { view: one }}
              activeOptions={{ exact: true }}
              aria-current={view === one ? 'true' : undefined}
              replace
            >
              {t(`resource_${one}`)}
            </Link>
          ))}
        </nav>
        {account.may('audit.read') && (
          <Link to="/audit" search={{ entity: `${type}/${id}` }}>
            {t('whoLooked')}
          </Link>
        )}
      </div>
      {view === 'history' ? (
        <History type={type} id={id} />
      ) : resource.isPending ? (
        <Waiting lines={10} />
      ) : resource.data ? (
        <Shown resource={resource.data} view={view} />
      ) : deleted ? (
        <Empty title={t('resourceDeleted')} hint={t('resourceDeletedHint')}>
          <Link to="/record/$type/$id" params={{ type, id }} search={{ view: 'history' }}>
            {t('resource_history')}
          </Link>
        </Empty>
      ) : (
        <Failure error={resource.error} retry={resource.refetch} />
      )}
    </div>
  )
}

function Heading({ resource }: { resource: Resource }) {
  const words = useWords()
  const { t, momentOfYear } = words
  const { versionId, lastUpdated, security = [], tag = [] } = resource.meta ?? {}
  return (
    <>
      <header className="journey-head">
        <div>
          <h1>{titleOf(resource, words)}</h1>
          <p>
            <span className="tag">{resource.resourceType}</span>{' '}
            {security.map((label) => (
              <span key={`${label.system}|${label.code}`} className="tag bad" title={label.system}>
                {label.display ?? label.code}
              </span>
            ))}{' '}
            {tag.map((one) => (
              <span key={`${one.system}|${one.code}`} className="tag" title={one.system}>
                {one.display ?? one.code}
              </span>
            ))}{' '}
            <span className="quiet">
              <code>{resource.id}</code> · {t('version', { n: versionId ?? '?' })}
              {lastUpdated !== undefined && ` · ${t('changedAt', { at: momentOfYear(lastUpdated) })}`}
            </span>
          </p>
        </div>
      </header>
      <PatientHeader resource={resource} />
    </>
  )
}

function Shown({ resource, view }: { resource: Resource; view: 'readable' | 'json' }) {
  const names = useNames(useMemo(() => [resource], [resource]))
  return (
    <NamesContext value={names}>
      {view === 'json' ? <JsonView value={resource} /> : <Readable resource={resource} />}
    </NamesContext>
  )
}
