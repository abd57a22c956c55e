import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { AuditList } from '../../src/contracts/index.ts'
import { auditQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { Waiting } from '../parts/states.tsx'

export function AuditPage() {
  const { t, exact, code } = useWords()
  const audit = useInfiniteQuery(auditQuery)
  const chain = audit.data?.pages[0]?.chain
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('audit')}</h1>
        <div className="head-right">
          <Button loading={audit.isRefetching} onClick={() => void audit.refetch()}>
            {t('lookAgain')}
          </Button>
        </div>
      </div>
      <p className="quiet">{t('auditLead')}</p>
      {audit.isPending && <Waiting lines={12} />}
      {audit.error && !audit.data && <Failure error={audit.error} retry={audit.refetch} />}
      {chain && <Chain chain={chain} />}
      {audit.data && (
        <div className="table-wrap" tabIndex={0} role="group" aria-label={t('audit')}>
          <table className="table dense">
            <thead>
              <tr>
                <th scope="col" className="end">
                  {t('number')}
                </th>
                <th scope="col">{t('when')}</th>
                <th scope="col">{t('actor')}</th>
                <th scope="col">{t('act')}</th>
                <th scope="col">{t('touched')}</th>
                <th scope="col">{t('outcomeHead')}</th>
              </tr>
            </thead>
            <tbody>
              {audit.data.pages
                .flatMap((page) => page.items)
                .map((row) => (
                  <tr key={row.seq}>
                    <th scope="row" className="end number">
                      {row.seq}
                    </th>
                    <td className="number">
                      <time dateTime={row.at}>{exact(row.at)}</time>
                    </td>
                    <td>{row.actor}</td>
                    <td>
                      {code('action', row.action)} <code className="quiet">{row.code}</code>
                    </td>
                    <td className="wide">
                      <Touched entities={row.entities} />
                    </td>
                    <td>
                      {row.outcome === 'success' ? (
                        <span className="quiet">{t('success')}</span>
                      ) : (
                        <span className="late">
                          <Icon name="late" size={12} /> {t('failure')}
                        </span>
                      )}
                    </td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      )}
      {audit.hasNextPage && (
        <div className="more">
          <Button loading={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
            {t('more')}
          </Button>
        </div>
      )}
    </div>
  )
}

function Chain({ chain }: { chain: NonNullable<AuditList['chain']> }) {
  const { t } = useWords()
  return (
    <p
      className={chain.verified ? 'chain-state good-text' : 'chain-state late'}
      role="status"
      data-testid="audit-chain"
    >
      <Icon name={chain.verified ? 'link' : 'late'} size={16} />
      {chain.verified ? t('chainOk', { count: chain.length }) : t('chainBad', { n: chain.firstBad ?? '?' })}
      {chain.head !== '' && (
        <span className="quiet">
          {t('chainHead')} <code>{chain.head.slice(0, 16)}…</code>
        </span>
      )}
    </p>
  )
}

const shownAtOnce = 3

/** References. A reading of a list touches many: the first few, and the rest on demand. */
function Touched({ entities }: { entities: readonly string[] }) {
  const { t } = useWords()
  const rest = entities.slice(shownAtOnce)
  return (
    <>
      {entities.slice(0, shownAtOnce).map((reference) => (
        <code key={reference} className="reference">
          {reference}
        </code>
      ))}
      {rest.length > 0 && (
        <details className="inline">
          <summary>{t('andMore', { count: rest.length })}</summary>
          {rest.map((reference) => (
            <code key={reference} className="reference">
              {reference}
            </code>
          ))}
        </details>
      )}
    </>
  )
}
