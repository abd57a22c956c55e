import { Button, Modal, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { Automation } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'

/** Begins a release to a share of the patients, with the metric of harm that ends it. */
export function RolloutDialog({ automation, close }: { automation: Automation; close: () => void }) {
  const { t, code } = useWords()
  const [given, setGiven] = useState({
    name: '',
    version: String(automation.candidate ?? automation.active),
    share: '10',
    site: '',
    metric: '',
    margin: '1.5',
    freshFor: '1440',
    grace: '240',
    unit: 'patient',
  })
  const field = (name: keyof typeof given) => ({
    value: given[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget
      setGiven((before) => ({ ...before, [name]: value }))
    },
  })
  const begin = useAct(
    () =>
      call('POST', '/api/rollouts', {
        automation: automation.id,
        version: Number(given.version),
        cohort: {
          name: given.name.trim(),
          slices: given.site.trim() === '' ? [] : [{ site: given.site.trim() }],
          share: Number(given.share) / 100,
          unit: given.unit,
        },
        controls: 'shadow',
        criteria: [
          {
            metric: given.metric.trim(),
            kind: 'harm',
            margin: Number(given.margin),
            freshFor: Number(given.freshFor),
            grace: Number(given.grace),
          },
        ],
      }),
    { anew: [['automations']], done: close, quiet: true },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    begin.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('beginRelease')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={begin.error} />
        <p className="quiet">{t('criteriaFrozen')}</p>
        <TextInput label={t('name')} required maxLength={80} data-autofocus {...field('name')} />
        <NativeSelect
          label={t('versionWord')}
          {...field('version')}
          data={[automation.active, ...(automation.candidate === null ? [] : [automation.candidate])].map((one) => ({
            value: String(one),
            label: `${one} · ${t(one === automation.active ? 'answersNow' : 'looksOn')}`,
          }))}
        />
        <TextInput label={t('sharePercent')} type="number" min={1} max={99} required {...field('share')} />
        <NativeSelect
          label={t('assignedBy')}
          {...field('unit')}
          data={(['patient', 'clinic-day'] as const).map((one) => ({ value: one, label: code('unit', one) }))}
        />
        <TextInput label={t('stopSite')} description={t('riseSiteHint')} placeholder="Location/…" {...field('site')} />
        <TextInput
          label={t('harmMetric')}
          description={t('harmMetricHint')}
          placeholder="emergency-visit"
          required
          pattern="[a-z][a-z0-9\-]*"
          {...field('metric')}
        />
        <TextInput label={t('marginTimes')} type="number" min={1.1} step={0.1} required {...field('margin')} />
        <TextInput label={t('freshMinutes')} type="number" min={1} required {...field('freshFor')} />
        <TextInput label={t('graceMinutes')} type="number" min={0} required {...field('grace')} />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" loading={begin.isPending}>
            {t('beginRelease')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
