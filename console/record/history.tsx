import { Button, Radio } from '@mantine/core'
import type { BundleEntry } from '@medplum/fhirtypes'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { historyQuery } from '../api/record-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Waiting } from '../parts/states.tsx'
import { type Change, changesBetween } from './diff.ts'

interface Version {
  number: string
  at: string
  method: string
  resource: unknown
}

const versionOf = ({ resource, request, response }: BundleEntry): Version => ({
  number: response?.etag?.replace(/^W\/"|"$/g, '') ?? resource?.meta?.versionId ?? '',
  at: response?.lastModified ?? resource?.meta?.lastUpdated ?? '',
  method: request?.method ?? 'PUT',
  // A deletion has no content: compared with it, everything is gone.
  resource: resource ?? {},
})

/** Every version of a resource, the newest first, and what changed between any two. */
export function History({ type, id }: { type: string; id: string }) {
  const { t, exact } = useWords()
  const history = useInfiniteQuery(historyQuery(type, id))
  const [chosen, setChosen] = useState<{ before?: string; after?: string }>({})
  if (history.isPending) return <Waiting lines={8} />
  if (!history.data) return <Failure error={history.error} retry={history.refetch} />
  const versions = history.data.pages.flatMap((page) => (page.entry ?? []).map(versionOf))
  const after = versions.find((one) => one.number === chosen.after) ?? versions[0]
  const before = versions.find((one) => one.number === chosen.before) ?? versions[1]
  return (
    <div className="history">
      <section aria-label={t('versions')}>
        <h2>
          {t('versions')} <span className="count">{versions.length}</span>
        </h2>
        <div className="table-wrap" tabIndex={0} role="group" aria-label={t('versions')}>
          <table className="table dense">
            <thead>
              <tr>
                <th scope="col">{t('versionHead')}</th>
                <th scope="col">{t('when')}</th>
                <th scope="col">{t('act')}</th>
                <th scope="col">{t('before')}</th>
                <th scope="col">{t('after')}</th>
              </tr>
            </thead>
            <tbody>
              {versions.map((version) => (
                <tr key={version.number} data-testid="version-row">
                  <th scope="row" className="number">
                    {version.number}
                  </th>
                  <td className="number">
                    <time dateTime={version.at}>{exact(version.at)}</time>
                  </td>
                  <td>{t(`method_${version.method}`)}</td>
                  {(['before', 'after'] as const).map((side) => (
                    <td key={side}>
                      <Radio
                        size="xs"
                        name={side}
                        aria-label={t(side === 'before' ? 'compareFrom' : 'compareTo', { n: version.number })}
                        checked={(side === 'before' ? before : after)?.number === version.number}
                        onChange={() => setChosen({ ...chosen, [side]: version.number })}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {history.hasNextPage && (
          <Button loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
            {t('more')}
          </Button>
        )}
      </section>
      <section aria-label={t('changes')}>
        <h2>{before && after ? t('changesFromTo', { from: before.number, to: after.number }) : t('changes')}</h2>
        {before && after ? (
          <Changes changes={changesBetween(before.resource, after.resource)} />
        ) : (
          <p className="quiet">{t('onlyVersion')}</p>
        )}
      </section>
    </div>
  )
}

function Changes({ changes }: { changes: readonly Change[] }) {
  const { t } = useWords()
  if (changes.length === 0) return <p className="quiet">{t('noChanges')}</p>
  return (
    <div className="table-wrap" tabIndex={0} role="group" aria-label={t('changes')}>
      <table className="table dense">
        <thead>
          <tr>
            <th scope="col">{t('element')}</th>
            <th scope="col">{t('before')}</th>
            <th scope="col">{t('after')}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ path, before, after }) => (
            <tr key={path} data-testid="change-row">
              <th scope="row">
                <code>{path}</code>
              </th>
              <td>
                <Written value={before} absent={t('notThere')} as="del" />
              </td>
              <td>
                <Written value={after} absent={t('takenAway')} as="ins" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Written({ value, absent, as: Tag }: { value: unknown; absent: string; as: 'del' | 'ins' }) {
  if (value === undefined) return <span className="quiet">{absent}</span>
  const short = JSON.stringify(value)
  const written = typeof value === 'string' ? value : short.length < 100 ? short : JSON.stringify(value, undefined, 1)
  return <Tag className="written">{written}</Tag>
}
