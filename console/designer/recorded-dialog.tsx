import { Button, Modal, NativeSelect, TextInput } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { JourneyList, RecordedScenario } from '../../src/contracts/index.ts'
import { get } from '../api/call.ts'
import { journeyListQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { useDesigner } from './design-context.ts'

/** Makes a scenario of something that happened, with nothing of the patient left in it. */
export function RecordedButton() {
  const { t } = useWords()
  const account = useAccount()
  const [opened, setOpened] = useState(false)
  if (!account.may('journeys.read')) return null
  return (
    <>
      <Button size="xs" onClick={() => setOpened(true)}>
        {t('designFromJourney')}…
      </Button>
      {opened && <RecordedDialog close={() => setOpened(false)} />}
    </>
  )
}

function RecordedDialog({ close }: { close: () => void }) {
  const { t, date, code, either } = useWords()
  const { design } = useDesigner()
  const [status, setStatus] = useState<'active' | 'ended'>('ended')
  const [chosen, setChosen] = useState<string>()
  const journeys = useInfiniteQuery(
    journeyListQuery({ pathway: design.pathway, stage: undefined, status, overdue: false }),
  )
  const items = journeys.data?.pages.flatMap((page) => page.items) ?? []
  const said = ({ outcome, outcomeTitle, stage, status: how }: JourneyList['items'][number]) =>
    outcomeTitle
      ? either(outcomeTitle)
      : outcome !== null
        ? code('outcome', outcome)
        : stage
          ? either(stage.title)
          : code('status', how)
  return (
    <Modal
      opened
      onClose={close}
      size={720}
      title={t('designFromJourney')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <div className="form">
        <p className="quiet">{t('designFromJourneyHint')}</p>
        <NativeSelect
          size="xs"
          label={t('designWhichJourneys')}
          value={status}
          data={[
            { value: 'ended', label: t('designJourneysEnded') },
            { value: 'active', label: t('designJourneysActive') },
          ]}
          onChange={(event) => {
            setStatus(event.currentTarget.value === 'active' ? 'active' : 'ended')
            setChosen(undefined)
          }}
        />
        {journeys.isPending && <Waiting lines={4} />}
        {journeys.error && !journeys.data && <Failure error={journeys.error} retry={journeys.refetch} />}
        {journeys.data && items.length === 0 && <p>{t('designNoJourneys')}</p>}
        <ul className="plain design-steps" aria-label={t('designWhichJourneys')}>
          {items.map((one) => (
            <li key={one.id}>
              <button
                type="button"
                className="design-item"
                data-testid="recordable"
                aria-current={chosen === one.id}
                onClick={() => setChosen(one.id)}
              >
                <span className="design-item-title">
                  {one.patient.name} · {said(one)}
                </span>
                <span className="quiet number">
                  {date(one.startedAt)} · {t('version', { n: one.version })}
                </span>
              </button>
            </li>
          ))}
        </ul>
        {journeys.hasNextPage && (
          <Button size="xs" loading={journeys.isFetchingNextPage} onClick={() => void journeys.fetchNextPage()}>
            {t('more')}
          </Button>
        )}
        {chosen !== undefined && <Recorded key={chosen} journey={chosen} close={close} />}
      </div>
    </Modal>
  )
}

/** The scenario that a journey makes, to be looked at before it is kept. */
function Recorded({ journey, close }: { journey: string; close: () => void }) {
  const { t } = useWords()
  const { work, write } = useDesigner()
  const made = useQuery({
    // Not among what the feed makes old: it is looked at as it was made.
    queryKey: ['designer', 'recorded', journey],
    queryFn: () => get<RecordedScenario>(`/api/journeys/${encodeURIComponent(journey)}/scenario`),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  const [given, setGiven] = useState<string>()
  if (made.isPending) return <Waiting lines={4} />
  if (!made.data) return <Failure error={made.error} retry={made.refetch} />
  const { source, faithful, differs } = made.data
  const name = given ?? made.data.name
  const taken = work.scenarios.some((one) => one.name === name.trim())
  return (
    <>
      {!faithful && (
        <div className="banner" role="note">
          <div>
            {t('designNotFaithful')}
            <ul className="plain">
              {differs.map((one) => (
                <li key={one}>{one}</li>
              ))}
            </ul>
          </div>
        </div>
      )}
      <pre className="source" tabIndex={0} aria-label={t('designRecordedText')} data-testid="recorded">
        {source}
      </pre>
      <TextInput
        size="xs"
        label={t('designScenarioName')}
        maxLength={200}
        value={name}
        error={taken ? t('designNameTaken') : undefined}
        onChange={(event) => setGiven(event.currentTarget.value)}
      />
      <div className="form-end">
        <Button onClick={close}>{t('cancel')}</Button>
        <Button
          variant="filled"
          disabled={taken || name.trim() === ''}
          onClick={() => {
            write({ scenarios: [...work.scenarios, { name: name.trim(), source }] })
            close()
          }}
        >
          {t('designKeepScenario')}
        </Button>
      </div>
    </>
  )
}
