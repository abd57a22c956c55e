import { Button, Modal, NativeSelect, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Handovers, TakenBack, Team } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { useClock } from '../parts/clock.ts'
import { FormFailure } from '../parts/failure.tsx'
import { DueMark } from '../parts/marks.tsx'

const day = 86_400_000

/** Somebody is away: shows what becomes of their work first, and does it then. */
export function AwayDialog({ member, close }: { member: Team['items'][number]; close: () => void }) {
  const { t } = useWords()
  const { now } = useClock()
  const queries = useQueryClient()
  const [days, setDays] = useState('1')
  const [reason, setReason] = useState(t('awayIll'))
  const id = member.reference.replace('Practitioner/', '')
  /** By task, whom somebody chose instead of whom the plan gives it to; '' is its queue. */
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>({})
  const path = `/api/team/${encodeURIComponent(id)}/away`
  const lookAnew = () => queries.invalidateQueries({ queryKey: ['work'] })
  const act = useMutation({
    mutationFn: ({ apply, give }: { apply: boolean; give: Readonly<Record<string, string>> }) =>
      call<Handovers>('POST', path, {
        until: new Date(now + Number(days) * day).toISOString(),
        reason: reason.trim(),
        apply,
        give: Object.fromEntries(Object.entries(give).map(([task, to]) => [task, to === '' ? null : to])),
      }),
    onSuccess: (answer) => (answer.done ? lookAnew() : undefined),
  })
  const undo = useMutation({
    mutationFn: (back: NonNullable<Handovers['undo']>) => call<TakenBack>('POST', `${path}/undo`, back),
    onSuccess: lookAnew,
  })
  // While another plan is made, the one before stays in sight.
  const [shown, setShown] = useState<Handovers>()
  if (act.data && act.data !== shown) setShown(act.data)
  const plan = act.data ?? shown
  const choose = (task: string, to: string) => {
    const give = { ...chosen, [task]: to }
    setChosen(give)
    act.mutate({ apply: false, give })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    act.mutate({ apply: plan !== undefined && !plan.done, give: chosen })
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
        <FormFailure error={act.error ?? undo.error} />
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
              {plan.items.map((item) => (
                <HandoverRow
                  key={item.task.id}
                  item={item}
                  choose={plan.done ? undefined : (to) => choose(item.task.id, to)}
                />
              ))}
            </ul>
          </>
        )}
        {undo.data && (
          <p aria-live="polite" data-testid="taken-back">
            {t('takenBack', { name: member.name, back: undo.data.back, stay: undo.data.stay })}
          </p>
        )}
        <div className="form-end">
          <Button onClick={close}>{t(plan?.done ? 'close' : 'cancel')}</Button>
          {plan?.undo && !undo.data && (
            <Button loading={undo.isPending} onClick={() => plan.undo && undo.mutate(plan.undo)}>
              {t('undoAway')}
            </Button>
          )}
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

type Item = Handovers['items'][number]

/** One task: whose it becomes and what speaks for them, and who else could take it. */
function HandoverRow({ item, choose }: { item: Item; choose: ((to: string) => void) | undefined }) {
  const { t, either } = useWords()
  const { task, to, able, unblock } = item
  return (
    <li>
      <strong>{either(task.title)}</strong> · {task.patient?.name ?? t('noPatient')} <DueMark item={task} />
      {choose && able.length > 0 ? (
        <NativeSelect
          size="xs"
          mt={4}
          aria-label={t('whoTakes', { task: either(task.title), patient: task.patient?.name ?? t('noPatient') })}
          value={to?.reference ?? ''}
          onChange={(event) => choose(event.currentTarget.value)}
          data={[
            ...able.map((one) => ({ value: one.reference, label: one.name })),
            { value: '', label: t('goesToQueue') },
          ]}
        />
      ) : (
        <p>{to ? t('goesTo', { name: to.name }) : <span className="tag bad">{t('goesToQueue')}</span>}</p>
      )}
      {to ? <Because taker={to} /> : <p className="quiet">{unblock?.sentence}</p>}
    </li>
  )
}

/** What speaks for somebody, in a line. */
function Because({ taker }: { taker: NonNullable<Item['to']> }) {
  const { t, either, span, moment } = useWords()
  const parts = [
    taker.credential && t('mayAs', { credential: either(taker.credential).toLowerCase() }),
    taker.atWork ? t('atWorkNow') : taker.next && t('thereFrom', { time: moment(taker.next) }),
    taker.knows && t('knowsPatient'),
    taker.wished === null ? null : t(taker.wished ? 'patientAsked' : 'patientRatherNot'),
    taker.speaks === null ? null : t(taker.speaks ? 'speaksTheirs' : 'speaksNotTheirs'),
    taker.held === 0 ? t('holdsNothing') : t('holdsWork', { span: span(taker.held) }),
  ]
  return <p className="quiet">{parts.filter(Boolean).join(' · ')}</p>
}
