import { Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { allSteps, type DesignStep } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { DecideFields } from './decide-fields.tsx'
import { useDesigner } from './design-context.ts'
import { ChoiceField, DurationField, SaidField, useRoleOptions } from './fields.tsx'
import { ConceptField } from './code-picker.tsx'
import { MessageFields } from './message-fields.tsx'
import { FormFields } from './form-fields.tsx'
import { DueFields, EscalationFields, OutcomeFields } from './person-fields.tsx'
import { SetsFields } from './sets-fields.tsx'
import { without } from './step-form.tsx'
import { useStepWords } from './use-step-words.ts'
import { WaitFields } from './wait-fields.tsx'
import { useState } from 'react'

export interface KindProps {
  id: string
  step: DesignStep
  path: string
  put: (change: (step: DesignStep) => DesignStep, field: string) => void
}

/** What a step of its kind says. */
export function KindFields(props: KindProps) {
  const { step } = props
  if (step.task) return <TaskFields {...props} task={step.task} />
  if (step.message) return <MessageFields {...props} message={step.message} />
  if (step.form) return <FormFields {...props} form={step.form} />
  if (step.appointment) return <AppointmentFields {...props} appointment={step.appointment} />
  if (step.order) return <OrderFields {...props} order={step.order} />
  if (step.wait) return <WaitFields {...props} wait={step.wait} />
  if (step.decide) return <DecideFields {...props} decide={step.decide} />
  if (step.call) return <CallFields {...props} call={step.call} />
  if (step.start) return <StartFields {...props} start={step.start} />
  if (step.request) return <RequestFields {...props} request={step.request} />
  if (step.end) return <EndFields {...props} end={step.end} />
  return null
}

type Of<K extends keyof DesignStep> = KindProps & { [key in K]: NonNullable<DesignStep[K]> }

function TaskFields({ id, task, path, put }: Of<'task'>) {
  const { t } = useWords()
  const { design } = useDesigner()
  const words = useStepWords()
  const roles = useRoleOptions()
  const set = (change: (task: Of<'task'>['task']) => Of<'task'>['task'], field: string) =>
    put((before) => (before.task ? { ...before, task: change(before.task) } : before), field)
  const at = `${path}.task`
  return (
    <>
      <ChoiceField
        label={t('designWho')}
        value={task.role}
        options={roles}
        path={`${at}.role`}
        change={(role) => set((before) => ({ ...before, role: role ?? '' }), 'role')}
      />
      <ChoiceField
        label={t('designOtherThan')}
        value={task['other-than']}
        none={t('designOtherThanNone')}
        options={allSteps(design)
          .filter((one) => one.id !== id && (one.step.task ?? one.step.form?.role) !== undefined)
          .map((one) => ({ value: one.id, label: words.title(one.id) }))}
        path={`${at}.other-than`}
        change={(other) => set((before) => without(before, 'other-than', other || undefined), 'other-than')}
      />
      <DueFields
        due={task.due}
        path={`${at}.due`}
        change={(due) => set((before) => without(before, 'due', due), 'due')}
      />
      <OutcomeFields id={id} outcomes={task.outcomes} path={`${at}.outcomes`} />
      <EscalationFields
        escalate={task.escalate}
        path={`${at}.escalate`}
        change={(escalate) => set((before) => without(before, 'escalate', escalate), 'escalate')}
      />
      <SaidField
        label={t('designDescription')}
        lines={2}
        value={task.description}
        path={`${at}.description`}
        change={(description) =>
          set(
            (before) =>
              without(before, 'description', description.en === '' && description.fr === '' ? undefined : description),
            'description',
          )
        }
      />
    </>
  )
}

function AppointmentFields({ appointment, path, put }: Of<'appointment'>) {
  const { t } = useWords()
  const at = `${path}.appointment`
  const set = (change: (one: Of<'appointment'>['appointment']) => Of<'appointment'>['appointment'], field: string) =>
    put((before) => (before.appointment ? { ...before, appointment: change(before.appointment) } : before), field)
  return (
    <>
      <DurationField
        label={t('designAtMost')}
        value={appointment['at-most']}
        path={`${at}.at-most`}
        change={(value) => set((before) => without(before, 'at-most', value), 'at-most')}
      />
      <SetsFields
        label={t('designKeeps')}
        sets={appointment.set}
        path={`${at}.set`}
        change={(sets) => set((before) => without(before, 'set', sets), 'set')}
      />
    </>
  )
}

function OrderFields({ order, path, put }: Of<'order'>) {
  const { t } = useWords()
  const [text, setText] = useState('')
  const at = `${path}.order`
  const set = (change: (one: Of<'order'>['order']) => Of<'order'>['order'], field: string) =>
    put((before) => (before.order ? { ...before, order: change(before.order) } : before), field)
  return (
    <>
      <p>
        {t('designOrdered')}: <strong>{order.code.display ?? order.code.code}</strong>{' '}
        <code className="quiet">{order.code.code}</code>
      </p>
      <ConceptField
        label={t('designOtherOrder')}
        text={text}
        setText={setText}
        system={undefined}
        pick={({ code, display, system }) => set((before) => ({ ...before, code: { system, code, display } }), 'code')}
        enter={(code) => {
          set((before) => ({ ...before, code: { system: before.code.system, code: code.trim() } }), 'code')
          setText('')
        }}
      />
      <ChoiceField
        label={t('designResult')}
        value={order.result ?? 'none'}
        path={`${at}.result`}
        options={[
          { value: 'Observation', label: t('designResultObservation') },
          { value: 'DiagnosticReport', label: t('designResultReport') },
          { value: 'none', label: t('designResultNone') },
        ]}
        change={(result) =>
          set(
            (before) => ({
              ...before,
              result: result === 'Observation' || result === 'DiagnosticReport' ? result : 'none',
            }),
            'result',
          )
        }
      />
      <DurationField
        label={t('designAtMost')}
        value={order['at-most']}
        path={`${at}.at-most`}
        change={(value) => set((before) => without(before, 'at-most', value), 'at-most')}
      />
      <SetsFields
        label={t('designKeeps')}
        sets={order.set}
        path={`${at}.set`}
        change={(sets) => set((before) => without(before, 'set', sets), 'set')}
      />
    </>
  )
}

function CallFields({ call, path, put }: Of<'call'>) {
  const { t } = useWords()
  const { surroundings } = useDesigner()
  const at = `${path}.call`
  return (
    <>
      <ChoiceField
        label={t('designConnector')}
        value={`${call.connector}.${call.operation}`}
        options={surroundings.connectors.map((one) => ({ value: one, label: one }))}
        path={`${at}.operation`}
        change={(value) => {
          const [connector = '', operation = ''] = (value ?? '').split('.')
          put(
            (before) => (before.call ? { ...before, call: { ...before.call, connector, operation } } : before),
            'call',
          )
        }}
      />
      <DurationField
        label={t('designAtMost')}
        value={call['at-most']}
        path={`${at}.at-most`}
        change={(value) =>
          put(
            (before) => (before.call ? { ...before, call: without(before.call, 'at-most', value) } : before),
            'at-most',
          )
        }
      />
    </>
  )
}

function StartFields({ start, path, put }: Of<'start'>) {
  const { t, either } = useWords()
  const { surroundings, design } = useDesigner()
  const at = `${path}.start`
  const others = surroundings.pathways.filter((one) => one.pathway !== design.pathway)
  const chosen = others.find((one) => one.pathway === start.pathway && one.version === start.version)
  const set = (change: (one: Of<'start'>['start']) => Of<'start'>['start'], field: string) =>
    put((before) => (before.start ? { ...before, start: change(before.start) } : before), field)
  return (
    <>
      <ChoiceField
        label={t('designPathwayToStart')}
        value={`${start.pathway} ${start.version}`}
        options={others.map((one) => ({
          value: `${one.pathway} ${one.version}`,
          label: `${either(one.title)} · ${t('version', { n: one.version })}`,
        }))}
        path={at}
        change={(value) => {
          const [pathway = '', version = '1'] = (value ?? '').split(' ')
          set(({ with: _with, ...before }) => ({ ...before, pathway, version: Number(version) }), 'pathway')
        }}
      />
      <Checkbox
        size="xs"
        label={t('designWaitForIt')}
        checked={start.wait ?? true}
        onChange={(event) => {
          const wait = event.currentTarget.checked
          set((before) => without(before, 'wait', wait ? undefined : false), 'wait')
        }}
      />
      <DurationField
        label={t('designAtMost')}
        value={start['at-most']}
        path={`${at}.at-most`}
        change={(value) => set((before) => without(before, 'at-most', value), 'at-most')}
      />
      {Object.keys(chosen?.variables ?? {}).map((name) => (
        <NativeSelect
          key={name}
          size="xs"
          label={t('designHandOver', { name })}
          value={start.with?.[name] ?? ''}
          data={[
            { value: '', label: t('designNothing') },
            ...Object.keys(design.variables ?? {}).map((one) => ({ value: one, label: one })),
          ]}
          onChange={(event) => {
            const from = event.currentTarget.value
            set((before) => {
              const { [name]: _old, ...rest } = before.with ?? {}
              const next = from === '' ? rest : { ...rest, [name]: from }
              return without(before, 'with', Object.keys(next).length === 0 ? undefined : next)
            }, 'with')
          }}
        />
      ))}
    </>
  )
}

function RequestFields({ request, path, put }: Of<'request'>) {
  const { t, code } = useWords()
  return (
    <ChoiceField
      label={t('designRequested')}
      value={request.resource}
      options={(['Appointment', 'ServiceRequest'] as const).map((one) => ({
        value: one,
        label: code('designResource', one),
      }))}
      path={`${path}.request.resource`}
      change={(resource) =>
        put(
          (before) =>
            before.request
              ? {
                  ...before,
                  request: {
                    ...before.request,
                    resource: resource === 'Appointment' ? 'Appointment' : 'ServiceRequest',
                  },
                }
              : before,
          'resource',
        )
      }
    />
  )
}

function EndFields({ end, put }: Of<'end'>) {
  const { t } = useWords()
  return (
    <TextInput
      size="xs"
      label={t('designEndOutcome')}
      value={end.outcome}
      onChange={(event) => {
        const outcome = event.currentTarget.value
        put((before) => (before.end ? { ...before, end: { ...before.end, outcome } } : before), 'outcome')
      }}
    />
  )
}
