import { Button, NativeSelect } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Checked } from '../../src/contracts/index.ts'
import { policiesQuery, policyQuery } from '../api/access-queries.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { Source } from '../source/source.tsx'
import { SourceDialog } from '../source/source-dialog.tsx'

/** The policy as it stands, its former versions, and a way to write the next. */
export function Policy() {
  const { t, date } = useWords()
  const account = useAccount()
  const queries = useQueryClient()
  const versions = useQuery(policiesQuery)
  const [chosen, setChosen] = useState<number>()
  const [editing, setEditing] = useState(false)
  const inForce = versions.data?.items[0]
  const shown = versions.data?.items.find((one) => one.version === chosen) ?? inForce
  const version = useQuery({ ...policyQuery(shown?.version ?? 0), enabled: shown !== undefined })
  if (versions.isPending) return <Waiting lines={10} />
  if (!versions.data) return <Failure error={versions.error} retry={versions.refetch} />
  if (!shown) return <Empty title={t('noPolicy')} hint={t('noPolicyHint')} />
  const publish = async (source: string, note: string) => {
    const told = await call<{ version: number; changed: boolean; relabelling: boolean }>(
      'POST',
      '/api/access/policies',
      { source, note },
    )
    // What was shown under the former policy may be closed now.
    await queries.invalidateQueries()
    setChosen(undefined)
    notifications.show({
      color: 'pine',
      message: t(told.changed ? (told.relabelling ? 'policyRelabelling' : 'policyInForce') : 'publishedSame', {
        n: told.version,
      }),
      autoClose: 8_000,
      closeButtonProps: { 'aria-label': t('close') },
    })
  }
  return (
    <>
      <div className="section-head">
        <p>
          <span className={`tag ${shown === inForce ? 'good' : ''}`}>
            {t(shown === inForce ? 'inForce' : 'retired')}
          </span>{' '}
          <span className="quiet">
            {t('published', { date: date(shown.publishedAt), by: shown.by })} · {shown.note}
          </span>
        </p>
        <div className="acts">
          <NativeSelect
            size="xs"
            aria-label={t('versionHead')}
            value={String(shown.version)}
            data={versions.data.items.map((one) => ({
              value: String(one.version),
              label: t('version', { n: one.version }),
            }))}
            onChange={(event) => setChosen(Number(event.currentTarget.value))}
          />
          {account.may('access.manage') && version.data && (
            <Button onClick={() => setEditing(true)}>{t('editSource')}</Button>
          )}
        </div>
      </div>
      {version.isPending && <Waiting lines={10} />}
      {version.error && !version.data && <Failure error={version.error} retry={version.refetch} />}
      {version.data && (
        <div className="policy">
          <Source source={version.data.source} findings={version.data.findings} />
        </div>
      )}
      {editing && version.data && (
        <SourceDialog
          title={t('newPolicyTitle')}
          source={version.data.source}
          empty={t('writePolicy')}
          hint={t('policyHint')}
          check={(source) => call<Checked>('POST', '/api/access/policies/check', { source })}
          publish={publish}
          close={() => setEditing(false)}
        />
      )}
    </>
  )
}
