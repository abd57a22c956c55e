import { NativeSelect, NumberInput } from '@mantine/core'
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
      <Turned
        label={t('arrivalsAt', {
          percent: plan.arrivals,
          n: number(Math.round((perWeek * plan.arrivals) / 10) / 10),
        })}
        most={300}
        step={5}
        value={plan.arrivals}
        change={(arrivals) => change({ ...plan, arrivals })}
      />
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
          <Turned
            key={role}
            label={t('staffOf', { role: either(name), n: number(staff) })}
            most={Math.max(10, staff)}
            step={1}
            value={staff}
            change={(value) => change({ ...plan, staff: { ...plan.staff, [role]: value } })}
          />
        )
      })}
      <p className="quiet">{t('staffHint')}</p>
    </fieldset>
  )
}

interface TurnedProps {
  label: string
  most: number
  step: number
  value: number
  change(value: number): void
}

/** A number that is turned rather than typed. */
function Turned({ label, most, step, value, change }: TurnedProps) {
  return (
    <label className="slider">
      <span>{label}</span>
      <input
        type="range"
        min={0}
        max={most}
        step={step}
        value={value}
        onChange={(event) => change(Number(event.currentTarget.value))}
      />
    </label>
  )
}
