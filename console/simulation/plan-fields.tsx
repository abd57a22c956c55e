import { NativeSelect, NumberInput, Slider } from '@mantine/core'
import type { SimulationFit } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import type { Plan } from './plan.ts'

interface Props {
  title: string
  fit: SimulationFit
  plan: Plan
  versions: readonly number[]
  change(plan: Plan): void
}

/** One variant: which version, how many come, who is there. */
export function PlanFields({ title, fit, plan, versions, change }: Props) {
  const { t, either, number } = useWords()
  const perWeek = fit.settings.arrivals.perDay.reduce((sum, one) => sum + one, 0)
  return (
    <fieldset className="plan">
      <legend>{title}</legend>
      {plan.version !== undefined && versions.length > 1 && (
        <NativeSelect
          label={t('tried')}
          value={String(plan.version)}
          data={versions.map((n) => ({ value: String(n), label: t('version', { n }) }))}
          onChange={(event) => change({ ...plan, version: Number(event.currentTarget.value) })}
        />
      )}
      <Labelled
        label={t('arrivalsAt', {
          percent: plan.arrivals,
          n: number(Math.round((perWeek * plan.arrivals) / 10) / 10),
        })}
      >
        <Slider
          min={0}
          max={300}
          step={5}
          label={null}
          thumbLabel={`${title}: ${t('arrivals')}`}
          value={plan.arrivals}
          onChange={(arrivals) => change({ ...plan, arrivals })}
        />
      </Labelled>
      <div className="filters">
        <NumberInput
          label={t('moreEnrol')}
          min={0}
          max={100_000}
          value={plan.extra}
          onChange={(value) => change({ ...plan, extra: Number(value) })}
        />
        <NumberInput
          label={t('surgeFromDay')}
          min={0}
          max={730}
          value={plan.extraDay}
          onChange={(value) => change({ ...plan, extraDay: Number(value) })}
        />
        <NumberInput
          label={t('overDays')}
          min={1}
          max={365}
          value={plan.extraDays}
          onChange={(value) => change({ ...plan, extraDays: Number(value) })}
        />
      </div>
      {fit.roles.map(({ role, title: name }) => {
        const staff = plan.staff[role] ?? 0
        return (
          <Labelled key={role} label={t('staffOf', { role: either(name), n: number(staff) })}>
            <Slider
              min={0}
              max={Math.max(10, staff)}
              step={1}
              label={null}
              thumbLabel={`${title}: ${either(name)}`}
              value={staff}
              onChange={(value) => change({ ...plan, staff: { ...plan.staff, [role]: value } })}
            />
          </Labelled>
        )
      })}
      <p className="quiet">{t('staffHint')}</p>
    </fieldset>
  )
}

function Labelled({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="slider">
      <span>{label}</span>
      {children}
    </div>
  )
}
