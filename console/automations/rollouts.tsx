import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Automation, RolloutList } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { rolloutsQuery } from '../api/release-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { SureDialog } from '../parts/sure-dialog.tsx'
import { useAct } from '../parts/use-act.ts'
import { RolloutDialog } from './rollout-dialog.tsx'
import { scopeWords } from './scope-words.ts'

type Rollout = RolloutList['items'][number]

/** Releases of an automation to a part of the patients: who, what ends it, and the evidence so far. */
export function Rollouts({ automation }: { automation: Automation }) {
  const { t } = useWords()
  const account = useAccount()
  const rollouts = useQuery(rolloutsQuery(automation.id))
  const [starting, setStarting] = useState(false)
  const items = rollouts.data?.items ?? []
  const running = items.some(({ status }) => status === 'running')
  return (
    <section aria-label={t('releases')}>
      <div className="section-head">
        <h2>
          {t('releases')} {rollouts.data && <span className="count">{items.length}</span>}
        </h2>
        {account.may('release.manage') && !running && (
          <Button onClick={() => setStarting(true)}>{t('beginRelease')}…</Button>
        )}
      </div>
      <p className="quiet lead">{t('releasesHint')}</p>
      {rollouts.error !== null && !rollouts.data && <Failure error={rollouts.error} retry={rollouts.refetch} />}
      {rollouts.data && items.length === 0 && <p className="quiet">{t('noReleases')}</p>}
      {items.map((one) => (
        <RolloutShown key={one.id} one={one} />
      ))}
      {starting && <RolloutDialog automation={automation} close={() => setStarting(false)} />}
    </section>
  )
}

function RolloutShown({ one }: { one: Rollout }) {
  const words = useWords()
  const { t, code, moment, number } = words
  const account = useAccount()
  const [sure, setSure] = useState<'promote' | 'end'>()
  const act = useAct((does: 'promote' | 'end') => call('POST', `/api/rollouts/${one.id}/${does}`), {
    anew: [['automations']],
    done: () => setSure(undefined),
    quiet: true,
  })
  const running = one.status === 'running'
  return (
    <article className="release" data-testid="rollout">
      <div className="section-head">
        <h3>
          {one.name}{' '}
          <span className={running || one.status === 'promoted' ? 'tag' : 'tag bad'}>
            {code('rollout', one.status)}
          </span>
        </h3>
        {running && account.may('release.manage') && (
          <span className="head-right">
            <Button onClick={() => setSure('end')}>{t('endRelease')}…</Button>
            <Button onClick={() => setSure('promote')}>{t('promote')}…</Button>
          </span>
        )}
      </div>
      <p>
        {t('releaseTo', {
          version: one.version,
          share: Math.round(one.share * 100),
          where:
            one.slices.length === 0 ? t('everywhere') : one.slices.map((slice) => scopeWords(words, slice)).join('; '),
          canary: number(one.units.canary),
          control: number(one.units.control),
        })}{' '}
        <span className="quiet">
          {one.by}, {moment(one.startedAt)}
        </span>{' '}
        {one.incident !== null && (
          <Link to="/incidents/$id" params={{ id: one.incident }}>
            {t('incident')}
          </Link>
        )}
      </p>
      <div className="table-wrap" tabIndex={0} role="group" aria-label={t('killCriteria')}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('killCriteria')}</th>
              <th scope="col">{t('eventsInArms')}</th>
              <th scope="col">{t('evidenceWorse', { needed: number(one.needed) })}</th>
              <th scope="col">{t('evidenceNoWorse')}</th>
              <th scope="col">{t('lastWord')}</th>
            </tr>
          </thead>
          <tbody>
            {one.metrics.map((metric) => (
              <tr key={metric.metric}>
                <th scope="row">
                  {metric.metric}
                  <br />
                  <span className="quiet">
                    {code('metric', metric.kind)}, × {number(metric.margin)}
                  </span>
                </th>
                <td className="number">
                  {metric.canary} / {metric.control}
                </td>
                <td className="number">{number(Number(metric.worse.toPrecision(3)))}</td>
                <td className="number">{number(Number(metric.noWorse.toPrecision(3)))}</td>
                <td>
                  {moment(metric.toldAt)} {metric.late && <span className="tag bad">{t('lateWord')}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {running && (
        <p>
          {one.verdict.does === 'promotable' ? t('allShown') : t('holds', { because: one.verdict.because })}{' '}
          {one.verdict.missing.length > 0 && (
            <span className="quiet">{t('stillMissing', { missing: one.verdict.missing.join(', ') })}</span>
          )}
        </p>
      )}
      {sure !== undefined && (
        <SureDialog
          title={t(sure === 'promote' ? 'promote' : 'endRelease')}
          text={t(sure === 'promote' ? 'promoteRelease' : 'endReleaseHint')}
          act={t(sure === 'promote' ? 'promote' : 'endRelease')}
          doing={{ ...act, mutate: () => act.mutate(sure) }}
          close={() => setSure(undefined)}
        />
      )}
    </article>
  )
}
