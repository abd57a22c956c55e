import { useState } from 'react'
import { NativeSelect } from '@mantine/core'
import type { AutomationWatch, FairGroups } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'

type Group = FairGroups['groups'][number]

/** Whether an automation does as well for all groups of patients, in three states; small groups are not shown. */
export function Fairness({ watch }: { watch: AutomationWatch }) {
  const { t } = useWords()
  const [measure, setMeasure] = useState<FairGroups['measure']>('corrected')
  const shown = watch.fairness.filter((one) => one.measure === measure && one.groups.length > 0)
  return (
    <section aria-label={t('fairnessWord')}>
      <div className="section-head">
        <h2>{t('fairnessWord')}</h2>
        <NativeSelect
          aria-label={t('fairnessOf')}
          value={measure}
          data={(['corrected', 'handed'] as const).map((one) => ({ value: one, label: t(`chart_${one}`) }))}
          onChange={(event) => setMeasure(event.currentTarget.value === 'handed' ? 'handed' : 'corrected')}
        />
      </div>
      <p className="quiet lead">
        {t('fairnessHint', {
          margin: Math.round((watch.fairness[0]?.margin ?? 0) * 100),
          smallest: watch.smallestCell,
        })}
      </p>
      {shown.length === 0 && <p className="quiet">{t('noGroups')}</p>}
      {shown.map((one) => (
        <Dimension key={one.dimension} groups={one} />
      ))}
    </section>
  )
}

function Dimension({ groups: { dimension, groups } }: { groups: FairGroups }) {
  const { t, code, number } = useWords()
  const percent = (value: number) => `${number(Math.round(value * 1000) / 10)} %`
  const signed = (value: number) => `${value > 0 ? '+' : ''}${number(Math.round(value * 1000) / 10)}`
  const title = t(`dimension_${dimension}`)
  return (
    <div className="table-wrap" tabIndex={0} role="group" aria-label={title}>
      <table className="table">
        <thead>
          <tr>
            {[title, t('casesWord'), t('rateWord'), t('differenceWord'), t('state')].map((word) => (
              <th key={word} scope="col">
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr key={group.name} data-testid="group-row">
              <th scope="row">{code(`group_${dimension}`, group.name)}</th>
              <td className="number">{group.cases === null ? t('hiddenWord') : number(group.cases)}</td>
              <td className="number">{group.rate === null ? '–' : percent(group.rate)}</td>
              <td className="number">
                {group.difference === null || group.low === null || group.high === null
                  ? '–'
                  : t('differenceSays', {
                      difference: signed(group.difference),
                      low: signed(group.low),
                      high: signed(group.high),
                    })}
              </td>
              <td>
                <State state={group.state} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function State({ state }: { state: Group['state'] }) {
  const { code } = useWords()
  return <span className={state === 'disparity' ? 'tag bad' : 'tag'}>{code('fair', state)}</span>
}
