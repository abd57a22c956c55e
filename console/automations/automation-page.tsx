import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { Automation } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { automationQuery } from '../api/release-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Listing } from '../parts/listing.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { SureDialog } from '../parts/sure-dialog.tsx'
import { useAct } from '../parts/use-act.ts'
import { useRoleTitles } from '../parts/use-role-titles.ts'
import { SourceDialog } from '../source/source-dialog.tsx'
import { Decisions } from './decisions.tsx'
import { Ladder } from './ladder.tsx'
import { ReplayDialog } from './replay-dialog.tsx'
import { RiseDialog } from './rise-dialog.tsx'
import { Rises } from './rises.tsx'
import { Rollouts } from './rollouts.tsx'
import { scopeWords } from './scope-words.ts'
import { StopDialog } from './stop-dialog.tsx'
import { Training } from './training.tsx'

const route = getRouteApi('/automations/$id')

/** One automation: what it is for, what each version may do, what shows it, and what it did. */
export function AutomationPage() {
  const { id } = route.useParams()
  const { t, either } = useWords()
  const account = useAccount()
  const queries = useQueryClient()
  const automation = useQuery(automationQuery(id))
  const [open, setOpen] = useState<'stop' | 'rise' | 'write' | 'promote' | 'replay'>()
  const close = () => setOpen(undefined)
  const promote = useAct(() => call('POST', `/api/automations/${encodeURIComponent(id)}/promote`), {
    anew: [['automations']],
    done: close,
    quiet: true,
  })
  if (automation.isPending) return <Waiting />
  if (!automation.data) return <Failure error={automation.error} retry={automation.refetch} />
  const one = automation.data
  return (
    <div className="page">
      <Link to="/automations" className="back">
        ← {t('automations')}
      </Link>
      <div className="page-head flat">
        <h1>{either(one.title)}</h1>
        <div className="head-right">
          <Link to="/automations/$id/compare" params={{ id }}>
            {t('comparison')}
          </Link>
          <Link to="/automations/$id/watching" params={{ id }}>
            {t('watchingWord')}
          </Link>
          <Link to="/automations/$id/runbook" params={{ id }}>
            {t('runbookWord')}
          </Link>
          <Button onClick={() => setOpen('replay')}>{t('replayMonth')}…</Button>
          {account.may('release.manage') && (
            <>
              <Button onClick={() => setOpen('write')}>{t('newVersion')}</Button>
              {one.candidate !== null && <Button onClick={() => setOpen('promote')}>{t('promote')}…</Button>}
              <Button onClick={() => setOpen('rise')}>{t('askRise')}…</Button>
            </>
          )}
          {account.may('release.stop') && (
            <Button color="red.9" variant="filled" onClick={() => setOpen('stop')}>
              {t('stopAct')}…
            </Button>
          )}
        </div>
      </div>
      <Card one={one} />
      <Versions one={one} />
      <Rises rises={one.rises.map((rise) => ({ ...rise, title: one.title }))} />
      <Rollouts automation={one} />
      {one.learns && <Training automation={one} />}
      <Decisions automation={one} />
      <Evidence one={one} />
      <History one={one} />
      {open === 'stop' && <StopDialog id={id} title={either(one.title)} close={close} />}
      {open === 'replay' && <ReplayDialog automation={one} close={close} />}
      {open === 'rise' && <RiseDialog automation={one} close={close} />}
      {open === 'promote' && (
        <SureDialog
          title={t('promote')}
          text={t('promoteHint', { version: one.candidate })}
          act={t('promote')}
          doing={{ ...promote, mutate: () => promote.mutate() }}
          close={close}
        />
      )}
      {open === 'write' && (
        <SourceDialog
          title={t('newVersion')}
          source={one.source}
          empty={t('writeAutomation')}
          hint={t('newAutomationHint')}
          check={(source) => call('POST', '/api/automations/check', { source })}
          publish={async (source, note) => {
            await call('POST', '/api/automations', { source, note })
            await queries.invalidateQueries({ queryKey: ['automations'] })
          }}
          close={close}
        />
      )}
    </div>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** The model card: in words, from what was published. */
function Card({ one }: { one: Automation }) {
  const { t, either } = useWords()
  const titleOf = useRoleTitles()
  const named = (code: string) => {
    const answer = one.answers.find((each) => each.code === code)
    return answer ? either(answer.title) : code
  }
  return (
    <dl className="facts">
      <Fact name={t('intendedUse')}>{either(one.intendedUse)}</Fact>
      {one.exclusions.length > 0 && (
        <Fact name={t('notFor')}>{one.exclusions.map((exclusion) => either(exclusion)).join(' ')}</Fact>
      )}
      <Fact name={t('answersAlone')}>
        {one.bounds.length === 0 ? t('nothingAlone') : one.bounds.map(named).join(', ')}
      </Fact>
      <Fact name={t('otherwiseDecides')}>{titleOf(one.fallbackRole)}</Fact>
      <Fact name={t('answerFor')}>
        {titleOf(one.owner)}, {titleOf(one.clinicalOwner)}
      </Fact>
    </dl>
  )
}

function Versions({ one }: { one: Automation }) {
  const words = useWords()
  const { t, date, moment } = words
  return (
    <Listing
      title={t('versions')}
      empty=""
      query={{ data: { items: one.versions }, error: null, isPending: false, refetch: () => {} }}
      columns={[t('versionWord'), t('mayDo'), t('note'), t('publishedHead')]}
      row={(version) => (
        <tr key={version.version} data-testid="automation-version-row">
          <th scope="row">
            {version.version}{' '}
            <span className="quiet">
              {version.version === one.active ? t('answersNow') : version.version === one.candidate ? t('looksOn') : ''}
            </span>
            <br />
            <code className="quiet" title={version.hash}>
              {version.hash.slice(0, 12)}
            </code>
          </th>
          <td>
            {version.standings.length === 0 ? (
              <Ladder level="off" />
            ) : (
              version.standings.map((standing) => (
                <div key={JSON.stringify(standing.scope)} className="standing">
                  <Ladder level={standing.level} />
                  <span className="quiet">
                    {scopeWords(words, standing.scope)}, {moment(standing.since)}
                  </span>
                </div>
              ))
            )}
          </td>
          <td className="wide">
            {version.note}
            <br />
            <Link to="/automations/$id/safety/$version" params={{ id: one.id, version: String(version.version) }}>
              {t('safetyCaseWord')}
            </Link>
          </td>
          <td>
            {date(version.publishedAt)}
            <br />
            <span className="quiet">{version.by}</span>
          </td>
        </tr>
      )}
    />
  )
}

function Evidence({ one }: { one: Automation }) {
  const words = useWords()
  const { t, code, date, number } = words
  return (
    <Listing
      title={t('evidence')}
      hint={t('evidenceHint')}
      empty={t('noEvidence')}
      query={{ data: { items: one.evidence }, error: null, isPending: false, refetch: () => {} }}
      columns={[t('supports'), t('where'), t('shows'), t('countsUntil'), t('by')]}
      row={(evidence) => (
        <tr key={evidence.id}>
          <th scope="row">
            {code('authority', evidence.supports)}
            <br />
            <span className="quiet">{t('version', { n: evidence.version })}</span>
          </th>
          <td>{scopeWords(words, evidence.scope)}</td>
          <td className="wide">
            {evidence.review ??
              (evidence.area === null
                ? null
                : t('areaOver', {
                    area: number(Number(evidence.area.toFixed(2))),
                    cases: number(evidence.cases ?? 0),
                  })) ??
              t('agreedOf', { agreed: number(evidence.agreed ?? 0), cases: number(evidence.cases ?? 0) })}
          </td>
          <td>{date(evidence.until)}</td>
          <td>{evidence.by}</td>
        </tr>
      )}
    />
  )
}

function History({ one }: { one: Automation }) {
  const words = useWords()
  const { t, code, moment } = words
  return (
    <section aria-label={t('history')}>
      <div className="section-head">
        <h2>{t('history')}</h2>
      </div>
      <ol className="plain-list">
        {one.events.map((event, index) => (
          <li key={`${event.at} ${event.kind} ${index}`}>
            <time className="number quiet" dateTime={event.at}>
              {moment(event.at)}
            </time>{' '}
            <strong>{code('happening', event.kind)}</strong> {event.to && code('authority', event.to)} {event.by}
            <span className="quiet">
              {event.scope && ` · ${scopeWords(words, event.scope)}`}
              {event.reason !== null && ` · ${event.reason}`}
            </span>{' '}
            {event.incident !== null && (
              <Link to="/incidents/$id" params={{ id: event.incident }}>
                {t('incident')}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}
