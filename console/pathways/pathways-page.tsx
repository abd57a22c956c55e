import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { PathwayList } from '../../src/contracts/index.ts'
import { draftsQuery } from '../api/pathway-queries.ts'
import { pathwaysQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { CatalogueList } from './catalogue.tsx'
import { clinicsQuery } from './clinic-choice.tsx'
import { Drafts } from './drafts.tsx'
import { ImportDialog } from './import-dialog.tsx'
import { NewPathwayDialog } from './new-pathway-dialog.tsx'

const route = getRouteApi('/pathways')
const views = ['published', 'drafts', 'catalogue'] as const

/** Pathways as they are live, the drafts that are worked on, and what the library offers. */
export function PathwaysPage() {
  const { t } = useWords()
  const account = useAccount()
  const { show = 'published' } = route.useSearch()
  const drafts = useQuery(draftsQuery())
  const [writing, setWriting] = useState(false)
  const [importing, setImporting] = useState(false)
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('pathways')}</h1>
        <nav className="tabs" aria-label={t('views')}>
          {views.map((one) => (
            <Link
              key={one}
              to="/pathways"
              search={one === 'published' ? {} : { show: one }}
              activeOptions={{ exact: true }}
              aria-current={show === one ? 'true' : undefined}
            >
              {t(`pathways_${one}`)}
              {one === 'drafts' && drafts.data && <span className="count">{drafts.data.items.length}</span>}
            </Link>
          ))}
        </nav>
        <div className="head-right">
          {account.may('pathways.write') && (
            <>
              <Button onClick={() => setImporting(true)}>{t('importFhir')}…</Button>
              <Button onClick={() => setWriting(true)}>{t('newPathway')}</Button>
            </>
          )}
        </div>
      </div>
      {show === 'published' && <Published />}
      {show === 'catalogue' && <CatalogueList />}
      {show === 'drafts' &&
        (drafts.isPending ? (
          <Waiting />
        ) : drafts.data ? (
          <Drafts drafts={drafts.data.items} />
        ) : (
          <Failure error={drafts.error} retry={drafts.refetch} />
        ))}
      {writing && <NewPathwayDialog close={() => setWriting(false)} />}
      {importing && <ImportDialog close={() => setImporting(false)} />}
    </div>
  )
}

function Published() {
  const { t } = useWords()
  const pathways = useQuery(pathwaysQuery)
  if (pathways.isPending) return <Waiting />
  if (!pathways.data) return <Failure error={pathways.error} retry={pathways.refetch} />
  if (pathways.data.items.length === 0)
    return (
      <Empty title={t('noPathways')} hint={t('noPathwaysHint')}>
        <Link to="/pathways" search={{ show: 'catalogue' }}>
          {t('pathways_catalogue')}
        </Link>
      </Empty>
    )
  return (
    <div className="table-wrap" tabIndex={0} role="group" aria-label={t('pathways')}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('pathway')}</th>
            <th scope="col">{t('liveHead')}</th>
            <th scope="col" className="end">
              {t('runningHead')}
            </th>
            <th scope="col" className="end">
              {t('runningOlder')}
            </th>
            <th scope="col">{t('publishedHead')}</th>
            <th scope="col">{t('note')}</th>
          </tr>
        </thead>
        <tbody>
          {pathways.data.items.map((one) => (
            <PathwayRow key={one.id} pathway={one} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function PathwayRow({ pathway }: { pathway: PathwayList['items'][number] }) {
  const { t, either, date } = useWords()
  const account = useAccount()
  const running = (live: boolean) =>
    pathway.versions.reduce((sum, one) => sum + ((one.status === 'active') === live ? one.running : 0), 0)
  const newest = pathway.versions[0]
  const flagged = pathway.versions.some((one) => one.emergency !== null && one.seconded === null)
  return (
    <tr data-testid="pathway-row">
      <th scope="row">
        <Link to="/pathways/$id" params={{ id: pathway.id }}>
          {either(pathway.title)}
        </Link>{' '}
        {flagged && <span className="tag bad">{t('secondWanted')}</span>}
        <br />
        <code className="quiet">{pathway.id}</code>
      </th>
      <td>
        <Live pathway={pathway} />
      </td>
      <td className="end number">
        {account.may('journeys.read') ? (
          <Link to="/journeys" search={{ pathway: pathway.id }}>
            {running(true)}
          </Link>
        ) : (
          running(true)
        )}
      </td>
      <td className="end number">{running(false)}</td>
      <td>
        {newest && (
          <>
            {date(newest.publishedAt)}
            <br />
            <span className="quiet">{newest.by}</span>
          </>
        )}
      </td>
      <td>{newest?.note}</td>
    </tr>
  )
}

/** Which version is live where. */
export function Live({ pathway }: { pathway: PathwayList['items'][number] }) {
  const { t } = useWords()
  const versions = new Map<number, string[]>()
  for (const { clinic, version } of pathway.clinics) versions.set(version, [...(versions.get(version) ?? []), clinic])
  const account = useAccount()
  const known = useQuery({ ...clinicsQuery, enabled: versions.size > 0 && account.may('record.read') })
  const names = new Map(known.data?.map(({ reference, name }) => [reference, name]))
  if (pathway.activeVersion === 0 && versions.size === 0) return <span className="tag">{t('liveNowhere')}</span>
  return (
    <>
      {pathway.activeVersion > 0 && (
        <span className="tag good">
          {t(versions.size > 0 ? 'liveElsewhere' : 'liveForAll', { n: pathway.activeVersion })}
        </span>
      )}
      {[...versions].map(([version, clinics]) => (
        <div key={version}>
          <span className="tag urgent">{t('liveForSome', { n: version, count: clinics.length })}</span>{' '}
          <span className="quiet">{clinics.map((one) => names.get(one) ?? one).join(', ')}</span>
        </div>
      ))}
    </>
  )
}
