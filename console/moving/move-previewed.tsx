import { Button, Progress } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Move } from '../../src/contracts/index.ts'
import { movePreviewQuery } from '../api/move-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Empty } from '../parts/states.tsx'

const fates = ['now', 'later', 'ask', 'keep'] as const
const mostRows = 50

/** What would become of every running journey: the sums as they are counted, and the journeys behind each of them. */
export function MovePreviewed({ move, look }: { move: Move; look: (journey: string) => void }) {
  const { t } = useWords()
  const [asked, setAsked] = useState(false)
  return (
    <section aria-label={t('movePreview')}>
      <div className="section-head">
        <h2>{t('movePreview')}</h2>
        {!asked && move.running > 0 && <Button onClick={() => setAsked(true)}>{t('previewMove')}</Button>}
      </div>
      <p className="quiet lead">{t('movePreviewHint')}</p>
      {move.running === 0 && <Empty title={t('moveNobodyLeft', { version: move.from })} />}
      {asked && <Counted key={JSON.stringify(move.mapping)} move={move} look={look} />}
    </section>
  )
}

function Counted({ move, look }: { move: Move; look: (journey: string) => void }) {
  const { t, number, code } = useWords()
  const [chosen, setChosen] = useState<string>()
  const preview = useInfiniteQuery(movePreviewQuery(move.id))
  const { hasNextPage, isFetching, fetchNextPage, isError } = preview
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage()
  }, [hasNextPage, isFetching, fetchNextPage, isError])
  const pages = preview.data?.pages ?? []
  const sum = (all: readonly Readonly<Record<string, number>>[]) => {
    const sums = new Map<string, number>()
    for (const one of all) for (const [what, n] of Object.entries(one)) sums.set(what, (sums.get(what) ?? 0) + n)
    return sums
  }
  const byFate = sum(pages.map((page) => page.fates))
  const counted = [...byFate.values()].reduce((all, n) => all + n, 0)
  const changes = [...sum(pages.map((page) => page.sums))].toSorted(([, a], [, b]) => b - a)
  const items = pages.flatMap((page) => page.items)
  const matching = items.filter(
    (one) => chosen === undefined || one.fate === chosen || (one.fate === 'now' && (one.sums[chosen] ?? 0) > 0),
  )
  const filter = (key: string, label: string, n: number) => (
    <tr key={key}>
      <th scope="row">
        <button
          type="button"
          className="plain-button"
          aria-pressed={chosen === key}
          onClick={() => setChosen(chosen === key ? undefined : key)}
        >
          {label}
        </button>
      </th>
      <td className="end number">{number(n)}</td>
    </tr>
  )
  return (
    <>
      {preview.error && <Failure error={preview.error} retry={preview.refetch} />}
      <p role="status">
        {hasNextPage || isFetching
          ? t('moveCounting', { n: number(counted), of: number(move.running) })
          : t('moveCounted', { count: counted, number: number(counted) })}
      </p>
      {(hasNextPage || isFetching) && (
        <Progress value={(counted / Math.max(1, move.running)) * 100} aria-label={t('movePreview')} />
      )}
      <div className="move-sides">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('moveFate')}</th>
              <th scope="col" className="end">
                {t('journeys')}
              </th>
            </tr>
          </thead>
          <tbody>
            {fates.flatMap((fate) =>
              byFate.has(fate) ? [filter(fate, code('moveFate', fate), byFate.get(fate) ?? 0)] : [],
            )}
          </tbody>
        </table>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('moveChanges')}</th>
              <th scope="col" className="end">
                {t('moveTimesCounted')}
              </th>
            </tr>
          </thead>
          <tbody>
            {changes.map(([key, n]) => {
              const [what = '', change = ''] = key.split(' ')
              return filter(key, `${code('moveWhat', what)}: ${code('moveChange', change)}`, n)
            })}
          </tbody>
        </table>
      </div>
      {matching.length > 0 && (
        <div className="table-wrap" tabIndex={0} role="group" aria-label={t('journeys')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('patient')}</th>
                <th scope="col">{t('moveFate')}</th>
                <th scope="col">{t('moveChanges')}</th>
              </tr>
            </thead>
            <tbody>
              {matching.slice(0, mostRows).map((one) => (
                <tr key={one.journey}>
                  <th scope="row">
                    <button type="button" className="plain-button" onClick={() => look(one.journey)}>
                      {one.patient.name || one.patient.id}
                    </button>
                  </th>
                  <td>{code('moveFate', one.fate)}</td>
                  <td className="quiet">
                    {Object.entries(one.sums)
                      .map(([key, n]) => {
                        const [what = '', change = ''] = key.split(' ')
                        return `${code('moveWhat', what)} ${code('moveChange', change)}${n > 1 ? ` ×${n}` : ''}`
                      })
                      .join(' · ')}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {matching.length > mostRows && (
            <p className="quiet">{t('moveMoreRows', { count: matching.length - mostRows })}</p>
          )}
        </div>
      )}
    </>
  )
}
