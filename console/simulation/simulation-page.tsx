import { Button, NumberInput, Switch } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { Simulation, SimulationFit } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { pathwaysQuery } from '../api/queries.ts'
import { simulationFitQuery, type Tried } from '../api/replay-queries.ts'
import { useWords } from '../i18n.ts'
import { useClock } from '../parts/clock.ts'
import { Failure, FormFailure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { Empty, Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'
import { OutsideEvents } from './outside-events.tsx'
import { type Common, type Plan, planOf, settingsOf } from './plan.ts'
import { PlanFields } from './plan-fields.tsx'
import { Results } from './results.tsx'
import { StepModels } from './step-models.tsx'

const route = getRouteApi('/simulation')
const day = 86_400_000

/** What would happen to people's work if more came, or fewer were there: a simulation fitted from the last quarter. */
export function SimulationPage() {
  const { t, either } = useWords()
  const { now } = useClock()
  const { pathway = '', version, draft } = route.useSearch()
  const pathways = useQuery(pathwaysQuery)
  const known = pathways.data?.items.find((one) => one.id === pathway)
  const active = version ?? known?.activeVersion
  // The same question for as long as the day lasts.
  const today = Math.floor(now / day) * day
  const tried: Tried | undefined =
    draft === undefined ? (active === undefined ? undefined : { pathway, version: active }) : { draft }
  const fit = useQuery({
    ...simulationFitQuery(
      tried ?? { pathway, version: 0 },
      new Date(today - 92 * day).toISOString(),
      new Date(today).toISOString(),
    ),
    enabled: tried !== undefined,
    placeholderData: keepPreviousData,
  })
  if (pathways.data && !known && draft === undefined)
    return (
      <Empty title={t('error_pathway-not-found')}>
        <Link to="/pathways">{t('pathways')}</Link>
      </Empty>
    )
  return (
    <div className="page">
      <Link to="/pathways" className="back">
        <Icon name="back" /> {t('pathways')}
      </Link>
      <h1>{t('simulationOf', { name: fit.data ? either(fit.data.title) : pathway })}</h1>
      <p className="lead">{t('simulationLead')}</p>
      {fit.error && !fit.data && <Failure error={fit.error} retry={fit.refetch} />}
      {!fit.data && !fit.error && <Waiting lines={10} />}
      {fit.data && (
        <Planned
          fit={fit.data}
          version={draft === undefined ? active : undefined}
          draft={draft}
          versions={known?.versions.map((one) => one.version) ?? []}
        />
      )}
    </div>
  )
}

interface PlannedProps {
  fit: SimulationFit
  version: number | undefined
  draft: string | undefined
  versions: readonly number[]
}

function Planned({ fit, version, draft, versions }: PlannedProps) {
  const { t, number } = useWords()
  const [first, setFirst] = useState<Plan>(() => planOf(fit, version))
  const [second, setSecond] = useState<Plan>()
  const [common, setCommon] = useState<Common>({ days: 90, replications: 20, seed: 1, means: {}, events: {} })
  // What was simulated stays beside its result while the fields are turned further.
  const [shown, setShown] = useState<{ simulation: Simulation; names: string[]; days: number; from: number }>()
  const plans = second ? [first, second] : [first]
  const run = useAct(
    async () => {
      const variants = plans.map((plan) => ({
        tried: plan.version === undefined ? { draft } : { pathway: fit.pathway, version: plan.version },
        settings: settingsOf(fit.settings, plan, common),
      }))
      const simulation = await call<Simulation>('POST', '/api/simulations', { variants })
      const names = plans.length === 1 ? [t('variantOne')] : [t('variantOne'), t('variantTwo')]
      return { simulation, names, days: common.days, from: fit.settings.from }
    },
    { anew: [], quiet: true, done: setShown },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    run.mutate()
  }
  return (
    <>
      <form className="planning" onSubmit={submit}>
        <div className="plans">
          <PlanFields title={t('variantOne')} fit={fit} plan={first} versions={versions} change={setFirst} />
          {second && (
            <PlanFields title={t('variantTwo')} fit={fit} plan={second} versions={versions} change={setSecond} />
          )}
        </div>
        <div className="filters">
          <Switch
            label={t('compareVariants')}
            checked={second !== undefined}
            onChange={(event) => setSecond(event.currentTarget.checked ? first : undefined)}
          />
          <NumberInput
            label={t('simulatedDays')}
            min={7}
            max={730}
            value={common.days}
            onChange={(value) => setCommon({ ...common, days: Number(value) })}
          />
          <NumberInput
            label={t('replications')}
            min={1}
            max={200}
            value={common.replications}
            onChange={(value) => setCommon({ ...common, replications: Number(value) })}
          />
          <NumberInput
            label={t('seed')}
            min={0}
            max={4_294_967_295}
            value={common.seed}
            onChange={(value) => setCommon({ ...common, seed: Number(value) })}
          />
          <Button type="submit" variant="filled" loading={run.isPending}>
            {t('simulate')}
          </Button>
        </div>
        <FormFailure error={run.error} />
      </form>
      {run.isPending && (
        <p role="status" className="quiet">
          {t('simulating')}
        </p>
      )}
      {shown && <Results {...shown} roles={fit.roles} />}
      <StepModels
        fit={fit}
        means={common.means}
        change={(step, mean) => setCommon({ ...common, means: { ...common.means, [step]: mean } })}
      />
      <OutsideEvents
        fit={fit}
        given={common.events}
        change={(rule, given) => setCommon({ ...common, events: { ...common.events, [rule]: given } })}
      />
      <p className="quiet">{t('fittedFrom', { n: number(fit.journeys) })}</p>
    </>
  )
}
