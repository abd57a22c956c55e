import type { Simulation, SimulationFit } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { Legend, LineChart } from '../parts/line-chart.tsx'

interface Props {
  simulation: Simulation
  names: readonly string[]
  /** Counted days, the first of them at `from` plus the warm-up. */
  days: number
  from: number
  roles: SimulationFit['roles']
}

type Estimate = { mean: number; low: number; high: number }
const looks = ['before', 'after'] as const

/** What a simulation came to, each number with its 95 % interval, the variants beside each other. */
export function Results({ simulation: { summaries, comparison }, names, days, roles }: Props) {
  const { t, either, number, span } = useWords()
  const lines = names.map((name, index) => ({ name, look: looks[index] ?? ('after' as const) }))
  const round = (value: number) => number(Math.round(value * 10) / 10)
  const between = ({ mean, low, high }: Estimate, say: (value: number) => string = round) => (
    <>
      {say(mean)}{' '}
      <span className="quiet">
        ({say(low)} – {say(high)})
      </span>
    </>
  )
  const percent = (value: number) => `${number(Math.round(value * 1_000) / 10)} %`
  const hours = (value: number) => (value < 0 ? `−${span(-value * 60)}` : span(Math.max(0, value) * 60))
  const shown = roles.filter(({ role }) => summaries.some((one) => (one.roles[role]?.tasks.mean ?? 0) > 0))
  return (
    <section aria-label={t('simulationResult')} data-testid="simulation-result">
      <h2>{t('simulationResult')}</h2>
      <p className="quiet">{t('intervalsHint', { n: summaries[0]?.replications ?? 0 })}</p>
      {summaries.length > 1 && <Legend lines={lines} />}
      <div className="breaks">
        {summaries.map((summary, index) => {
          const broken = shown
            .flatMap(({ role, title }) => {
              const breaks = summary.roles[role]?.breaks
              return breaks && breaks.share >= 0.5 && breaks.day !== null ? [{ title, ...breaks }] : []
            })
            .toSorted((a, b) => (a.day ?? 0) - (b.day ?? 0))
          return (
            <p key={names[index]} className={broken.length > 0 ? 'late' : 'good-text'}>
              {names.length > 1 && <>{names[index]}: </>}
              {broken.length === 0
                ? t('nothingBreaks')
                : broken
                    .map((one) =>
                      t('roleBreaks', {
                        role: either(one.title),
                        day: number(Math.round((one.day ?? 0) + 1)),
                        share: percent(one.share),
                      }),
                    )
                    .join(' ')}
            </p>
          )
        })}
      </div>
      <div className="table-wrap" tabIndex={0} role="group" aria-label={t('loadByRole')}>
        <table className="table dense">
          <thead>
            <tr>
              <th scope="col">{t('role')}</th>
              {names.length > 1 && <th scope="col">{t('variant')}</th>}
              <th scope="col">{t('tasks')}</th>
              <th scope="col">{t('busyShare')}</th>
              <th scope="col">{t('waitMean')}</th>
              <th scope="col">{t('median')}</th>
              <th scope="col">{t('nineOfTen')}</th>
              <th scope="col">{t('lateShare')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.flatMap(({ role, title }) => [
              ...summaries.map((summary, index) => {
                const one = summary.roles[role]
                return (
                  <tr key={`${role} ${index}`} data-testid="role-row">
                    <th scope="row">{index === 0 && either(title)}</th>
                    {names.length > 1 && <td>{names[index]}</td>}
                    <td className="number">{one && between(one.tasks)}</td>
                    <td className="number">{one && between(one.busy, percent)}</td>
                    <td className="number">{one && between(one.wait, hours)}</td>
                    <td className="number">{one && hours(one.waitMedian.mean)}</td>
                    <td className="number">{one && hours(one.wait90.mean)}</td>
                    <td className="number">{one && between(one.late, percent)}</td>
                  </tr>
                )
              }),
              ...(comparison?.roles[role]
                ? [
                    <tr key={`${role} difference`} className="differs">
                      <th scope="row" />
                      <td>{t('difference')}</td>
                      <td className="number">{between(comparison.roles[role].tasks)}</td>
                      <td />
                      <td className="number">{between(comparison.roles[role].wait, hours)}</td>
                      <td />
                      <td />
                      <td className="number">{between(comparison.roles[role].late, percent)}</td>
                    </tr>,
                  ]
                : []),
            ])}
          </tbody>
        </table>
      </div>
      <p className="number">
        {summaries.map((summary, index) => (
          <span key={names[index]} className="journey-length">
            {names.length > 1 && <strong>{names[index]}: </strong>}
            {t('journeysBegun')} {between(summary.begun)} · {t('journeyLength')} {between(summary.length, hours)} ·{' '}
            {t('nineOfTen')} {hours(summary.length90.mean)}
          </span>
        ))}
        {comparison && (
          <span className="journey-length">
            <strong>{t('difference')}: </strong>
            {t('journeyLength')} {between(comparison.length, hours)}
          </span>
        )}
      </p>
      <h3>{t('queues')}</h3>
      <p className="quiet">{t('queuesHint')}</p>
      <div className="charts">
        {shown.map(({ role, title }) => (
          <figure key={role}>
            <figcaption>
              <strong>{either(title)}</strong>
            </figcaption>
            <LineChart
              label={t('queueOf', {
                role: either(title),
                n: number(
                  Math.max(0, ...summaries.flatMap((one) => (one.roles[role]?.queue ?? []).map((q) => q.middle))),
                ),
              })}
              days={Array.from({ length: days }, (_none, day) => t('dayN', { n: day + 1 }))}
              lines={summaries.map((summary, index) => {
                const queue = summary.roles[role]?.queue ?? []
                return {
                  name: names[index] ?? '',
                  look: names.length === 1 ? 'after' : (looks[index] ?? 'after'),
                  values: queue.map(({ middle }) => middle),
                  band: queue,
                }
              })}
            />
          </figure>
        ))}
      </div>
    </section>
  )
}
