import { Button, Checkbox, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import type { DesignStep } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { useDesigner } from './design-context.ts'
import { AddButton, ChoiceField, DurationField, Group, RemoveButton, useFault, useRoleOptions } from './fields.tsx'
import type { KindProps } from './kind-fields.tsx'
import { MessageText } from './message-text.tsx'
import { without } from './step-form.tsx'

type Message = NonNullable<DesignStep['message']>
type Fallback = NonNullable<Message['fallback']>

/** To whom, what, by which channels, and what a person does when none of them reached anybody. */
export function MessageFields({ message, path, put }: KindProps & { message: Message }) {
  const { t, code } = useWords()
  const { templates, surroundings } = useDesigner()
  const roles = useRoleOptions()
  const [writing, setWriting] = useState<string>()
  const fault = useFault(`${path}.message.channels`)
  const at = `${path}.message`
  const set = (change: (message: Message) => Message, field: string) =>
    put((before) => (before.message ? { ...before, message: change(before.message) } : before), field)
  const channel = (name: Message['channels'][number], on: boolean) =>
    set(
      (before) => ({
        ...before,
        channels: on ? [...before.channels, name] : before.channels.filter((one) => one !== name),
      }),
      'channels',
    )
  return (
    <>
      <ChoiceField
        label={t('designTo')}
        value={message.to}
        options={[
          { value: 'patient', label: t('designToPatient') },
          { value: 'referrer', label: t('designToReferrer') },
          ...roles.map((role) => ({ value: `role:${role.value}`, label: role.label })),
        ]}
        path={`${at}.to`}
        change={(to) => set((before) => ({ ...before, to: to ?? 'patient' }), 'to')}
      />
      <div className="design-row">
        <ChoiceField
          label={t('designMessage')}
          value={message.template}
          options={templates.map((one) => ({ value: one.template, label: one.template.replaceAll('-', ' ') }))}
          path={`${at}.template`}
          change={(template) => set((before) => ({ ...before, template: template ?? '' }), 'template')}
        />
        <Button onClick={() => setWriting(message.template)}>{t('designEditText')}</Button>
        <Button onClick={() => setWriting('')}>{t('designNewText')}</Button>
      </div>
      {writing !== undefined && (
        <MessageText
          name={writing}
          close={() => setWriting(undefined)}
          named={(template) => set((before) => ({ ...before, template }), 'template')}
        />
      )}
      <fieldset className="design-condition">
        <legend>{t('designChannels')}</legend>
        <div className="design-row">
          {(['sms', 'email', 'app'] as const)
            .filter((name) => surroundings.channels.includes(name) || message.channels.includes(name))
            .map((name) => (
              <Checkbox
                key={name}
                size="xs"
                label={`${code('designChannel', name)}${message.channels.includes(name) && message.channels.length > 1 ? ` (${message.channels.indexOf(name) + 1})` : ''}`}
                checked={message.channels.includes(name)}
                onChange={(event) => channel(name, event.currentTarget.checked)}
              />
            ))}
        </div>
        {fault !== undefined && <p className="design-fault">{fault}</p>}
      </fieldset>
      <FallbackFields
        fallback={message.fallback ?? []}
        path={`${at}.fallback`}
        change={(fallback) =>
          set((before) => without(before, 'fallback', fallback.length === 0 ? undefined : fallback), 'fallback')
        }
      />
      <ChoiceField
        label={t('designBudget')}
        value={message.budget}
        none={t('designBudgetPlain')}
        options={[
          { value: 'urgent', label: t('designBudgetUrgent') },
          { value: 'reminder', label: t('designBudgetReminder') },
        ]}
        path={`${at}.budget`}
        change={(budget) =>
          set(
            (before) => without(before, 'budget', budget === 'urgent' || budget === 'reminder' ? budget : undefined),
            'budget',
          )
        }
      />
    </>
  )
}

function FallbackFields({
  fallback,
  change,
  path,
}: {
  fallback: Fallback
  change: (fallback: Fallback) => void
  path: string
}) {
  const { t } = useWords()
  const roles = useRoleOptions()
  const put = (index: number, way: string, role: string, due: string | undefined) =>
    change(
      fallback.map((one, at) =>
        at === index
          ? { ...(way === 'phone' ? { phone: role } : { letter: role }), ...(due === undefined ? {} : { due }) }
          : one,
      ),
    )
  return (
    <Group title={t('designFallback')}>
      {fallback.length === 0 && <p className="quiet">{t('designFallbackNone')}</p>}
      {fallback.map((one, index) => {
        const way = 'phone' in one ? 'phone' : 'letter'
        const role = 'phone' in one ? one.phone : one.letter
        return (
          <div key={index} className="design-fallback">
            <NativeSelect
              size="xs"
              aria-label={t('designFallbackWay', { n: index + 1 })}
              value={way}
              data={[
                { value: 'phone', label: t('designByPhone') },
                { value: 'letter', label: t('designByLetter') },
              ]}
              onChange={(event) => put(index, event.currentTarget.value, role, one.due)}
            />
            <ChoiceField
              hidden
              label={t('designFallbackWho', { n: index + 1 })}
              value={role}
              options={roles}
              path={`${path}.${index}.${way}`}
              change={(next) => put(index, way, next ?? '', one.due)}
            />
            <RemoveButton
              label={t('designRemoveFallback', { n: index + 1 })}
              act={() => change(fallback.filter((_one, at) => at !== index))}
            />
            <DurationField
              label={t('designDue')}
              value={one.due}
              path={`${path}.${index}.due`}
              change={(due) => put(index, way, role, due)}
            />
          </div>
        )
      })}
      {fallback.length < 3 && (
        <AddButton
          label={t('designAddFallback')}
          act={() => change([...fallback, { phone: roles[0]?.value ?? '', due: '2 business days' }])}
        />
      )}
    </Group>
  )
}
