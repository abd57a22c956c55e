import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { Resource } from '@medplum/fhirtypes'
import { useMemo, useState } from 'react'
import { BreakGlassDialog } from '../access/break-glass-dialog.tsx'
import { Consents } from '../access/consents.tsx'
import { WhyAnswer } from '../access/why-answer.tsx'
import { glassReasonsQuery } from '../api/access-queries.ts'
import { ApiError } from '../api/call.ts'
import { resourceQuery } from '../api/record-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { PatientServices } from '../services/patient-services.tsx'
import { titleOf } from './columns.ts'
import { History } from './history.tsx'
import { JsonView } from './json-view.tsx'
import { NamesContext, useNames } from './names.ts'
import { PatientHeader } from './patient-header.tsx'
import { Readable } from './readable.tsx'

const route = getRouteApi('/record/$type/$id')
const views = ['readable', 'json', 'history', 'consents', 'services'] as const

/** One resource: for reading, as JSON, and through its versions. */
export function ResourcePage() {
  const { t } = useWords()
  const account = useAccount()
  const { type, id } = route.useParams()
  const { view = 'readable' } = route.useSearch()
  const resource = useQuery(resourceQuery(type, id))
  const [asked, setAsked] = useState(false)
  const deleted = resource.error instanceof ApiError && resource.error.status === 410
  return (
    <div className="page" data-testid="resource">
      <Link to="/record" search={{ type }} className="back">
        <Icon name="back" /> {t('allOfType', { type })}
      </Link>
      {resource.data ? <Heading resource={resource.data} /> : <h1>{`${type}/${id}`}</h1>}
      <div className="section-head">
        <nav className="tabs" aria-label={t('views')}>
          {views
            .filter((one) => (one !== 'consents' && one !== 'services') || type === 'Patient')
            .map((one) => (
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
        <p className="acts">
          <button type="button" className="plain-button" aria-expanded={asked} onClick={() => setAsked(!asked)}>
            {t('whyOpen')}
          </button>
          {account.may('audit.read') && (
            <Link to="/audit" search={{ entity: `${type}/${id}` }}>
              {t('whoLooked')}
            </Link>
          )}
        </p>
      </div>
      {asked && <WhyAnswer resource={`${type}/${id}`} account={undefined} />}
      {view === 'consents' ? (
        <Consents patient={`${type}/${id}`} />
      ) : view === 'services' ? (
        <PatientServices patient={id} />
      ) : view === 'history' ? (
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
        <Closed reference={`${type}/${id}`} error={resource.error} />
      )}
    </div>
  )
}

/** What cannot be shown may be closed to this person: why, and the way in for an emergency. */
function Closed({ reference, error }: { reference: string; error: unknown }) {
  const { t } = useWords()
  const [opening, setOpening] = useState(false)
  const reasons = useQuery(glassReasonsQuery)
  return (
    <>
      <Failure error={error} />
      {reasons.data?.allowed === true && (
        <Empty title={t('maybeClosed')} hint={t('maybeClosedHint')}>
          <Button onClick={() => setOpening(true)}>{t('emergency')}…</Button>
        </Empty>
      )}
      {opening && (
        <BreakGlassDialog
          {...(reference.startsWith('Patient/') ? { patient: reference } : {})}
          close={() => setOpening(false)}
        />
      )}
    </>
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
