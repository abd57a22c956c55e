import { useQuery } from '@tanstack/react-query'
import type { Coverage } from '../../src/contracts/index.ts'
import { coverageHoursQuery } from '../api/team-queries.ts'
import { useWords } from '../i18n.ts'
import { cellsOf } from './coverage-map.tsx'
import { useDay } from './coverage-page.tsx'

/** One place on one day: what is expected of each kind and hour, and who is there for it. */
export function CoverageDay({
  data,
  kind,
  place,
  day,
}: {
  data: Coverage
  kind: string | undefined
  place: string
  day: number
}) {
  const { t, either, number, span } = useWords()
  const dayOf = useDay(data)
  const { cells } = cellsOf(data, kind, place, day)
  const title = data.places.find(({ id }) => id === place)?.title ?? { en: place, fr: place }
  const name = (reference: string) => data.people.find((one) => one.reference === reference)?.name ?? reference
  return (
    <section aria-label={t('coverageDay')} className="block" data-testid="coverage-day">
      <h2>
        {either(title)}, {dayOf(day)}
      </h2>
      <div className="table-wrap" tabIndex={0} role="group" aria-label={t('coverageDay')}>
        <table className="table">
          <thead>
            <tr>
              {(
                [
                  'taskKind',
                  'expectedTasks',
                  'waitingTasks',
                  'coverageNeeded',
                  'workServed',
                  'whoMayThen',
                  'byHour',
                ] as const
              ).map((word) => (
                <th key={word} scope="col">
                  {t(word)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {cells.map((cell) => (
              <tr key={cell.kind}>
                <th scope="row">
                  {either(data.kinds.find(({ id }) => id === cell.kind)?.title ?? { en: cell.kind, fr: cell.kind })}
                  <br />
                  <span className={cell.standing === 'short' || cell.standing === 'nobody' ? 'tag bad' : 'tag'}>
                    {t(`standing_${cell.standing}`)}
                  </span>
                </th>
                <td>
                  {number(Math.round(cell.expected * 10) / 10)}{' '}
                  <span className="quiet">{t('lowToHigh', { low: cell.low, high: cell.high })}</span>
                </td>
                <td className="number">{number(cell.waiting)}</td>
                <td className="number">{span(Math.round(cell.needed))}</td>
                <td className="number">{span(Math.floor(cell.served))}</td>
                <td>{cell.people.length === 0 ? t('nobody') : cell.people.map(name).join(', ')}</td>
                <td>
                  <Hours kind={cell.kind} place={place} day={day} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Hours(asked: { kind: string; place: string; day: number }) {
  const { t, number } = useWords()
  const hours = useQuery(coverageHoursQuery(asked))
  const items = (hours.data?.items ?? []).filter(({ expected }) => expected >= 0.02)
  if (items.length === 0) return <span className="quiet">–</span>
  const most = Math.max(...items.map(({ expected }) => expected))
  return (
    <ul className="coverage-hours">
      {items.map(({ hour, expected, low, high }) => (
        <li
          key={hour}
          title={t('hourExpected', {
            hour,
            expected: number(Math.round(expected * 100) / 100),
            low,
            high,
          })}
        >
          <span className="coverage-bar" style={{ height: `${Math.max(2, (expected / most) * 28)}px` }} />
          {hour}
          <span className="unseen">
            {t('hourExpected', { hour, expected: number(Math.round(expected * 100) / 100), low, high })}
          </span>
        </li>
      ))}
    </ul>
  )
}
