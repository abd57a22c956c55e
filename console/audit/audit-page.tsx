import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { AuditList } from '../../src/contracts/index.ts'
import { auditQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { targetOf } from '../record/reference-link.tsx'
import { AuditFilters } from './audit-filters.tsx'
import { ProofDialog } from './proof-dialog.tsx'
import { Seals } from './seals.tsx'

const route = getRouteApi('/audit')

/** Who did and saw what; whether the log is still as it was written. */
export function AuditPage() {
  const { t } = useWords()
  const search = route.useSearch()
  const account = useAccount()
  const audit = useInfiniteQuery(auditQuery(search))
  const [proved, setProved] = useState<string>()
  const rows = audit.data?.pages.flatMap((page) => page.items) ?? []
  const target = targetOf(search.entity)
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('audit')}</h1>
        <p className="quiet">{t('auditLead')}</p>
        <div className="head-right">
          <Button loading={audit.isRefetching} onClick={() => void audit.refetch()}>
            {t('lookAgain')}
          </Button>
        </div>
      </div>
      <Seals />
      <AuditFilters key={JSON.stringify(search)} codes={[...new Set(rows.map((row) => row.code))].toSorted()} />
      {search.entity !== undefined && (
        <p className="about-line">
          {t('auditAbout')} <code>{search.entity}</code>
          {target && account.may('record.read') && (
            <>
              {' · '}
              <Link to="/record/$type/$id" params={target}>
                {t('openInRecord')}
              </Link>
            </>
          )}
        </p>
      )}
      {audit.isPending && <Waiting lines={12} />}
      {audit.error && !audit.data && <Failure error={audit.error} retry={audit.refetch} />}
      {audit.data && rows.length === 0 && <Empty title={t('noActs')} hint={t('noActsHint')} />}
      {rows.length > 0 && <Acts rows={rows} prove={setProved} />}
      {audit.hasNextPage && (
        <div className="more">
          <Button loading={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
            {t('more')}
          </Button>
        </div>
      )}
      {proved !== undefined && <ProofDialog event={proved} close={() => setProved(undefined)} />}
    </div>
  )
}

function Acts({ rows, prove }: { rows: AuditList['items']; prove: (event: string) => void }) {
  const { t, exact, code } = useWords()
  return (
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
            <th scope="col">
              <span className="unseen">{t('acts')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} data-testid="audit-row">
              <th scope="row" className="end number">
                {row.seq}
              </th>
              <td className="number">
                <time dateTime={row.at}>{exact(row.at)}</time>
              </td>
              <td>{row.actor}</td>
              <td title={`${code('action', row.action)}, ${row.code}`}>{code('acted', row.code)}</td>
              <td>
                <Touched entities={row.entities} />
              </td>
              <td className={row.outcome === 'success' ? 'quiet' : 'late'}>
                {t(row.outcome === 'success' ? 'success' : 'failure')}
              </td>
              <td className="end">
                <button type="button" className="plain-button" onClick={() => prove(row.id)}>
                  {t('proof')}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const shownAtOnce = 3

/** References, each leading to all that was done with it. A reading of a list touches many: the rest on demand. */
function Touched({ entities }: { entities: readonly string[] }) {
  const { t } = useWords()
  const rest = entities.slice(shownAtOnce)
  return (
    <>
      {entities.slice(0, shownAtOnce).map((reference) => (
        <Entity key={reference} reference={reference} />
      ))}
      {rest.length > 0 && (
        <details className="inline">
          <summary>{t('andMore', { count: rest.length })}</summary>
          {rest.map((reference) => (
            <Entity key={reference} reference={reference} />
          ))}
        </details>
      )}
    </>
  )
}

function Entity({ reference }: { reference: string }) {
  return (
    <Link to="/audit" search={{ entity: reference }} className="reference">
      <code>{reference}</code>
    </Link>
  )
}
