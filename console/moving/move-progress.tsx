import { Button, NativeSelect, NumberInput, Progress, Textarea, TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Move, MoveCohort } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { moveRowsQuery } from '../api/move-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure, FormFailure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'

const statuses = ['moved', 'waiting', 'later', 'ask', 'kept', 'undoing', 'undone', 'not-undone', 'failed'] as const

/** Cohorts so far, the next one, and how their journeys stand. */
export function MoveProgress({ move, look }: { move: Move; look: (journey: string) => void }) {
  const { t, number, code, momentOfYear } = useWords()
  const account = useAccount()
  const [status, setStatus] = useState<string>()
  const all = Object.values(move.progress).reduce((sum, n) => sum + n, 0)
  const share = (name: string) => ((move.progress[name] ?? 0) / Math.max(1, all)) * 100
  const cohortWords = (cohort: MoveCohort) =>
    cohort.of === 'first'
      ? t('cohortFirst', { count: cohort.count, number: number(cohort.count) })
      : cohort.of === 'list'
        ? t('cohortList', { count: cohort.journeys.length })
        : cohort.of === 'clinic'
          ? t('cohortClinic', { clinic: cohort.organization })
          : t('cohortAll')
  return (
    <section aria-label={t('moveProgress')}>
      <h2>{t('moveProgress')}</h2>
      {all > 0 && (
        <>
          <Progress.Root size="lg">
            <Progress.Section value={share('moved')} color="pine" aria-label={code('moveRow', 'moved')} />
            <Progress.Section
              value={share('later') + share('ask')}
              color="yellow"
              aria-label={code('moveRow', 'later')}
            />
            <Progress.Section value={share('undone')} color="gray" aria-label={code('moveRow', 'undone')} />
          </Progress.Root>
          <p>
            {statuses.flatMap((one) => {
              const n = move.progress[one] ?? 0
              return n === 0
                ? []
                : [
                    <button
                      key={one}
                      type="button"
                      className="plain-button tag"
                      aria-pressed={status === one}
                      onClick={() => setStatus(status === one ? undefined : one)}
                    >
                      {code('moveRow', one)} <span className="count">{number(n)}</span>
                    </button>,
                  ]
            })}
          </p>
          <ul className="quiet">
            {move.cohorts.map((one) => (
              <li key={one.n}>
                {t('cohortLine', {
                  n: one.n,
                  what: cohortWords(one.cohort),
                  count: one.journeys,
                  number: number(one.journeys),
                  by: one.by,
                  at: momentOfYear(one.at),
                })}
              </li>
            ))}
          </ul>
        </>
      )}
      {account.may('journeys.move') && ['approved', 'running', 'paused'].includes(move.status) && <Next move={move} />}
      {status !== undefined && <Rows move={move} status={status} look={look} />}
    </section>
  )
}

function Next({ move }: { move: Move }) {
  const { t } = useWords()
  const [of, setOf] = useState<MoveCohort['of']>('first')
  const [count, setCount] = useState<number | string>(10)
  const [clinic, setClinic] = useState('')
  const [list, setList] = useState('')
  const cohort: MoveCohort | undefined =
    of === 'all'
      ? { of }
      : of === 'first'
        ? typeof count === 'number' && count >= 1
          ? { of, count }
          : undefined
        : of === 'clinic'
          ? /^Organization\/.+/.test(clinic.trim())
            ? { of, organization: clinic.trim() }
            : undefined
          : list.trim() === ''
            ? undefined
            : { of, journeys: list.trim().split(/[\s,]+/) }
  const start = useAct(
    (given: MoveCohort) => call('POST', `/api/moves/${encodeURIComponent(move.id)}/cohorts`, given),
    { anew: [['moves']], quiet: true },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (cohort) start.mutate(cohort)
  }
  return (
    <form className="form narrow" onSubmit={submit}>
      <FormFailure error={start.error} />
      <NativeSelect
        label={t('nextCohort')}
        value={of}
        data={(['first', 'clinic', 'list', 'all'] as const).map((value) => ({ value, label: t(`cohortOf_${value}`) }))}
        onChange={(event) => {
          const { value } = event.currentTarget
          if (value === 'first' || value === 'clinic' || value === 'list' || value === 'all') setOf(value)
        }}
      />
      {of === 'first' && (
        <NumberInput label={t('cohortCount')} min={1} max={1_000_000} value={count} onChange={setCount} />
      )}
      {of === 'clinic' && (
        <TextInput
          label={t('cohortClinicLabel')}
          placeholder="Organization/north"
          value={clinic}
          onChange={(event) => setClinic(event.currentTarget.value)}
        />
      )}
      {of === 'list' && (
        <Textarea
          label={t('cohortListLabel')}
          autosize
          minRows={2}
          value={list}
          onChange={(event) => setList(event.currentTarget.value)}
        />
      )}
      <div className="form-end">
        <Button type="submit" variant="filled" disabled={!cohort} loading={start.isPending}>
          {t('startCohort')}
        </Button>
      </div>
    </form>
  )
}

function Rows({ move, status, look }: { move: Move; status: string; look: (journey: string) => void }) {
  const { t, code, momentOfYear } = useWords()
  const rows = useInfiniteQuery(moveRowsQuery(move.id, status))
  if (rows.isPending) return <Waiting lines={3} />
  if (!rows.data) return <Failure error={rows.error} retry={rows.refetch} />
  return (
    <div className="table-wrap" tabIndex={0} role="group" aria-label={code('moveRow', status)}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('patient')}</th>
            <th scope="col">{t('status')}</th>
            <th scope="col">{t('when')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.data.pages
            .flatMap((page) => page.items)
            .map((one) => (
              <tr key={one.journey}>
                <th scope="row">
                  <button type="button" className="plain-button" onClick={() => look(one.journey)}>
                    {one.patient.name || one.patient.id}
                  </button>
                </th>
                <td>{code('moveRow', one.status)}</td>
                <td>{one.at === null ? '' : momentOfYear(one.at)}</td>
              </tr>
            ))}
        </tbody>
      </table>
      {rows.hasNextPage && (
        <Button loading={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>
          {t('more')}
        </Button>
      )}
    </div>
  )
}
