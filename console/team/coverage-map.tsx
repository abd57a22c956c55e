import type { KeyboardEvent } from 'react'
import type { Coverage } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { useDay } from './coverage-page.tsx'

type Cell = Coverage['cells'][number]
type Standing = Cell['standing']

/** From the best to the worst. The mark says it without colour. */
const marks: Record<Standing, string> = { quiet: '·', covered: '●', tight: '◐', short: '◔', nobody: '✕' }
const order: readonly Standing[] = ['quiet', 'covered', 'tight', 'short', 'nobody']

/** A place on a day: the worst of its kinds, and all their tasks. */
export function cellsOf(data: Coverage, kind: string | undefined, place: string, day: number) {
  const cells = data.cells.filter(
    (one) => one.place === place && one.day === day && (kind === undefined || one.kind === kind),
  )
  const standing = cells.reduce<Standing>(
    (worst, one) => (order.indexOf(one.standing) > order.indexOf(worst) ? one.standing : worst),
    'quiet',
  )
  return { cells, standing, expected: cells.reduce((sum, one) => sum + one.expected + one.waiting, 0) }
}

/** States and provinces by day. One cell can be reached by Tab, the others by the arrows. */
export function CoverageMap({
  data,
  kind,
  chosen,
  choose,
}: {
  data: Coverage
  kind: string | undefined
  chosen: { place: string; day: number } | undefined
  choose: (cell: { place: string; day: number }) => void
}) {
  const { t, either, number, language } = useWords()
  const dayOf = useDay(data)
  const places = data.places
    .filter((place) => data.cells.some((one) => one.place === place.id && (kind === undefined || one.kind === kind)))
    .toSorted((a, b) => either(a.title).localeCompare(either(b.title)))
  const head = new Intl.DateTimeFormat(language === 'fr' ? 'fr-CA' : 'en-CA', { weekday: 'short', timeZone: 'UTC' })
  const first = chosen ?? { place: places[0]?.id ?? '', day: 0 }
  const move = (event: KeyboardEvent<HTMLTableElement>) => {
    const step = steps[event.key]
    const cell = event.target instanceof HTMLElement ? event.target.closest('button') : null
    if (!step || !cell) return
    event.preventDefault()
    const [row, column] = [Number(cell.dataset['row']) + step[0], Number(cell.dataset['column']) + step[1]]
    event.currentTarget.querySelector<HTMLButtonElement>(`[data-row="${row}"][data-column="${column}"]`)?.focus()
  }
  return (
    <section aria-label={t('coverageMap')}>
      <p className="quiet lead">{t('coverageMapHint')}</p>
      <ul className="coverage-key" aria-label={t('coverageKey')}>
        {order.map((one) => (
          <li key={one}>
            <span className="coverage-mark" data-standing={one} aria-hidden="true">
              {marks[one]}
            </span>{' '}
            {t(`standing_${one}`)}
          </li>
        ))}
      </ul>
      <div className="table-wrap" tabIndex={-1} role="group" aria-label={t('coverageMap')}>
        <table className="coverage" data-testid="coverage-map" onKeyDown={move}>
          <thead>
            <tr>
              <th scope="col">{t('place')}</th>
              {data.days.map((date, day) => (
                <th key={date} scope="col" aria-label={dayOf(day)}>
                  {head.format(new Date(`${date}T12:00:00Z`))}
                  <br />
                  {Number(date.slice(8))}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {places.map((place, row) => (
              <tr key={place.id}>
                <th scope="row">{either(place.title)}</th>
                {data.days.map((date, day) => {
                  const { standing, expected } = cellsOf(data, kind, place.id, day)
                  const isFirst = first.place === place.id && first.day === day
                  const count = number(expected < 9.95 ? Math.round(expected * 10) / 10 : Math.round(expected))
                  return (
                    <td key={date}>
                      <button
                        type="button"
                        className="coverage-cell"
                        data-standing={standing}
                        data-row={row}
                        data-column={day}
                        tabIndex={isFirst ? 0 : -1}
                        aria-pressed={chosen !== undefined && isFirst}
                        aria-label={`${either(place.title)}, ${dayOf(day)}: ${t(`standing_${standing}`)}${standing === 'quiet' ? '' : `, ${t('expectedCount', { number: count })}`}`}
                        onClick={() => choose({ place: place.id, day })}
                      >
                        <span className="coverage-mark">{marks[standing]}</span>
                        {standing !== 'quiet' && <span>{count}</span>}
                      </button>
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}
