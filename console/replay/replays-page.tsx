import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { ReplayList } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { pathwaysQuery } from '../api/queries.ts'
import { replaysQuery } from '../api/replay-queries.ts'
import { useWords } from '../i18n.ts'
import { useClock } from '../parts/clock.ts'
import { clinicsQuery } from '../pathways/clinic-choice.tsx'
import { FormFailure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { Listing } from '../parts/listing.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'

const route = getRouteApi('/replays')
const day = 86_400_000

/** Replays of a pathway's past: a new one is asked for, former ones are found again. */
export function ReplaysPage() {
  const { t, either, date, moment, number } = useWords()
  const account = useAccount()
  const { pathway = '', version, draft } = route.useSearch()
  const replays = useQuery(replaysQuery(pathway))
  const pathways = useQuery(pathwaysQuery)
  const known = pathways.data?.items.find((one) => one.id === pathway)
  if (pathways.data && !known && draft === undefined)
    return (
      <Empty title={t('error_pathway-not-found')}>
        <Link to="/pathways">{t('pathways')}</Link>
      </Empty>
    )
  return (
    <div className="page">
      <Link to="/pathways" className="back">
        <Icon name="back" /> {t('pathways')}
      </Link>
      <h1>{t('replayOf', { name: known ? either(known.title) : pathway })}</h1>
      <p className="lead">{t('replayLead')}</p>
      {account.may('pathways.write') && (
        <Ask
          pathway={pathway}
          version={version ?? known?.activeVersion ?? 1}
          versions={known?.versions.map((one) => one.version) ?? []}
          draft={draft}
        />
      )}
      <Listing
        title={t('replays')}
        empty={t('noReplays')}
        query={replays}
        columns={[t('tried'), t('period'), t('unknownAnswers'), t('status'), t('askedBy'), t('began')]}
        row={(one) => (
          <tr key={one.id} data-testid="replay-row">
            <th scope="row">
              <Link to="/replays/$id" params={{ id: one.id }}>
                <WhatTried of={one} />
              </Link>
            </th>
            <td>
              {date(one.from)} – {date(one.until)}
            </td>
            <td>{t(`assume_${one.assume}`)}</td>
            <td>
              <span className={`tag ${looks[one.status]}`}>{t(`replay_${one.status}`)}</span>{' '}
              {one.status === 'running' && one.patients !== null && (
                <span className="quiet">
                  {t('doneOf', { done: number(one.patientsDone), total: number(one.patients) })}
                </span>
              )}
            </td>
            <td>{one.askedBy}</td>
            <td className="number">{moment(one.askedAt)}</td>
          </tr>
        )}
      />
    </div>
  )
}

type Item = ReplayList['items'][number]
export const looks: Readonly<Record<Item['status'], string>> = {
  waiting: '',
  running: '',
  done: 'good',
  failed: 'bad',
  cancelled: '',
}

/** The version or the draft that was tried. */
export function WhatTried({ of }: { of: Item }) {
  const { t } = useWords()
  const clinics = useQuery({ ...clinicsQuery, enabled: of.clinic !== null })
  const tried = of.version === null ? t('draftTried') : t('version', { n: of.version })
  if (of.clinic === null) return <>{tried}</>
  return (
    <>
      {tried} · {clinics.data?.find(({ reference }) => reference === of.clinic)?.name ?? of.clinic}
    </>
  )
}

function Ask(given: { pathway: string; version: number; versions: readonly number[]; draft: string | undefined }) {
  const { t } = useWords()
  const { now, zone } = useClock()
  const navigate = route.useNavigate()
  // As an input of dates wants it, on the clinic's calendar.
  const isoDay = (time: number) => new Intl.DateTimeFormat('sv', zone === '' ? {} : { timeZone: zone }).format(time)
  const [fromChosen, setFrom] = useState<string>()
  const [untilChosen, setUntil] = useState<string>()
  const from = fromChosen ?? isoDay(now - 91 * day)
  const until = untilChosen ?? isoDay(now)
  const [assume, setAssume] = useState<'open' | 'alike'>('open')
  const [version, setVersion] = useState(given.version)
  const [clinic, setClinic] = useState('')
  const clinics = useQuery(clinicsQuery)
  const ask = useAct(
    () =>
      call<{ id: string }>('POST', '/api/replays', {
        ...(given.draft === undefined ? { pathway: given.pathway, version } : { draft: given.draft }),
        from,
        until,
        assume,
        ...(clinic === '' ? {} : { clinic }),
      }),
    {
      anew: [['replays']],
      quiet: true,
      done: ({ id }) => void navigate({ to: '/replays/$id', params: { id } }),
    },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    ask.mutate()
  }
  return (
    <form className="asking" onSubmit={submit} aria-label={t('newReplay')}>
      <FormFailure error={ask.error} />
      <div className="filters">
        {given.draft === undefined ? (
          <NativeSelect
            label={t('tried')}
            value={String(version)}
            data={given.versions.map((n) => ({ value: String(n), label: t('version', { n }) }))}
            onChange={(event) => setVersion(Number(event.currentTarget.value))}
          />
        ) : (
          <TextInput label={t('tried')} value={t('draftTried')} readOnly />
        )}
        <TextInput
          label={t('from')}
          type="date"
          required
          max={until}
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          label={t('untilDay')}
          type="date"
          required
          min={from}
          max={isoDay(now)}
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
        {clinics.data && clinics.data.length > 0 && (
          <NativeSelect
            label={t('replayedClinic')}
            value={clinic}
            data={[
              { value: '', label: t('allClinics') },
              ...clinics.data.map(({ reference, name }) => ({ value: reference, label: name })),
            ]}
            onChange={(event) => setClinic(event.currentTarget.value)}
          />
        )}
        <NativeSelect
          label={t('unknownAnswers')}
          value={assume}
          data={(['open', 'alike'] as const).map((one) => ({ value: one, label: t(`assume_${one}`) }))}
          onChange={(event) => setAssume(event.currentTarget.value === 'alike' ? 'alike' : 'open')}
        />
        <Button type="submit" variant="filled" loading={ask.isPending}>
          {t('startReplay')}
        </Button>
      </div>
      <p className="quiet">{t(`assumeHint_${assume}`)}</p>
    </form>
  )
}
