import { Button, NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { PathwayList } from '../../src/contracts/index.ts'
import { draftsQuery, pathwayHistoryQuery } from '../api/pathway-queries.ts'
import { pathwaysQuery, pathwayVersionQuery } from '../api/queries.ts'
import { DesignButton } from '../designer/design-button.tsx'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { TryLinks } from '../replay/tried.tsx'
import { Source } from '../source/source.tsx'
import { Compared } from './compared.tsx'
import { Drafts } from './drafts.tsx'
import { Happened } from './happened.tsx'
import { PathwayPicture } from './pathway-views.tsx'
import { Live } from './pathways-page.tsx'
import { Scenarios } from './scenarios.tsx'
import { useBeginDraft } from './use-begin-draft.ts'
import { LiveDialog, RetireDialog, RollBackDialog, SecondDialog } from './version-dialogs.tsx'

const route = getRouteApi('/pathways/$id')
const views = ['picture', 'changes', 'scenarios', 'source', 'drafts', 'history'] as const

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
  const newest = pathway.versions[0]?.version ?? 0
  return <Shown pathway={pathway} version={search.version ?? (pathway.activeVersion || newest)} />
}

type Listed = PathwayList['items'][number]

function Shown({ pathway, version }: { pathway: Listed; version: number }) {
  const { t, either } = useWords()
  const account = useAccount()
  const navigate = route.useNavigate()
  const { show = 'picture' } = route.useSearch()
  const shown = useQuery(pathwayVersionQuery(pathway.id, version))
  const begin = useBeginDraft()
  const [dialog, setDialog] = useState<'retire' | 'roll-back' | 'live' | 'second'>()
  const about = pathway.versions.find((one) => one.version === version)
  const at = (view: (typeof views)[number]) => ({
    ...(version === pathway.activeVersion ? {} : { version }),
    ...(view === 'picture' ? {} : { show: view }),
  })
  const close = () => setDialog(undefined)
  const partly = about?.status === 'active' && (version !== pathway.activeVersion || pathway.clinics.length > 0)
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
          <Live pathway={pathway} />
        </div>
        <div className="head-right">
          <TryLinks pathway={pathway.id} version={version} />
          <a href={`/api/pathways/${encodeURIComponent(pathway.id)}/versions/${version}/fhir`} download>
            {t('exportFhir')}
          </a>
          <NativeSelect
            aria-label={t('versionHead')}
            size="xs"
            value={String(version)}
            data={pathway.versions.map((one) => ({
              value: String(one.version),
              label: `${t('version', { n: one.version })}${one.status === 'active' ? ` (${t('active')})` : ''}`,
            }))}
            onChange={(event) =>
              void navigate({
                search: { version: Number(event.currentTarget.value), ...(show === 'picture' ? {} : { show }) },
              })
            }
          />
          {account.may('pathways.publish') && partly && (
            <Button onClick={() => setDialog('live')}>{t('goLiveMore')}</Button>
          )}
          {account.may('pathways.publish') && about?.status === 'retired' && (
            <Button onClick={() => setDialog('roll-back')}>{t('rollBack')}</Button>
          )}
          {account.may('pathways.publish') && (pathway.activeVersion > 0 || pathway.clinics.length > 0) && (
            <Button onClick={() => setDialog('retire')}>{t('retire')}</Button>
          )}
          {account.may('pathways.write') && (
            <Button loading={begin.isPending} onClick={() => begin.mutate({ pathway: pathway.id, version })}>
              {t('changeIt')}
            </Button>
          )}
          {account.may('pathways.write') && <DesignButton pathway={pathway.id} version={version} />}
        </div>
      </header>
      {others > 0 && account.may('journeys.read') && (
        <p>
          <Link to="/moves" search={{ pathway: pathway.id, to: version }}>
            {t('moveRunningHere', { count: others })}
          </Link>
        </p>
      )}
      {about && <About version={about} second={() => setDialog('second')} />}
      <nav className="tabs" aria-label={t('views')}>
        {views.map((one) => (
          <Link
            key={one}
            to="/pathways/$id"
            params={{ id: pathway.id }}
            search={at(one)}
            activeOptions={{ exact: true }}
            aria-current={show === one ? 'true' : undefined}
          >
            {t(`view_${one}`)}
          </Link>
        ))}
      </nav>
      {shown.isPending && <Waiting lines={12} />}
      {shown.error && !shown.data && <Failure error={shown.error} retry={shown.refetch} />}
      {shown.data && show === 'picture' && (
        <PathwayPicture graph={shown.data.graph} report={shown.data.report} title={either(shown.data.title)} />
      )}
      {show === 'changes' && <SinceBefore pathway={pathway} version={version} />}
      {shown.data && show === 'scenarios' && <Scenarios scenarios={shown.data.scenarios} report={shown.data.report} />}
      {shown.data && show === 'source' && <Source source={shown.data.source} findings={shown.data.findings} />}
      {show === 'drafts' && <DraftsOf pathway={pathway.id} />}
      {show === 'history' && <HistoryOf pathway={pathway.id} />}
      {dialog === 'retire' && <RetireDialog pathway={pathway} close={close} />}
      {dialog === 'roll-back' && <RollBackDialog pathway={pathway.id} version={version} close={close} />}
      {dialog === 'live' && <LiveDialog pathway={pathway.id} version={version} close={close} />}
      {dialog === 'second' && <SecondDialog pathway={pathway.id} version={version} close={close} />}
    </div>
  )
}

