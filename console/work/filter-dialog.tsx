import { Button, Checkbox, Modal, NativeSelect, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { FilterSaved, WorkFilter } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { rolesQuery } from '../api/queries.ts'
import { filterChoicesQuery, filtersQuery } from '../api/queue-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { useAct } from '../parts/use-act.ts'
import type { Saved } from './filter-bar.tsx'
import { conditionsOf } from './filter-words.ts'

const path = (id: string) => `/api/work/filters/${encodeURIComponent(id)}`
const keptOf = ({ name, filter, shared }: Pick<FilterSaved, 'name' | 'filter' | 'shared'>) => ({ name, filter, shared })

/** What a list is to show: for now, or kept under a name, for oneself or shared. Ctrl+Enter shows it. */
export function FilterDialog({
  filter,
  saved,
  show,
  close,
}: {
  filter: WorkFilter
  /** The kept filter that is on. */
  saved: Saved | undefined
  show: (filter: WorkFilter) => void
  close: () => void
}) {
  const { t, either } = useWords()
  const account = useAccount()
  const roles = useQuery(rolesQuery)
  const choices = useQuery(filterChoicesQuery)
  const [asked, setAsked] = useState(filter)
  const [name, setName] = useState(saved?.mine === true ? saved.name : '')
  const [shared, setShared] = useState(saved?.mine === true ? saved.shared : null)
  const own = saved?.mine === true ? saved : undefined
  const wanted: WorkFilter = { list: asked.list, ...conditionsOf(asked) }
  const anew = { anew: [filtersQuery.queryKey], quiet: true }
  const keep = useAct(
    (id: string | undefined) => {
      const kept = { name: name.trim(), filter: wanted, shared }
      return id === undefined
        ? call<FilterSaved>('POST', '/api/work/filters', kept)
        : call<FilterSaved>('PUT', path(id), kept)
    },
    {
      ...anew,
      done: (kept) => {
        notifications.show({
          color: 'pine',
          closeButtonProps: { 'aria-label': t('close') },
          message: t('filterKept', { name: kept.name }),
        })
        show(kept.filter)
      },
    },
  )
  const back = useAct((gone: FilterSaved) => call<FilterSaved>('PUT', path(gone.id), keptOf(gone)), {
    anew: [filtersQuery.queryKey],
  })
  const remove = useAct((id: string) => call<FilterSaved>('DELETE', path(id)), {
    ...anew,
    done: (gone) => {
      const toast = `filter-${gone.id}`
      notifications.show({
        id: toast,
        color: 'pine',
        autoClose: 8_000,
        closeButtonProps: { 'aria-label': t('close') },
        message: (
          <span className="toast">
            {t('filterRemoved', { name: gone.name })}
            <Button
              onClick={() => {
                notifications.hide(toast)
                back.mutate(gone)
              }}
            >
              {t('undo')}
            </Button>
          </span>
        ),
      })
      show({ list: filter.list })
    },
  })
  const set = (change: Partial<WorkFilter>) => setAsked((now) => ({ ...now, ...change }))
  const choice = (
    label: string,
    value: string | undefined,
    data: { value: string; label: string }[],
    change: (value: string | undefined) => void,
  ) => (
    <NativeSelect
      label={label}
      value={value ?? ''}
      onChange={(event) => change(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
      data={[{ value: '', label: t('anything') }, ...data]}
    />
  )
  const titled = (list: readonly { id: string; title: { en: string; fr: string } }[] | undefined) =>
    (list ?? []).map((one) => ({ value: one.id, label: either(one.title) }))
  const urgencies = (['urgent', 'asap', 'stat'] as const).map((value) => ({ value, label: t(`urgency_${value}`) }))
  const dues = (['late', 'day', 'week'] as const).map((value) => ({ value, label: t(`dueIs_${value}`) }))
  const levels = (['at-risk', 'breached'] as const).map((value) => ({ value, label: t(`levelIs_${value}`) }))
  const sharable = (roles.data?.items ?? []).filter((one) => account.roles.includes(one.id))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    show(wanted)
  }
  const busy = keep.isPending || remove.isPending
  return (
    <Modal opened onClose={close} title={t('filterWork')} size="lg" closeButtonProps={{ 'aria-label': t('close') }}>
      <form
        className="form"
        onSubmit={submit}
        onKeyDown={(event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && submit(event)}
      >
        <FormFailure error={keep.error ?? remove.error} />
        <div className="pairs">
          <NativeSelect
            label={t('list')}
            data-autofocus
            value={asked.list}
            onChange={(event) =>
              set({
                list:
                  (['mine', 'queue', 'all', 'unowned'] as const).find((one) => one === event.currentTarget.value) ??
                  'queue',
              })
            }
            data={(['mine', 'queue', 'all', 'unowned'] as const).map((one) => ({ value: one, label: t(one) }))}
          />
          {choice(t('role'), asked.role, titled(roles.data?.items), (role) => set({ role }))}
          {choice(t('urgency'), asked.urgency, urgencies, (urgency) =>
            set({ urgency: urgencies.find(({ value }) => value === urgency)?.value }),
          )}
          {choice(t('due'), asked.due, dues, (due) => set({ due: dues.find(({ value }) => value === due)?.value }))}
          {choice(t('taskKind'), asked.kind, titled(choices.data?.kinds), (kind) => set({ kind }))}
          {choice(t('patientPlace'), asked.place, titled(choices.data?.places), (place) => set({ place }))}
          {choice(t('level'), asked.level, levels, (level) =>
            set({ level: levels.find(({ value }) => value === level)?.value }),
          )}
          <Checkbox
            className="pairs-check"
            label={t('onlyEscalated')}
            checked={asked.escalated !== undefined}
            onChange={(event) => set({ escalated: event.currentTarget.checked ? 'true' : undefined })}
          />
        </div>
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled">
            {t('showFilter')}
          </Button>
        </div>
        <fieldset className="keep">
          <legend>{t('keepFilter')}</legend>
          <div className="pairs">
            <TextInput
              label={t('filterName')}
              maxLength={60}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <NativeSelect
              label={t('sharedWith')}
              value={shared ?? 'nobody'}
              onChange={(event) => setShared(event.currentTarget.value === 'nobody' ? null : event.currentTarget.value)}
              data={[
                { value: 'nobody', label: t('onlyMe') },
                ...sharable.map((one) => ({ value: one.id, label: either(one.title) })),
                ...(account.may('work.manage') ? [{ value: '', label: t('everybodyHere') }] : []),
              ]}
            />
          </div>
          <div className="form-end">
            {own && (
              <Button color="red.9" variant="subtle" disabled={busy} onClick={() => remove.mutate(own.id)}>
                {t('removeFilter')}
              </Button>
            )}
            {own && (
              <Button disabled={name.trim() === '' || busy} onClick={() => keep.mutate(undefined)}>
                {t('saveAsNew')}
              </Button>
            )}
            <Button disabled={name.trim() === '' || busy} loading={keep.isPending} onClick={() => keep.mutate(own?.id)}>
              {t(own ? 'saveFilter' : 'keepIt')}
            </Button>
          </div>
        </fieldset>
      </form>
    </Modal>
  )
}
