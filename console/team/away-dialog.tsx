import { Button, Modal, NativeSelect, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Handovers, Team } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { teamQuery } from '../api/team-queries.ts'
import { useWords } from '../i18n.ts'
import { useClock } from '../parts/clock.ts'
import { FormFailure } from '../parts/failure.tsx'
import { DueMark } from '../parts/marks.tsx'

const day = 86_400_000

/** Somebody is away: shows what becomes of their work first, and does it then. */
export function AwayDialog({ member, close }: { member: Team['items'][number]; close: () => void }) {
  const { t, either } = useWords()
  const { now } = useClock()
  const queries = useQueryClient()
  const [days, setDays] = useState('1')
  const [reason, setReason] = useState(t('awayIll'))
  const id = member.reference.replace('Practitioner/', '')
  const act = useMutation({
    mutationFn: (apply: boolean) =>
      call<Handovers>('POST', `/api/team/${encodeURIComponent(id)}/away`, {
        until: new Date(now + Number(days) * day).toISOString(),
        reason: reason.trim(),
        apply,
      }),
    async onSuccess(answer) {
      if (!answer.done) return
      await Promise.all([
        queries.invalidateQueries({ queryKey: teamQuery.queryKey }),
        queries.invalidateQueries({ queryKey: ['work'] }),
      ])
    },
  })
  const plan = act.data
  const submit = (event: FormEvent) => {
    event.preventDefault()
    act.mutate(plan !== undefined && !plan.done)
  }
  const taken = plan?.items.filter(({ to }) => to !== null).length ?? 0
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={t('awayTitle', { name: member.name })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form className="form" onSubmit={submit}>
        <FormFailure error={act.error} />
        {plan === undefined && (
          <>
            <NativeSelect
              label={t('awayFor')}
              data-autofocus
              value={days}
              onChange={(event) => setDays(event.currentTarget.value)}
              data={[1, 2, 3, 7, 14].map((count) => ({ value: String(count), label: t('dayCount', { count }) }))}
            />
            <TextInput
              label={t('reason')}
              required
              maxLength={200}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
          </>
        )}
        {plan && (
          <>
            <p aria-live="polite">
              {plan.items.length === 0
                ? t('awayNothing')
                : t(plan.done ? 'awayDone' : 'awayPlan', { taken, left: plan.items.length - taken })}
            </p>
            <ul className="comments" data-testid="handovers">
              {plan.items.map(({ task, to, unblock }) => (
                <li key={task.id}>
                  <strong>{either(task.title)}</strong> · {task.patient?.name ?? t('noPatient')} <DueMark item={task} />
                  <p>
                    {to ? (
                      t('goesTo', { name: to.name })
                    ) : (
                      <>
                        <span className="tag bad">{t('goesToQueue')}</span> {unblock?.sentence}
                      </>
                    )}
                  </p>
                </li>
              ))}
            </ul>
          </>
        )}
        <div className="form-end">
          <Button onClick={close}>{t(plan?.done ? 'close' : 'cancel')}</Button>
          {!plan?.done && (
            <Button
              type="submit"
              variant="filled"
              loading={act.isPending}
              disabled={reason.trim() === ''}
              data-autofocus
            >
              {t(plan === undefined ? 'awayShow' : 'awayDo')}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  )
}
