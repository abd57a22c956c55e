import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '@mantine/core'
import { pathwaysQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { PublishDialog } from './publish-dialog.tsx'

export function PathwaysPage() {
  const { t, either, date } = useWords()
  const account = useAccount()
  const pathways = useQuery(pathwaysQuery)
  const [writing, setWriting] = useState(false)
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('pathways')}</h1>
        <div className="head-right">
          {account.may('pathways.publish') && <Button onClick={() => setWriting(true)}>{t('newPathway')}</Button>}
        </div>
      </div>
      {pathways.isPending && <Waiting />}
      {pathways.error && !pathways.data && <Failure error={pathways.error} retry={pathways.refetch} />}
      {pathways.data?.items.length === 0 && <Empty title={t('noPathways')} hint={t('noPathwaysHint')} />}
      {pathways.data && pathways.data.items.length > 0 && (
        <div className="table-wrap" tabIndex={0} role="group" aria-label={t('pathways')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('pathway')}</th>
                <th scope="col" className="end">
                  {t('activeVersion')}
                </th>
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
              {pathways.data.items.map((one) => {
                const active = one.versions.find((version) => version.version === one.activeVersion)
                const older = one.versions
                  .filter((version) => version !== active)
                  .reduce((sum, version) => sum + version.running, 0)
                return (
                  <tr key={one.id}>
                    <th scope="row">
                      <Link to="/pathways/$id" params={{ id: one.id }}>
                        {either(one.title)}
                      </Link>
                      <br />
                      <code className="quiet">{one.id}</code>
                    </th>
                    <td className="end number">{one.activeVersion}</td>
                    <td className="end number">
                      {account.may('journeys.read') ? (
                        <Link to="/journeys" search={{ pathway: one.id }}>
                          {active?.running ?? 0}
                        </Link>
                      ) : (
                        (active?.running ?? 0)
                      )}
                    </td>
                    <td className="end number">{older}</td>
                    <td>
                      {active && (
                        <>
                          {date(active.publishedAt)}
                          <br />
                          <span className="quiet">{active.by}</span>
                        </>
                      )}
                    </td>
                    <td>{active?.note}</td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
      )}
      {writing && <PublishDialog source="" base={undefined} close={() => setWriting(false)} />}
    </div>
  )
}
