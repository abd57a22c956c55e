import { Button, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { VersionComparison } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { automationQuery, comparisonQuery } from '../api/release-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure, FormFailure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'
import { targetOf } from '../record/reference-link.tsx'

const route = getRouteApi('/automations/$id/compare')

/** What a version said while it only looked on, against what counted; where they differ, a person judges without knowing whose is whose. */
export function ComparePage() {
  const { id } = route.useParams()
  const { t, either, number } = useWords()
  const account = useAccount()
  const automation = useQuery(automationQuery(id))
  const comparison = useQuery(comparisonQuery(id))
  if (comparison.isPending || automation.isPending) return <Waiting />
  if (!comparison.data) return <Failure error={comparison.error} retry={comparison.refetch} />
  if (!automation.data) return <Failure error={automation.error} retry={automation.refetch} />
  const one = comparison.data
  const judged = one.judged.version + one.judged.other + one.judged.both + one.judged.neither
  const evidence = (value: number) => number(Number(value.toPrecision(3)))
  return (
    <div className="page">
      <Link to="/automations/$id" params={{ id }} className="back">
        ← {either(automation.data.title)}
      </Link>
      <div className="page-head flat">
        <h1>{t('comparison')}</h1>
      </div>
      <p className="lead">{t('comparisonHint', { version: one.version })}</p>
      <dl className="facts">
        <div>
          <dt>{t('comparedCases')}</dt>
          <dd>{t('agreedOf', { agreed: number(one.agreed), cases: number(one.cases) })}</dd>
        </div>
        <div>
          <dt>{t('judgedCases')}</dt>
          <dd>{t('judgedOf', { judged: number(judged), apart: number(one.discordant) })}</dd>
        </div>
        <div>
          <dt>{t('judgesPrefer')}</dt>
          <dd>{t('judgesPreferred', { ...one.judged, n: one.version })}</dd>
        </div>
        <div>
          <dt>{t('evidenceWorse', { needed: number(one.needed) })}</dt>
          <dd className="number">{evidence(one.worse)}</dd>
        </div>
        <div>
          <dt>{t('evidenceNoWorse')}</dt>
          <dd className="number">{evidence(one.noWorse)}</dd>
        </div>
      </dl>
      <section aria-label={t('toJudge')}>
        <div className="section-head">
          <h2>
            {t('toJudge')} <span className="count">{one.queue.length}</span>
          </h2>
        </div>
        {one.queue.length === 0 && <p className="quiet">{t('nothingToJudge')}</p>}
        <div className="cards">
          {one.queue.map((pair) => (
            <Pair key={pair.decision} id={id} version={one.version} pair={pair} may={account.may('work.act')} />
          ))}
        </div>
      </section>
    </div>
  )
}

type Prefers = 'first' | 'second' | 'both' | 'neither'

function Pair({
  id,
  version,
  pair,
  may,
}: {
  id: string
  version: number
  pair: VersionComparison['queue'][number]
  may: boolean
}) {
  const { t, either, moment } = useWords()
  const [why, setWhy] = useState('')
  const judge = useAct(
    (prefers: Prefers) =>
      call('POST', `/api/decisions/${encodeURIComponent(pair.decision)}/adjudicate`, {
        version,
        prefers,
        ...(why.trim() === '' ? {} : { why: why.trim() }),
      }),
    { anew: [['automations', id]], quiet: true },
  )
  const target = targetOf(pair.patient)
  const choices: [Prefers, string][] = [
    ['first', either(pair.first.title)],
    ['second', either(pair.second.title)],
    ['both', t('bothFine')],
    ['neither', t('neitherFine')],
  ]
  return (
    <article className="card-plain" data-testid="pair" aria-label={pair.name}>
      <FormFailure error={judge.error} />
      <p>
        <strong>
          {target ? (
            <Link to="/record/$type/$id" params={target}>
              {pair.name}
            </Link>
          ) : (
            pair.name
          )}
        </strong>{' '}
        <span className="quiet">
          {pair.step}, {moment(pair.askedAt)}
        </span>
      </p>
      <p className="quiet">
        {pair.inputs.map(({ name, value }) => `${name}: ${value === null ? '–' : String(value)}`).join(' · ')}
      </p>
      {may && (
        <>
          <Textarea
            label={t('whyOptional')}
            autosize
            minRows={1}
            value={why}
            onChange={(event) => setWhy(event.currentTarget.value)}
          />
          <div className="acts" role="group" aria-label={t('whichIsRight')}>
            {choices.map(([prefers, label]) => (
              <Button
                key={prefers}
                variant={prefers === 'first' || prefers === 'second' ? 'filled' : 'default'}
                loading={judge.isPending}
                onClick={() => judge.mutate(prefers)}
              >
                {label}
              </Button>
            ))}
          </div>
        </>
      )}
    </article>
  )
}
