import '../styles/team.css'
import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import type { Coverage } from '../../src/contracts/index.ts'
import { coverageQuery } from '../api/team-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Empty, Waiting } from '../parts/states.tsx'
import { CoverageDay } from './coverage-day.tsx'
import { CoverageMap } from './coverage-map.tsx'
import { TeamTabs } from './team-tabs.tsx'

const route = getRouteApi('/team/coverage')

/** Where the coming two weeks have more work than people who may do it. */
export function CoveragePage() {
  const { t, either } = useWords()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const coverage = useQuery(coverageQuery(search.without))
  const [chosen, setChosen] = useState<{ place: string; day: number }>()
  const { data } = coverage
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('team')}</h1>
        <TeamTabs shown="/team/coverage" />
        {data && data.learnedFrom > 0 && (
          <div className="head-right">
            <NativeSelect
              size="xs"
              aria-label={t('coverageKind')}
              value={search.kind ?? ''}
              onChange={(event) => {
                const kind = event.currentTarget.value
                void navigate({
                  search: ({ kind: _former, ...rest }) => ({ ...rest, ...(kind === '' ? {} : { kind }) }),
                })
              }}
              data={[
                { value: '', label: t('everyKind') },
                ...data.kinds.map((one) => ({ value: one.id, label: either(one.title) })),
              ]}
            />
            <NativeSelect
              size="xs"
              aria-label={t('ifLeaves')}
              value={search.without ?? ''}
              onChange={(event) => {
                const without = event.currentTarget.value
                void navigate({
                  search: ({ without: _former, ...rest }) => ({ ...rest, ...(without === '' ? {} : { without }) }),
                })
              }}
              data={[
                { value: '', label: t('everybodyStays') },
                ...data.people.map((one) => ({
                  value: one.reference,
                  label: t('ifSomebodyLeaves', { name: one.name }),
                })),
              ]}
            />
          </div>
        )}
      </div>
      {coverage.isPending && <Waiting lines={8} />}
      {coverage.error !== null && !data && <Failure error={coverage.error} retry={coverage.refetch} />}
      {data?.learnedFrom === 0 && <Empty title={t('coverageTooEarly')} hint={t('coverageTooEarlyHint')} />}
      {data && data.learnedFrom > 0 && (
        <>
          <CoverageMap data={data} kind={search.kind} chosen={chosen} choose={setChosen} />
          {chosen && <CoverageDay data={data} kind={search.kind} {...chosen} />}
          <Gaps data={data} kind={search.kind} choose={setChosen} />
          <Gains data={data} />
          <Method data={data} />
        </>
      )}
    </div>
  )
}

function Gaps({
  data,
  kind,
  choose,
}: {
  data: Coverage
  kind: string | undefined
  choose: (cell: { place: string; day: number }) => void
}) {
  const words = useWords()
  const { t, either, number, language } = words
  const gaps = data.gaps
    .filter((one) => kind === undefined || one.kind === kind)
    .toSorted((a, b) => a.from - b.from || b.missing - a.missing)
  const titleOf = (list: Coverage['kinds'], id: string) =>
    either(list.find((one) => one.id === id)?.title ?? { en: id, fr: id })
  const dateOf = useDay(data)
  return (
    <section aria-label={t('gapsAhead')} className="block" data-testid="coverage-gaps">
      <h2>
        {t('gapsAhead')} <span className="count">{gaps.length}</span>
      </h2>
      {gaps.length === 0 && <p className="quiet">{t('noGaps')}</p>}
      <ul className="comments">
        {gaps.map((gap) => (
          <li key={`${gap.kind} ${gap.place} ${gap.from}`}>
            <button type="button" className="coverage-gap" onClick={() => choose({ place: gap.place, day: gap.from })}>
              {titleOf(data.places, gap.place)}
            </button>{' '}
            · {titleOf(data.kinds, gap.kind)} ·{' '}
            <strong>
              {gap.from === gap.until
                ? dateOf(gap.from)
                : t('dayToDay', { from: dateOf(gap.from), to: dateOf(gap.until) })}
            </strong>
            {language === 'fr' ? '\u00a0: ' : ': '}
            {t('tasksMissing', { number: number(Math.round(gap.missing * 10) / 10) })}{' '}
            {gap.because.length === 0 ? (
              <span className="quiet">{t('nobodyCould')}</span>
            ) : (
              gap.because.map((one) => (
                <span key={one.reference} className="tag">
                  {one.name} {one.sentence}
                </span>
              ))
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Gains({ data }: { data: Coverage }) {
  const { t, either, span } = useWords()
  if (data.gains.length === 0) return null
  return (
    <section aria-label={t('licencesThatGain')} className="block" data-testid="coverage-gains">
      <h2>{t('licencesThatGain')}</h2>
      <p className="quiet lead">{t('licencesThatGainHint')}</p>
      <ol className="comments">
        {data.gains.map(({ person, credential, place, minutes }) => (
          <li key={`${person.reference} ${credential.id} ${place.id}`}>
            <strong>{either(place.title)}</strong> · {person.name}, {either(credential.title).toLowerCase()} ·{' '}
            {t('moreWorkDone', { span: span(minutes) })}
          </li>
        ))}
      </ol>
    </section>
  )
}

/** How the numbers came to be, and how far they held. */
function Method({ data }: { data: Coverage }) {
  const { t, number } = useWords()
  const percent = (share: number) => number(Math.round(share * 100))
  return (
    <section aria-label={t('coverageMethod')} className="block">
      <h2>{t('coverageMethod')}</h2>
      <p className="quiet lead">{t('coverageMethodHint', { days: data.learnedFrom })}</p>
      {data.held && (
        <p className="quiet lead" data-testid="coverage-held">
          {(['days', 'hours'] as const)
            .map((what) =>
              t(`held_${what}`, {
                looked: number(data.held?.[what].looked ?? 0),
                inside80: percent(data.held?.[what].inside80 ?? 0),
                mass80: percent(data.held?.[what].mass80 ?? 0),
                inside95: percent(data.held?.[what].inside95 ?? 0),
                mass95: percent(data.held?.[what].mass95 ?? 0),
              }),
            )
            .join(' ')}
        </p>
      )}
    </section>
  )
}

/** A day of the map as people say it. */
export function useDay(data: Coverage): (day: number) => string {
  const { language } = useWords()
  const format = new Intl.DateTimeFormat(language === 'fr' ? 'fr-CA' : 'en-CA', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    timeZone: 'UTC',
  })
  return (day) => format.format(new Date(`${data.days[day] ?? '1970-01-01'}T12:00:00Z`))
}
