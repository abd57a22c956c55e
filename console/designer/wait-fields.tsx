import { NativeSelect, TextInput } from '@mantine/core'
import { type DesignStep, renameOutcome } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { useDesigner } from './design-context.ts'
import { AddButton, ChoiceField, DurationField, Group, RemoveButton } from './fields.tsx'
import type { KindProps } from './kind-fields.tsx'
import { RecordConditionField } from './record-condition.tsx'
import { ResourceField } from './resource-field.tsx'
import { SetsFields } from './sets-fields.tsx'
import { without } from './step-form.tsx'
import { VariableConditionField } from './variable-condition.tsx'

type Wait = NonNullable<DesignStep['wait']>
type WaitKind = 'for' | 'until' | 'events' | 'condition'

const kindOfWait = (wait: Wait): WaitKind =>
  'for' in wait ? 'for' : 'until' in wait ? 'until' : 'events' in wait ? 'events' : 'condition'

/** What a step waits for: a time, a date that the journey knows, news of the record, or a condition. */
export function WaitFields({ id, wait, path, put }: KindProps & { wait: Wait }) {
  const { t } = useWords()
  const { design } = useDesigner()
  const at = `${path}.wait`
  const set = (next: Wait, field: string) => put((before) => ({ ...before, wait: next }), field)
  const dates = Object.entries(design.variables ?? {}).flatMap(([name, type]) =>
    type === 'date' || type === 'dateTime' ? [name] : [],
  )
  const fresh: Record<WaitKind, () => Wait> = {
    for: () => ({ for: '1 days' }),
    until: () => ({ until: dates[0] ?? 'visitStart', less: '1 days' }),
    events: () => ({
      events: { arrived: { on: 'Observation', when: 'basedOn.where(reference = %trigger).exists()' } },
      'at-most': '2 weeks',
    }),
    condition: () => ({ condition: "priority == 'urgent'", 'at-most': '2 weeks' }),
  }
  const clock = (value: string | undefined, change: (value: string | undefined) => void) => (
    <TextInput
      size="xs"
      type="time"
      label={t('designAtTime')}
      value={value ?? ''}
      onChange={(event) => change(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
    />
  )
  const atMost = 'events' in wait || 'condition' in wait ? wait['at-most'] : undefined
  return (
    <>
      <NativeSelect
        size="xs"
        label={t('designWaitsFor')}
        value={kindOfWait(wait)}
        data={(['for', 'until', 'events', 'condition'] as const).map((one) => ({
          value: one,
          label: t(`designWait_${one}`),
        }))}
        onChange={(event) => set(fresh[event.currentTarget.value as WaitKind](), 'kind')}
      />
      {'for' in wait && (
        <>
          <DurationField
            label={t('designHowLong')}
            value={wait.for}
            path={`${at}.for`}
            change={(value) => set({ ...wait, for: value ?? '' }, 'for')}
          />
          {clock(wait.at, (value) => set(without(wait, 'at', value), 'at'))}
        </>
      )}
      {'until' in wait && (
        <>
          <ChoiceField
            label={t('designDate')}
            value={wait.until}
            options={dates.map((one) => ({ value: one, label: one }))}
            path={`${at}.until`}
            change={(until) => set({ ...wait, until: until ?? '' }, 'until')}
          />
          <DurationField
            label={t('designLess')}
            value={wait.less}
            path={`${at}.less`}
            change={(value) => set(without(wait, 'less', value), 'less')}
          />
          <DurationField
            label={t('designMoreTime')}
            value={wait.more}
            path={`${at}.more`}
            change={(value) => set(without(wait, 'more', value), 'more')}
          />
          {clock(wait.at, (value) => set(without(wait, 'at', value), 'at'))}
        </>
      )}
      {'events' in wait && <EventFields id={id} wait={wait} path={at} set={set} />}
      {'condition' in wait && (
        <VariableConditionField
          label={t('designComesToHold')}
          value={wait.condition}
          path={`${at}.condition`}
          change={(condition) => set({ ...wait, condition: condition ?? 'true' }, 'condition')}
        />
      )}
      {('events' in wait || 'condition' in wait) && (
        <DurationField
          label={t('designAtMost')}
          value={atMost}
          path={`${at}.at-most`}
          change={(value) => set(without(wait, 'at-most', value), 'at-most')}
        />
      )}
    </>
  )
}

type EventsWait = Extract<Wait, { events: unknown }>

function EventFields({
  id,
  wait,
  path,
  set,
}: {
  id: string
  wait: EventsWait
  path: string
  set: (next: Wait, field: string) => void
}) {
  const { t } = useWords()
  const { edit } = useDesigner()
  const entries = Object.entries(wait.events)
  const put = (name: string, event: EventsWait['events'][string], field: string) =>
    set({ ...wait, events: { ...wait.events, [name]: event } }, `${name} ${field}`)
  return (
    <>
      {entries.map(([name, event], index) => (
        <Group
          key={index}
          title={t('designEvent', { n: index + 1 })}
          aside={
            entries.length > 1 && (
              <RemoveButton
                label={t('designRemoveEvent', { name })}
                act={() =>
                  set({ ...wait, events: Object.fromEntries(entries.filter(([one]) => one !== name)) }, 'events')
                }
              />
            )
          }
        >
          <TextInput
            size="xs"
            label={t('designEventName')}
            value={name}
            onChange={(change) => {
              const to = change.currentTarget.value
              if (!(to in wait.events)) edit((before) => renameOutcome(before, id, name, to), `${id} event ${index}`)
            }}
          />
          <ResourceField
            value={event.on}
            change={(on) => put(name, { ...event, on }, 'on')}
            path={`${path}.events.${name}.on`}
          />
          <RecordConditionField
            label={t('designOnlyThose')}
            on={event.on}
            value={event.when}
            path={`${path}.events.${name}.when`}
            change={(when) => put(name, without(event, 'when', when), 'when')}
          />
          <SetsFields
            label={t('designKeeps')}
            sets={event.set}
            path={`${path}.events.${name}.set`}
            change={(sets) => put(name, without(event, 'set', sets), 'set')}
          />
        </Group>
      ))}
      <AddButton
        label={t('designAddEvent')}
        act={() => put(`event-${entries.length + 1}`, { on: 'Observation' }, 'new')}
      />
    </>
  )
}
