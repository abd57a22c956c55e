import { Button, Checkbox, TextInput } from '@mantine/core'
import { useState } from 'react'
import {
  copySteps,
  type Design,
  type DesignStep,
  editStep,
  findStep,
  moveStep,
  removeStep,
  renameStep,
} from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { Icon, isIcon } from '../parts/icons.tsx'
import { useDesigner } from './design-context.ts'
import { ChoiceField, DurationField, Group, SaidField, useFault } from './fields.tsx'
import { KindFields } from './kind-fields.tsx'
import { OrderGroup } from './order-group.tsx'
import { SecondApprover } from './second-approver.tsx'
import { kindOfStep, titled, titleOfStep } from './titles.ts'
import { VariableConditionField } from './variable-condition.tsx'

const repeatable = ['task', 'message', 'form', 'appointment', 'order', 'call']

/** All that a step says, in words. */
export function StepForm({ id }: { id: string }) {
  const { t, either, code } = useWords()
  const { design, edit, choose } = useDesigner()
  const found = findStep(design, id)
  if (!found) return null
  const { step, track } = found
  const kind = kindOfStep(step)
  const path = `tracks.${track}.steps.${id}`
  const put = (change: (step: DesignStep) => DesignStep, field: string) =>
    edit((before) => editStep(before, id, change), `${id} ${field}`)
  return (
    <div className="design-form" data-testid="step-form">
      <header className="design-head">
        <p className="quiet">
          {isIcon(kind) && <Icon name={kind} />} {code('kind', kind)}
        </p>
        <h2>{either(titleOfStep(id, step))}</h2>
      </header>
      <SaidField
        label={t('designTitle')}
        value={titleOfStep(id, step)}
        path={step[kind] !== undefined && 'title' in (step[kind] as object) ? `${path}.${kind}.title` : `${path}.title`}
        change={(title) => put((before) => titled(before, title), 'title')}
      />
      <KindFields id={id} step={step} path={path} put={put} />
      <OrderGroup id={id} track={track} />
      <Group title={t('designWhen')}>
        <ChoiceField
          label={t('designStage')}
          value={step.stage}
          path={`${path}.stage`}
          none={t('designSameStage')}
          options={design.stages.map((stage) => ({ value: stage.id, label: either(stage.title) }))}
          change={(stage) => put((before) => without(before, 'stage', stage === '' ? undefined : stage), 'stage')}
        />
        <VariableConditionField
          label={t('designOnlyIf')}
          value={step.when}
          path={`${path}.when`}
          change={(when) => put((before) => without(before, 'when', when), 'when')}
        />
        {kind !== 'end' && (
          <ChoiceField
            label={t('designDiscretionary')}
            value={step.discretionary}
            path={`${path}.discretionary`}
            none={t('designAlways')}
            options={[
              { value: 'skip', label: t('designMaySkip') },
              { value: 'add', label: t('designMayAdd') },
            ]}
            change={(value) =>
              put(
                (before) => without(before, 'discretionary', value === 'skip' || value === 'add' ? value : undefined),
                'discretionary',
              )
            }
          />
        )}
      </Group>
      {repeatable.includes(kind) && <RepeatGroup step={step} path={path} put={put} />}
      <Group title={t('designMore')}>
        <NameField key={id} id={id} />
        {Object.keys(design.tracks).length > 1 && (
          <ChoiceField
            label={t('designTrack')}
            value={track}
            path={`${path}.none`}
            options={Object.entries(design.tracks).map(([name, one]) => ({
              value: name,
              label: one.title ? either(one.title) : name,
            }))}
            change={(to) => edit((before) => moveStep(before, id, to ?? track))}
          />
        )}
        <div className="design-row">
          {step.task && <SecondApprover id={id} />}
          <Button onClick={() => void navigator.clipboard?.writeText(copySteps(design, [id]))}>{t('copy')}</Button>
          <Button
            color="red.9"
            onClick={() => {
              edit((before) => removeStep(before, id))
              choose({ kind: 'pathway' })
            }}
          >
            {t('designRemoveStep')}
          </Button>
        </div>
      </Group>
    </div>
  )
}

/** A copy with one key changed, or without it. */
export function without<T extends object, K extends keyof T>(from: T, key: K, value: T[K] | undefined): T {
  const copy = { ...from }
  if (value === undefined) delete copy[key]
  else copy[key] = value
  return copy
}

type Repeat = NonNullable<DesignStep['repeat']>

function RepeatGroup({
  step,
  path,
  put,
}: {
  step: DesignStep
  path: string
  put: (change: (step: DesignStep) => DesignStep, field: string) => void
}) {
  const { t } = useWords()
  const { repeat } = step
  const set = (change: (repeat: Repeat) => Repeat | undefined) =>
    put((before) => without(before, 'repeat', change(before.repeat ?? { every: '1 weeks', times: 6 })), 'repeat')
  const at = `${path}.repeat`
  return (
    <Group title={t('designRepeat')}>
      <Checkbox
        size="xs"
        label={t('designRepeats')}
        checked={repeat !== undefined}
        onChange={(event) => {
          const { checked } = event.currentTarget
          set((before) => (checked ? before : undefined))
        }}
      />
      {repeat && (
        <div className="design-fields">
          <DurationField
            label={t('designEvery')}
            value={repeat.every}
            path={`${at}.every`}
            change={(every) => set((before) => ({ ...before, every: every ?? '' }))}
          />
          <div className="design-row">
            <TextInput
              size="xs"
              type="number"
              min={2}
              max={400}
              label={t('designTimes')}
              value={repeat.times ?? ''}
              onChange={(event) => {
                const times = Number(event.currentTarget.value)
                set((before) => without(before, 'times', times > 0 ? times : undefined))
              }}
            />
            <TextInput
              size="xs"
              type="time"
              label={t('designAtTime')}
              value={repeat.at ?? ''}
              onChange={(event) => {
                const time = event.currentTarget.value
                set((before) => without(before, 'at', time === '' ? undefined : time))
              }}
            />
          </div>
          <DurationField
            label={t('designFor')}
            value={repeat.for}
            path={`${at}.for`}
            change={(value) => set((before) => without(before, 'for', value))}
          />
          <Checkbox
            size="xs"
            label={t('designSkipWeekends')}
            checked={repeat.on === 'business days'}
            onChange={(event) => {
              const { checked } = event.currentTarget
              set((before) => without(before, 'on', checked ? 'business days' : undefined))
            }}
          />
          <VariableConditionField
            label={t('designUntil')}
            value={repeat.until}
            path={`${at}.until`}
            change={(until) => set((before) => without(before, 'until', until))}
          />
        </div>
      )}
    </Group>
  )
}

/** The step's name in the text; what refers to it follows. */
function NameField({ id }: { id: string }) {
  const { t } = useWords()
  const { design, edit, choose } = useDesigner()
  const [name, setName] = useState(id)
  const fault = useFault(`tracks.${findStep(design, id)?.track ?? ''}.steps.${id}`, false)
  const taken = (one: string, within: Design) => one !== id && findStep(within, one) !== undefined
  const keep = () => {
    if (!/^[a-z][a-z0-9-]{0,59}$/.test(name) || taken(name, design) || name === id) return setName(id)
    edit((before) => renameStep(before, id, name))
    choose({ kind: 'step', id: name })
  }
  return (
    <TextInput
      size="xs"
      label={t('designName')}
      description={t('designNameHint')}
      value={name}
      error={taken(name, design) ? t('designNameTaken') : fault}
      onChange={(event) => setName(event.currentTarget.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === 'Enter') keep()
      }}
    />
  )
}
