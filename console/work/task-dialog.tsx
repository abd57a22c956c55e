import { Button, Checkbox, Modal, NativeSelect, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { WorkDetail } from '../../src/contracts/index.ts'
import { peopleQuery, rolesQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure, FormFailure } from '../parts/failure.tsx'
import { useClock } from '../parts/clock.ts'
import { type Cause, CauseFields } from '../overrides/cause-fields.tsx'
import { useAccount } from '../parts/session-context.ts'
import type { Asking } from './task-rules.ts'
import type { TaskActs } from './use-task-acts.tsx'
import { OutcomeField, SnoozeField } from './act-fields.tsx'

interface TaskDialogProps {
  act: Asking
  task: WorkDetail
  doing: TaskActs
  close: () => void
  done: () => void
}

/** Asks what an act needs: an outcome, a reason, a new holder, a text. Ctrl+Enter sends. */
export function TaskDialog({ act, task, doing, close, done }: TaskDialogProps) {
  const { t, either } = useWords()
  const [outcome, setOutcome] = useState('')
  const [holder, setHolder] = useState('')
  const [text, setText] = useState('')
  // What was done outside the system is told with its reason; of the others the words tell enough.
  const [cause, setCause] = useState<Cause>({ code: act === 'off-system' ? '' : 'other', lost: undefined })
  const [hours, setHours] = useState('24')
  const [waiting, setWaiting] = useState(false)
  const [pending, setPending] = useState('')
  const [watch, setWatch] = useState('')
  const roles = useQuery({ ...rolesQuery, enabled: act === 'ask-sign-off' })
  const [signer, setSigner] = useState(task.role ?? 'physician')
  const { now } = useClock()
  const people = useQuery({ ...peopleQuery, enabled: act === 'reassign' || act === 'hand-off' })
  const written = text.trim()
  const chosen = () => {
    const owner = people.data?.items.find((one) => `person ${one.reference}` === holder)
    return owner ? { owner: { reference: owner.reference, name: owner.name } } : { role: holder.replace('role ', '') }
  }
  const toSomebody = act === 'reassign' || act === 'hand-off'
  const bodies = {
    complete: () => ({ ...(outcome === '' ? {} : { outcome }), ...(written === '' ? {} : { note: written }) }),
    decline: () => ({ reason: written, ...cause }),
    'give-up': () => ({ reason: written, ...cause }),
    'off-system': () => ({ text: written, ...cause }),
    comment: () => ({ text: written }),
    snooze: () => ({
      until: new Date(now + Number(hours) * 3_600_000).toISOString(),
      reason: written,
      ...(waiting ? { waiting: 'patient' } : {}),
    }),
    reassign: () => ({ reason: written, ...cause, ...chosen() }),
    'hand-off': () => ({
      situation: written,
      ...(pending.trim() === '' ? {} : { pending: pending.trim() }),
      ...(watch.trim() === '' ? {} : { watch: watch.trim() }),
      ...chosen(),
    }),
    'ask-sign-off': () => ({ note: written, role: signer }),
  }
  const ready =
    act === 'complete'
      ? task.outcomes.length === 0 || outcome !== ''
      : written !== '' && cause.code !== '' && (!toSomebody || holder !== '')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready && !doing.isPending) doing.mutate({ item: task, act, body: bodies[act]() }, { onSuccess: done })
  }
  return (
    <Modal
      opened
      onClose={close}
      title={`${t(act)} · ${either(task.title)}`}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form
        className="form"
        onSubmit={submit}
        onKeyDown={(event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && submit(event)}
      >
        <FormFailure error={doing.error} />
        {act === 'complete' && task.outcomes.length > 0 && (
          <OutcomeField outcomes={task.outcomes} outcome={outcome} choose={setOutcome} />
        )}
        {act === 'snooze' && <SnoozeField hours={hours} choose={setHours} />}
        {act === 'snooze' && task.level !== null && (
          <Checkbox
            mt={8}
            label={t('waitingForPatient')}
            checked={waiting}
            onChange={(event) => setWaiting(event.currentTarget.checked)}
          />
        )}
        {act === 'ask-sign-off' && (
          <NativeSelect
            label={t('signBy')}
            data-autofocus
            value={signer}
            onChange={(event) => setSigner(event.currentTarget.value)}
            data={(roles.data?.items ?? [])
              .filter((one) => one.id !== 'administrator')
              .map((one) => ({ value: one.id, label: either(one.title) }))}
          />
        )}
        {toSomebody && <HolderField task={task} value={holder} change={setHolder} />}
        {act === 'off-system' && <p className="quiet">{t('offSystemHint')}</p>}
        {(act === 'decline' || act === 'give-up' || act === 'reassign' || act === 'off-system') && (
          <CauseFields cause={cause} change={setCause} />
        )}
        <Textarea
          label={t(
            act === 'complete'
              ? 'noteOptional'
              : act === 'comment'
                ? 'comment'
                : act === 'hand-off'
                  ? 'situation'
                  : act === 'off-system'
                    ? 'offSystemText'
                    : 'reason',
          )}
          required={act !== 'complete'}
          autosize
          minRows={3}
          maxRows={10}
          maxLength={2_000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          {...(act === 'complete' && task.outcomes.length > 0
            ? {}
            : { 'data-autofocus': !toSomebody && act !== 'snooze' && act !== 'ask-sign-off' })}
        />
        {act === 'hand-off' && (
          <>
            <Textarea
              label={t('pendingWord')}
              autosize
              maxRows={6}
              maxLength={2_000}
              value={pending}
              onChange={(event) => setPending(event.currentTarget.value)}
            />
            <Textarea
              label={t('watchWord')}
              autosize
              maxRows={6}
              maxLength={2_000}
              value={watch}
              onChange={(event) => setWatch(event.currentTarget.value)}
            />
          </>
        )}
        {act === 'decline' && <p className="quiet">{t('declineHint')}</p>}
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" disabled={!ready} loading={doing.isPending}>
            {t(act)}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

/** A role's queue or a person, in one list. */
function HolderField({ task, value, change }: { task: WorkDetail; value: string; change: (value: string) => void }) {
  const { t, either } = useWords()
  const account = useAccount()
  const people = useQuery(peopleQuery)
  const roles = useQuery(rolesQuery)
  if (people.error || roles.error) return <Failure error={people.error ?? roles.error} />
  const holding = new Set((people.data?.items ?? []).flatMap((one) => one.roles))
  const titleOf = (id: string) => {
    const role = roles.data?.items.find((one) => one.id === id)
    return role ? either(role.title) : id
  }
  return (
    <NativeSelect
      label={t('reassignTo')}
      required
      data-autofocus
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
      data={[
        { value: '', label: t('choose') },
        {
          group: t('person'),
          items: (people.data?.items ?? [])
            .filter((one) => one.reference !== task.owner?.reference)
            .map((one) => ({
              value: `person ${one.reference}`,
              label: `${one.name}${one.reference === account.practitioner ? ` (${t('you')})` : ''}, ${one.roles.map(titleOf).join(', ')}`,
            })),
        },
        {
          group: t('role'),
          items: (roles.data?.items ?? [])
            .filter((one) => one.id !== task.role && one.id !== 'administrator' && holding.has(one.id))
            .map((one) => ({ value: `role ${one.id}`, label: either(one.title) })),
        },
      ]}
    />
  )
}
