import { Button, Modal, NumberInput, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { AutomationWatch, WatchChart } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { automationQuery, watchQuery } from '../api/release-queries.ts'
import { useWords } from '../i18n.ts'
import { ControlChart } from '../parts/control-chart.tsx'
import { Failure, FormFailure } from '../parts/failure.tsx'
import { Listing } from '../parts/listing.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'
import { Fairness } from './fairness.tsx'

const route = getRouteApi('/automations/$id/watching')
const listed = <T,>(items: readonly T[]) => ({ data: { items }, error: null, isPending: false, refetch: () => {} })

/** How an automation does: what people corrected first, then all that may drift, and whether it is as good for everybody. */
export function WatchingPage() {
  const { id } = route.useParams()
  const { t, either } = useWords()
  const automation = useQuery(automationQuery(id))
  const watch = useQuery(watchQuery(id))
  if (watch.isPending || automation.isPending) return <Waiting />
  if (!watch.data || !automation.data)
    return <Failure error={watch.error ?? automation.error} retry={() => void watch.refetch()} />
  const one = watch.data
  return (
    <div className="page">
      <Link to="/automations/$id" params={{ id }} className="back">
        ← {either(automation.data.title)}
      </Link>
      <div className="page-head flat">
        <h1>{t('watchingOf', { name: either(automation.data.title) })}</h1>
      </div>
      <p className="lead">{t('watchingHint')}</p>
      <Alarms watch={one} />
      <section aria-label={t('watchCharts')}>
        <div className="section-head">
          <h2>{t('watchCharts')}</h2>
        </div>
        <p className="quiet lead">{t('chartRules')}</p>
        <div className="charts">
          {one.charts.map((chart) => (
            <Chart key={chart.name} chart={chart} />
          ))}
        </div>
      </section>
      <Safety watch={one} />
      <Inputs watch={one} />
      <Fairness watch={one} />
      <Holdout watch={one} id={id} />
    </div>
  )
}

function Alarms({ watch }: { watch: AutomationWatch }) {
  const { t, code } = useWords()
  if (watch.alarms.length === 0) return <p className="quiet">{t('noAlarms')}</p>
  return (
    <ul className="plain-list" data-testid="alarms" aria-label={t('alarmsWord')}>
      {watch.alarms.map(({ kind, about }) => (
        <li key={`${kind} ${about}`}>
          <span className="tag bad">{code('alarm', kind)}</span> {kind === 'late-arrival' ? '' : about}
        </li>
      ))}
    </ul>
  )
}

function Chart({ chart }: { chart: WatchChart }) {
  const { t, code, date, number, span } = useWords()
  const say = (value: number) =>
    chart.unit === 'share'
      ? `${number(Math.round(value * 1000) / 10)} %`
      : chart.unit === 'minutes'
        ? span(value)
        : number(Math.round(value * 10) / 10)
  const title = t(`chart_${chart.name}`)
  const marked = chart.points.filter(({ signals }) => signals.length > 0)
  const last = chart.points.findLast(({ value }) => value !== null)
  return (
    <figure data-testid={`chart-${chart.name}`}>
      <figcaption>
        <h3>{title}</h3>
        <span className="quiet">
          {chart.centre === null
            ? t('chartTooFew')
            : t('chartSays', {
                last: last?.value === null || last === undefined ? '–' : say(last.value),
                centre: say(chart.centre),
                count: marked.length,
              })}
        </span>
      </figcaption>
      {chart.points.length > 0 && (
        <ControlChart
          label={t('chartLabel', { title, count: chart.points.length, marked: marked.length })}
          centre={chart.centre}
          say={say}
          points={chart.points.map((point) => ({
            name: date(point.from),
            value: point.value,
            low: point.low,
            high: point.high,
            marked: point.signals.length > 0,
          }))}
        />
      )}
      {chart.points.length > 0 && (
        <details>
          <summary>{t('asTable')}</summary>
          <div className="table-wrap" tabIndex={0} role="group" aria-label={title}>
            <table className="table">
              <thead>
                <tr>
                  {['weekFrom', 'casesWord', 'valueWord', 'limitsWord', 'signalsWord'].map((word) => (
                    <th key={word} scope="col">
                      {t(word)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {chart.points.map((point) => (
                  <tr key={point.from}>
                    <th scope="row" className="number">
                      {date(point.from)}
                    </th>
                    <td className="number">{number(point.cases)}</td>
                    <td className="number">{point.value === null ? '–' : say(point.value)}</td>
                    <td className="number">
                      {point.low === null || point.high === null ? '–' : `${say(point.low)} – ${say(point.high)}`}
                    </td>
                    <td>{point.signals.map((signal) => code('signal', signal)).join(', ')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </figure>
  )
}

function Safety({ watch }: { watch: AutomationWatch }) {
  const { t, number } = useWords()
  return (
    <section aria-label={t('safetySignals')}>
      <div className="section-head">
        <h2>{t('safetySignals')}</h2>
      </div>
      <dl className="facts">
        {(['incidents', 'hardStops', 'failed', 'tooBold'] as const).map((name) => (
          <div key={name}>
            <dt>{t(`safety_${name}`)}</dt>
            <dd className="number">{number(watch.safety[name])}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Inputs({ watch }: { watch: AutomationWatch }) {
  const { t, code, number } = useWords()
  const share = (value: number | null) => (value === null ? t('fewWord') : `${number(Math.round(value * 100))} %`)
  return (
    <Listing
      title={t('inputsWatched')}
      hint={t('inputsWatchedHint')}
      empty={t('noInputs')}
      query={listed(watch.inputs)}
      columns={[t('inputWord'), t('weekBeforeLast'), t('lastWeek'), t('missingWord'), t('newCodes')]}
      row={(input) => (
        <tr key={input.name} data-testid="input-row">
          <th scope="row">{input.name}</th>
          {input.windows.map((window, index) => (
            <td key={index} className="number">
              {window.state === 'too-few' ? (
                <span className="quiet">{t('tooFewWord')}</span>
              ) : (
                <>
                  PSI {number(Math.round(window.psi * 1000) / 1000)}{' '}
                  {window.state === 'alarm' && <span className="tag bad">{code('alarm', 'drift')}</span>}
                  <br />
                  <span className="quiet">
                    {t('chanceOf', {
                      share: window.chance < 0.001 ? '< 0.001' : number(Math.round(window.chance * 1000) / 1000),
                    })}
                  </span>
                </>
              )}
            </td>
          ))}
          <td className="number">
            {share(input.missing.before)} → {share(input.missing.now)}{' '}
            {input.missing.alarm && <span className="tag bad">{code('alarm', 'missing')}</span>}
          </td>
          <td>
            {input.fresh.map(({ value, count }) => (
              <div key={value}>
                <code>{value}</code>{' '}
                <span className="quiet">
                  {count === null ? t('fewerThan', { n: watch.smallestCell }) : number(count)}
                </span>
              </div>
            ))}
          </td>
        </tr>
      )}
    />
  )
}

function Holdout({ watch, id }: { watch: AutomationWatch; id: string }) {
  const { t, number, span } = useWords()
  const account = useAccount()
  const [setting, setSetting] = useState(false)
  const { share, held, others } = watch.holdout
  return (
    <>
      <Listing
        title={t('holdoutWord')}
        hint={share === 0 ? t('noHoldout') : t('holdoutHint', { share: number(Math.round(share * 1000) / 10) })}
        empty=""
        query={listed([
          { name: 'heldOut', ...held },
          { name: 'notHeldOut', ...others },
        ])}
        columns={[t('armWord'), t('casesWord'), t('chart_wait'), t('reversedLater')]}
        action={account.may('release.manage') && <Button onClick={() => setSetting(true)}>{t('setHoldout')}…</Button>}
        row={(arm) => (
          <tr key={arm.name} data-testid="holdout-row">
            <th scope="row">{t(arm.name)}</th>
            <td className="number">{number(arm.cases)}</td>
            <td className="number">{arm.wait === null ? '–' : span(arm.wait)}</td>
            <td className="number">
              {arm.cases === 0
                ? '–'
                : arm.reversed === null
                  ? t('fewWord')
                  : `${number(Math.round(arm.reversed * 1000) / 10)} %`}
            </td>
          </tr>
        )}
      />
      {setting && <HoldoutDialog id={id} share={share} close={() => setSetting(false)} />}
    </>
  )
}

function HoldoutDialog({ id, share, close }: { id: string; share: number; close: () => void }) {
  const { t } = useWords()
  const [percent, setPercent] = useState<number | string>(Math.round(share * 1000) / 10)
  const [reason, setReason] = useState('')
  const set = useAct(
    () =>
      call('POST', `/api/automations/${encodeURIComponent(id)}/holdout`, {
        share: Number(percent) / 100,
        reason: reason.trim(),
      }),
    { anew: [['automations']], done: close, quiet: true },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    set.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('setHoldout')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={set.error} />
        <p>{t('setHoldoutHint')}</p>
        <NumberInput label={t('holdoutShare')} required min={0} max={50} value={percent} onChange={setPercent} />
        <Textarea
          label={t('reason')}
          required
          minLength={3}
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" loading={set.isPending}>
            {t('setHoldout')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
