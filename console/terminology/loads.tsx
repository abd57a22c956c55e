import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { TerminologyLoads } from '../../src/contracts/index.ts'
import { loadsQuery, systemsQuery } from '../api/terminology-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Listing } from '../parts/listing.tsx'
import { LoadDialog } from './load-dialog.tsx'

/** Loads of terminologies from their owners' files, with how far each is. */
export function Loads() {
  const { t, moment, number } = useWords()
  const queries = useQueryClient()
  const loads = useQuery(loadsQuery)
  const [asking, setAsking] = useState(false)
  const running = loads.data?.loads.filter((one) => one.status === 'running').length ?? 0
  useEffect(() => {
    // One that has ended has brought a version.
    void queries.invalidateQueries({ queryKey: systemsQuery.queryKey })
  }, [running, queries])
  return (
    <>
      <Listing
        title={t('loads')}
        hint={t('loadsHint')}
        empty={t('noLoads')}
        query={{ ...loads, data: loads.data && { items: loads.data.loads } }}
        columns={[t('codeSystem'), t('file'), t('status'), t('progress'), t('began')]}
        {...(loads.data ? { action: <Button onClick={() => setAsking(true)}>{t('loadTerminology')}</Button> } : {})}
        row={(one) => (
          <tr key={one.id} data-testid="load-row">
            <th scope="row">{titleOf(loads.data, one.kind)}</th>
            <td className="wide">{one.source}</td>
            <td>
              <span className={`tag ${one.status === 'done' ? 'good' : one.status === 'failed' ? 'bad' : ''}`}>
                {t(`transfer_${one.status}`)}
              </span>
              {one.fault !== null && <div className="late">{one.fault}</div>}
            </td>
            <td className="number">
              {t(`phase_${one.phase}`, { defaultValue: one.phase })}{' '}
              {one.total > 0 && (
                <progress
                  max={one.total}
                  value={Math.min(one.done, one.total)}
                  aria-label={t('doneOf', { done: number(one.done), total: number(one.total) })}
                />
              )}{' '}
              {number(one.done)}
            </td>
            <td className="number">{moment(one.startedAt)}</td>
          </tr>
        )}
      />
      {loads.error && loads.data && <Failure error={loads.error} retry={loads.refetch} />}
      {asking && loads.data && <LoadDialog given={loads.data} close={() => setAsking(false)} />}
    </>
  )
}

const titleOf = (loads: TerminologyLoads | undefined, kind: string): string =>
  loads?.kinds.find((one) => one.kind === kind)?.title ?? kind
