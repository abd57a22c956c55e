import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { AuditSeals } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { sealsQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { useAct } from '../parts/use-act.ts'

/** Whether the log is as it was written: its chain, and the signed checkpoints that lie outside the database. */
export function Seals() {
  const { t, number, exact } = useWords()
  const queries = useQueryClient()
  const seals = useQuery(sealsQuery)
  const verify = useAct(
    async () => {
      const told = await call<AuditSeals>('POST', '/api/audit/verify')
      queries.setQueryData(sealsQuery.queryKey, told)
    },
    { anew: [['audit']] },
  )
  if (seals.isPending) return null
  if (!seals.data) return <Failure error={seals.error} retry={seals.refetch} />
  const { state, links, head, last, verified, firstBad, files, checkpoints, sent, publicKey } = seals.data
  const broken = state === 'broken'
  return (
    <section className="seals" data-state={state} data-testid="audit-chain" aria-label={t('sealsTitle')}>
      <p role="status" className={broken ? 'late' : 'good-text'}>
        <Icon name={broken ? 'late' : 'link'} size={16} />{' '}
        {broken
          ? firstBad
            ? t(`broken_${firstBad.fault}`, { n: number(firstBad.link) })
            : t('brokenFiles', { n: files?.line ?? '?' })
          : t('chainOk', { count: links, number: number(links) })}
      </p>
      <p className="quiet">
        {last
          ? t('sealedUpTo', { n: number(last.size), at: exact(last.time), count: links - last.size })
          : t('notSealed')}{' '}
        {verified && t('verifiedAt', { at: exact(verified.time) })}
      </p>
      <details className="inline">
        <summary>{t('details')}</summary>
        <dl className="facts">
          <div>
            <dt>{t('chainHead')}</dt>
            <dd>
              <code>{head}</code>
            </dd>
          </div>
          {last && (
            <div>
              <dt>{t('treeRoot')}</dt>
              <dd>
                <code>{last.root}</code>
              </dd>
            </div>
          )}
          <div>
            <dt>{t('checkpoints')}</dt>
            <dd>
              {number(checkpoints)}
              {sent !== null && `, ${t('checkpointsSent', { count: sent })}`}
            </dd>
          </div>
          {firstBad && (
            <div>
              <dt>{t('firstBad')}</dt>
              <dd>
                {number(firstBad.link)}
                {firstBad.after !== null && ` (${t('afterLink', { n: number(firstBad.after) })})`}{' '}
                {firstBad.event !== null && <code>{firstBad.event}</code>}
              </dd>
            </div>
          )}
        </dl>
        <h3>{t('publicKey')}</h3>
        <p className="quiet">{t('publicKeyHint')}</p>
        <pre className="letter">{publicKey}</pre>
        <CopyButton text={publicKey} />
      </details>
      <Button loading={verify.isPending} onClick={() => verify.mutate()}>
        {t('verifyNow')}
      </Button>
    </section>
  )
}
