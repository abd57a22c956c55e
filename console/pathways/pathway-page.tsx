import { Button, NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { pathwaysQuery, pathwayVersionQuery } from '../api/queries.ts'
import { DesignButton } from '../designer/design-button.tsx'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { TryLinks } from '../replay/tried.tsx'
import { PublishDialog } from './publish-dialog.tsx'
import { Source } from '../source/source.tsx'

const Picture = lazy(() => import('../picture/picture.tsx'))
const route = getRouteApi('/pathways/$id')

export function PathwayPage() {
  const { t } = useWords()
  const { id } = route.useParams()
  const search = route.useSearch()
  const pathways = useQuery(pathwaysQuery)
  if (pathways.isPending) return <Waiting />
  if (!pathways.data) return <Failure error={pathways.error} retry={pathways.refetch} />
  const pathway = pathways.data.items.find((one) => one.id === id)
  if (!pathway)
    return (
      <Empty title={t('error_pathway-not-found')}>
        <Link to="/pathways">{t('pathways')}</Link>
      </Empty>
    )
  return <Shown pathway={pathway} version={search.version ?? pathway.activeVersion} />
}

type Listed = NonNullable<Awaited<ReturnType<NonNullable<typeof pathwaysQuery.queryFn>>>>['items'][number]

function Shown({ pathway, version }: { pathway: Listed; version: number }) {
  const { t, either, date } = useWords()
  const account = useAccount()
  const navigate = route.useNavigate()
  const [editing, setEditing] = useState(false)
  const shown = useQuery(pathwayVersionQuery(pathway.id, version))
  const about = pathway.versions.find((one) => one.version === version)
  const others = pathway.versions.reduce((sum, one) => sum + (one.version === version ? 0 : one.running), 0)
  return (
    <div className="page">
      <Link to="/pathways" className="back">
        <Icon name="back" /> {t('pathways')}
      </Link>
      <header className="journey-head">
        <div>
          <h1>{either(shown.data?.title ?? pathway.title)}</h1>
          {shown.data?.description && <p className="lead">{either(shown.data.description)}</p>}
          {about && (
            <p>
              <span className={`tag ${about.status === 'active' ? 'good' : ''}`}>
                {t(about.status === 'active' ? 'active' : 'retired')}
              </span>{' '}
              <span className="quiet">
                {t('published', { date: date(about.publishedAt), by: about.by })} ·{' '}
                {t('running', { count: about.running })}
                {about.note !== '' && <> · {about.note}</>}
              </span>
            </p>
          )}
        </div>
        <div className="head-right">
          <TryLinks pathway={pathway.id} version={version} />
          <NativeSelect
            aria-label={t('versionHead')}
            size="xs"
            value={String(version)}
            data={pathway.versions.map((one) => ({
              value: String(one.version),
              label: `${t('version', { n: one.version })}${one.version === pathway.activeVersion ? ` (${t('active')})` : ''}`,
            }))}
            onChange={(event) => void navigate({ search: { version: Number(event.currentTarget.value) } })}
          />
          {account.may('pathways.write') && <DesignButton pathway={pathway.id} version={version} />}
          {account.may('pathways.publish') && (
            <Button disabled={!shown.data} onClick={() => setEditing(true)}>
              {t('editSource')}
            </Button>
          )}
        </div>
      </header>
      {others > 0 && account.may('journeys.read') && (
        <p>
          <Link to="/moves" search={{ pathway: pathway.id, to: version }}>
            {t('moveRunningHere', { count: others })}
          </Link>
        </p>
      )}
      {shown.isPending && <Waiting lines={12} />}
      {shown.error && !shown.data && <Failure error={shown.error} retry={shown.refetch} />}
      {shown.data && (
        <div className="journey">
          <section aria-label={t('picture')} className="journey-picture">
            <h2>{t('picture')}</h2>
            <Suspense
              fallback={
                <div className="flow">
                  <Waiting />
                </div>
              }
            >
              <Picture graph={shown.data.graph} label={t('pictureOf', { name: either(shown.data.title) })} />
            </Suspense>
          </section>
          <div className="journey-side">
            <Source source={shown.data.source} findings={shown.data.findings} />
          </div>
        </div>
      )}
      {editing && shown.data && (
        <PublishDialog source={shown.data.source} base={pathway.id} close={() => setEditing(false)} />
      )}
    </div>
  )
}
