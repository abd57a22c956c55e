import { NumberInput } from '@mantine/core'
import type { SimulationFit, SimulationSettings } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { type EventGiven, meanOf } from './plan.ts'

interface Props {
  fit: SimulationFit
  given: Readonly<Record<string, EventGiven>>
  change(rule: string, given: EventGiven): void
}

/** What ends, rests or begins things from outside, how often and when; a person may put other numbers. */
export function OutsideEvents({ fit, given, change }: Props) {
  const { t, either, code } = useWords()
  if (fit.events.length === 0) return null
  return (
    <section aria-label={t('outsideEvents')}>
      <h2>{t('outsideEvents')}</h2>
      <p className="quiet">{t('outsideEventsHint')}</p>
      <div className="table-wrap" tabIndex={0} role="group" aria-label={t('outsideEvents')}>
        <table className="table dense">
          <thead>
            <tr>
              <th scope="col">{t('outsideEvent')}</th>
              <th scope="col">{t('comesInShare')}</th>
              <th scope="col">{t('comesAfter')}</th>
              <th scope="col">{t('restsOn')}</th>
            </tr>
          </thead>
          <tbody>
            {fit.events.map(({ rule, kind, title }) => {
              const model = fit.settings.events[rule]
              const now = given[rule] ?? known(model)
              const name = `${code('outside', kind)}: ${either(title)}`
              return (
                <tr key={rule} data-testid="outside-row">
                  <th scope="row">
                    {either(title)} <span className="quiet">{code('outside', kind)}</span>
                  </th>
                  <td>
                    <NumberInput
                      aria-label={`${t('comesInShare')}: ${name}`}
                      size="xs"
                      w={110}
                      min={0}
                      max={100}
                      decimalScale={1}
                      suffix=" %"
                      value={Math.round(now.share * 1_000) / 10}
                      onChange={(value) => change(rule, { ...now, share: Number(value) / 100 })}
                    />
                  </td>
                  <td>
                    <NumberInput
                      aria-label={`${t('comesAfter')}: ${name}`}
                      size="xs"
                      w={130}
                      min={0}
                      max={100_000}
                      decimalScale={1}
                      suffix=" h"
                      value={Math.round(now.mean * 10) / 10}
                      onChange={(value) => change(rule, { ...now, mean: Number(value) })}
                    />
                  </td>
                  <td>
                    {given[rule] ? (
                      <span className="tag soon-tag">{t('given')}</span>
                    ) : model ? (
                      code('distribution', model.after.kind)
                    ) : (
                      <span className="quiet">{t('neverCame')}</span>
                    )}
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

const known = (model: SimulationSettings['events'][string] | undefined): EventGiven =>
  model ? { share: model.share, mean: meanOf(model.after) } : { share: 0, mean: 24 }