/** Who answers for a version, and why it is there. */
function About({ version, second }: { version: Listed['versions'][number]; second: () => void }) {
  const { t, date } = useWords()
  const account = useAccount()
  const { writers, approved, emergency, seconded } = version
  return (
    <>
      <p>
        <span className={`tag ${version.status === 'active' ? 'good' : ''}`}>
          {t(version.status === 'active' ? 'active' : 'retired')}
        </span>{' '}
        <strong>{version.note}</strong>{' '}
        <span className="quiet">
          {t('published', { date: date(version.publishedAt), by: version.by })}
          {writers.length > 0 && <> · {t('writtenBy', { names: writers.map(({ name }) => name).join(', ') })}</>}
          {approved && <> · {t('approvedBy', { name: approved.by.name })}</>}
          {version.restores !== null && <> · {t('restoresVersion', { n: version.restores })}</>} ·{' '}
          {t('running', { count: version.running })}
        </span>
      </p>
      {emergency !== null && (
        <div className="banner" role="note">
          <span>
            <strong>{t('emergencyBy', { name: version.by })}</strong> {emergency}{' '}
            {seconded && <span className="quiet">{t('secondedBy', { name: seconded.by.name })}</span>}
          </span>
          {!seconded && account.may('pathways.approve') && <Button onClick={second}>{t('second')}</Button>}
        </div>
      )}
    </>
  )
}

/** A version beside another one: the one before it unless another is chosen. */
function SinceBefore({ pathway, version }: { pathway: Listed; version: number }) {
  const { t } = useWords()
  const before = pathway.versions.filter((one) => one.version !== version)
  const usual = before.find((one) => one.version < version)?.version ?? before[0]?.version
  const [chosen, setChosen] = useState<number>()
  const from = chosen ?? usual
  if (from === undefined) return <Empty title={t('onlyVersion')} />
  return (
    <>
      <p>
        <NativeSelect
          size="xs"
          label={t('compareWith')}
          value={String(from)}
          data={before.map((one) => ({ value: String(one.version), label: t('version', { n: one.version }) }))}
          onChange={(event) => setChosen(Number(event.currentTarget.value))}
          style={{ display: 'inline-block' }}
        />
      </p>
      <Compared pathway={pathway.id} from={String(from)} to={String(version)} />
    </>
  )
}

function DraftsOf({ pathway }: { pathway: string }) {
  const drafts = useQuery(draftsQuery(pathway))
  if (drafts.isPending) return <Waiting />
  if (!drafts.data) return <Failure error={drafts.error} retry={drafts.refetch} />
  return <Drafts drafts={drafts.data.items} />
}

function HistoryOf({ pathway }: { pathway: string }) {
  const history = useQuery(pathwayHistoryQuery(pathway))
  if (history.isPending) return <Waiting />
  if (!history.data) return <Failure error={history.error} retry={history.refetch} />
  return <Happened items={history.data.items} />
}
