import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { Draft, Examination } from '../../src/contracts/index.ts'
import { draftQuery, examinationQuery } from '../api/pathway-queries.ts'
import { call } from '../api/call.ts'
import { pathwaysQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'
import { TryLinks } from '../replay/tried.tsx'
import { useFindingWords } from '../source/finding-words.ts'
import { Findings } from '../source/findings.tsx'
import { Comments } from './comments.tsx'
import { Compared } from './compared.tsx'
import { DraftActs } from './draft-acts.tsx'
import { DraftStatus } from './drafts.tsx'
import { DraftScenarios } from './draft-scenarios.tsx'
import { DraftSource } from './draft-source.tsx'
import { PathwayPicture } from './pathway-views.tsx'

const route = getRouteApi('/pathways/drafts/$draft')
const views = ['changes', 'picture', 'source', 'scenarios', 'comments'] as const

/** A draft: what it changes, how it is examined, what people say of it, and the way on through review. */
export function DraftPage() {
  const { draft: id } = route.useParams()
  const draft = useQuery(draftQuery(id))
  if (draft.isPending) return <Waiting lines={12} />
  if (!draft.data) return <Failure error={draft.error} retry={draft.refetch} />
  return <Shown draft={draft.data} />
}

function Shown({ draft }: { draft: Draft }) {
  const { t, either, moment } = useWords()
  const search = route.useSearch()
  const examined = useQuery(examinationQuery(draft.id, draft.revision))
  const from = draft.basedOn
  const shownViews = views.filter((one) => one !== 'changes' || from !== null)
  const show = search.show ?? shownViews[0] ?? 'picture'
  const title = draft.title ? either(draft.title) : draft.pathway
  return (
    <div className="page">
      <Link to="/pathways" search={{ show: 'drafts' }} className="back">
        <Icon name="back" /> {t('pathways_drafts')}
      </Link>
      <header className="journey-head">
        <div>
          <h1>{title}</h1>
          <p>
            <DraftStatus status={draft.status} />{' '}
            {draft.note !== '' && <strong data-testid="draft-note">{draft.note}</strong>}{' '}
            <span className="quiet">
              {t('writtenBy', { names: draft.writers.map(({ name }) => name).join(', ') })} ·{' '}
              {t('draftLastChanged', { when: moment(draft.changedAt), name: draft.lastWriter.name })}
              {draft.asked && <> · {t('askedBy', { name: draft.asked.by.name })}</>}
              {draft.approved && <> · {t('approvedBy', { name: draft.approved.by.name })}</>}
              {from !== null && (
                <>
                  {' · '}
                  <Link to="/pathways/$id" params={{ id: draft.pathway }} search={{ version: from }}>
                    {t('from_version', { n: from })}
                  </Link>
                </>
              )}
              {draft.restores !== null && <> · {t('restoresVersion', { n: draft.restores })}</>}
            </span>
          </p>
        </div>
        <div className="head-right">
          <TryLinks pathway={draft.pathway} draft={draft.id} />
          {draft.may.save === true && (
            <Link to="/pathways/$id/design/$draft" params={{ id: draft.pathway, draft: draft.id }}>
              {t('designOpen')}
            </Link>
          )}
          <DraftActs draft={draft} />
        </div>
      </header>
      {draft.status !== 'published' && draft.status !== 'discarded' && examined.data && (
        <InTheWay examination={examined.data} />
      )}
      {examined.data && examined.data.forms.length > 0 && (
        <p data-testid="forms-with-it">
          {t('formsWithIt')}{' '}
          {examined.data.forms.map((form, index) => (
            <span key={form.id}>
              {index > 0 && ', '}
              <Link to="/forms/$id" params={{ id: form.id }}>
                {either(form.title)} ({t('version', { n: form.canonical.split('|')[1] })})
              </Link>
            </span>
          ))}
        </p>
      )}
      {draft.may.save === true && <BaseMoved draft={draft} />}
      <nav className="tabs" aria-label={t('views')}>
        {shownViews.map((one) => (
          <Link
            key={one}
            to="/pathways/drafts/$draft"
            params={{ draft: draft.id }}
            search={one === shownViews[0] ? {} : { show: one }}
            activeOptions={{ exact: true }}
            aria-current={show === one ? 'true' : undefined}
          >
            {t(`view_${one}`)}
            {one === 'comments' && draft.openComments > 0 && <span className="count">{draft.openComments}</span>}
          </Link>
        ))}
      </nav>
      {show === 'changes' && from !== null && (
        <Compared pathway={draft.pathway} from={String(from)} to={draft.id} revision={draft.revision} />
      )}
      {show === 'picture' && examined.isPending && <Waiting lines={10} />}
      {show === 'picture' && examined.data && (
        <>
          {examined.data.graph && (
            <PathwayPicture graph={examined.data.graph} report={examined.data.report} title={title} />
          )}
          {examined.data.findings.length > 0 && (
            <section aria-label={t('findings')}>
              <h2>{t('findings')}</h2>
              <Findings findings={examined.data.findings} />
            </section>
          )}
        </>
      )}
      {show === 'source' && <DraftSource key={draft.id} draft={draft} />}
      {show === 'scenarios' && <DraftScenarios draft={draft} report={examined.data?.report ?? null} />}
      {show === 'comments' && <Comments draft={draft.id} graph={examined.data?.graph ?? null} />}
    </div>
  )
}

/** What would refuse the draft's publication, if anything. */
function InTheWay({ examination }: { examination: Examination }) {
  const { t } = useWords()
  const say = useFindingWords()
  const { refusals, report } = examination
  if (refusals.length === 0)
    return (
      <p className="good-text">
        <Icon name="done" /> {t('nothingInTheWay')}
        {report && report.missing.length > 0 && (
          <span className="soon"> {t('leftOutCount', { count: report.missing.length })}</span>
        )}
      </p>
    )
  return (
    <div className="banner" role="note">
      <div>
        <strong>{t('inTheWay')}</strong>
        <ul className="plain">
          {refusals.slice(0, 6).map((one, index) => (
            <li key={index}>
              {t(`error_${one.code}`)} <code>{one.path}</code>{' '}
              <span className="quiet">
                {one.finding === undefined ? one.message : say({ code: one.finding, message: one.message })}
              </span>
            </li>
          ))}
        </ul>
        {refusals.length > 6 && <p className="quiet">{t('andMore', { count: refusals.length - 6 })}</p>}
      </div>
    </div>
  )
}

/** A newer version went live meanwhile: what it changed is looked at and taken in before this draft goes on. */
function BaseMoved({ draft }: { draft: Draft }) {
  const { t } = useWords()
  const pathways = useQuery(pathwaysQuery)
  const newest = pathways.data?.items.find((one) => one.id === draft.pathway)?.versions[0]?.version
  const take = useAct(() => call('PUT', `/api/drafts/${draft.id}`, { revision: draft.revision, basedOn: newest }), {
    anew: [['pathways']],
  })
  if (newest === undefined || draft.basedOn === null || newest === draft.basedOn) return null
  return (
    <div className="banner" role="note">
      <strong>{t('baseMoved', { n: newest })}</strong>
      <span className="acts">
        <Link to="/pathways/$id" params={{ id: draft.pathway }} search={{ version: newest, show: 'changes' }}>
          {t('baseCompare')}
        </Link>
        <Button loading={take.isPending} onClick={() => take.mutate()}>
          {t('baseTaken')}
        </Button>
      </span>
    </div>
  )
}
