import { NumberInput } from '@mantine/core'
import type { SimulationFit } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { meanOf } from './plan.ts'

interface Props {
  fit: SimulationFit
  means: Readonly<Record<string, number>>
  change(step: string, mean: number): void
}

/** What the simulation takes for each step, and what that rests on; a person may put another mean. */
export function StepModels({ fit, means, change }: Props) {
  const { t, either, number, code } = useWords()
  const round = (value: number) => number(Math.round(value * 100) / 100)
  return (
    <section aria-label={t('stepModels')}>
      <h2>{t('stepModels')}</h2>
      <p className="quiet">{t('stepModelsHint')}</p>
      <div className="table-wrap" tabIndex={0} role="group" aria-label={t('stepModels')}>
        <table className="table dense">
          <thead>
            <tr>
              <th scope="col">{t('step')}</th>
              <th scope="col" className="end">
                {t('askedTimes')}
              </th>
              <th scope="col">{t('takesMean')}</th>
              <th scope="col">{t('restsOn')}</th>
              <th scope="col">{t('endsWith')}</th>
            </tr>
          </thead>
          <tbody>
            {fit.steps
              .filter(({ kind }) => kind !== 'end' && kind !== 'request')
              .map((one) => {
                const model = fit.settings.steps[one.step]
                if (!model) return null
                const timed = one.kind !== 'decide'
                const sum = Object.values(model.outcomes).reduce((total, n) => total + n, 0)
                return (
                  <tr key={one.step}>
                    <th scope="row">
                      {either(one.title)} <span className="quiet">{code('stepKind', one.kind)}</span>
                    </th>
                    <td className="end number">
                      {number(one.asked)}
                      {one.skipped > 0 && <div className="quiet">{t('skippedTimes', { n: number(one.skipped) })}</div>}
                    </td>
                    <td>
                      {timed && (
                        <NumberInput
                          aria-label={t('hoursOf', { step: either(one.title) })}
                          size="xs"
                          w={110}
                          min={0}
                          max={100_000}
                          decimalScale={3}
                          suffix=" h"
                          value={means[one.step] ?? meanOf(model.takes)}
                          onChange={(value) => change(one.step, Number(value))}
                        />
                      )}
                    </td>
                    <td>
                      {!timed ? null : means[one.step] !== undefined ? (
                        <span className="tag soon-tag">{t('given')}</span>
                      ) : one.takes ? (
                        <span className="number">
                          {code('distribution', one.takes.distribution.kind)} · n {number(one.takes.n)} · {t('mean')}{' '}
                          {round(one.takes.mean)} h · cv {round(one.takes.cv)}
                        </span>
                      ) : (
                        <span className="tag soon-tag">{t('guessed')}</span>
                      )}
                      {one.elapsed && one.role !== null && (
                        <div className="quiet number">
                          {t('elapsedMean', { hours: round(one.elapsed.mean), n: number(one.elapsed.n) })}
                        </div>
                      )}
                    </td>
                    <td className="wide">
                      {Object.entries(model.outcomes)
                        .toSorted(([, a], [, b]) => b - a)
                        .map(([outcome, n]) => `${outcome.replaceAll('-', ' ')} ${Math.round((100 * n) / sum)} %`)
                        .join(' · ')}
                    </td>
                  </tr>
                )
              })}
          </tbody>
        </table>
      </div>
    </section>
  )
}
