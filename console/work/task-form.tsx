import { Button, Modal, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { Questionnaire, QuestionnaireResponseItem, Resource } from '@medplum/fhirtypes'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { TaskForm as Asked, WorkDetail } from '../../src/contracts/index.ts'
import { begin, type FillContext, fill, type Form, readForm, readSheet, type Sheet } from '../../src/forms/index.ts'
import { ApiError, call } from '../api/call.ts'
import { taskFormQuery, taskQuery } from '../api/queries.ts'
import { AnswersShown } from '../forms/answers-shown.tsx'
import { FormFill } from '../forms/form-fill.tsx'
import { useWords } from '../i18n.ts'
import { useClock } from '../parts/clock.ts'
import { Failure, failureText, FormFailure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { isMine, isOpen } from './task-rules.ts'

/** The form that a task asks for: to fill in by who has taken it, else to be read. */
export function TaskForm({ task, leave }: { task: WorkDetail; leave: () => void }) {
  const { t, either } = useWords()
  const asked = useQuery(taskFormQuery(task.id))
  const [round, setRound] = useState(0)
  const form = useMemo(
    () => (asked.data ? readForm(asked.data.questionnaire as unknown as Questionnaire).form : undefined),
    [asked.data],
  )
  if (asked.isPending) return <Waiting />
  if (!asked.data || !form) return <Failure error={asked.error} retry={asked.refetch} />
  const anew = async () => {
    await asked.refetch()
    setRound(round + 1)
  }
  return (
    <section className="block printed" aria-label={either(form.title)} data-testid="task-form">
      <h3>{either(form.title)}</h3>
      <p className="quiet">
        {t(`answers_${asked.data.status}`)} · {t('version', { n: asked.data.canonical.split('|')[1] ?? '' })}
        {task.patient && <span className="only-print"> · {task.patient.name}</span>}
      </p>
      <Inside
        key={`${round} ${asked.data.status} ${asked.data.stored}`}
        task={task}
        asked={asked.data}
        form={form}
        anew={anew}
        leave={leave}
      />
    </section>
  )
}

interface InsideProps {
  task: WorkDetail
  asked: Asked
  form: Form
  anew: () => Promise<void>
  leave: () => void
}

function useFilling({ asked, form }: Pick<InsideProps, 'asked' | 'form'>) {
  const { zone, now } = useClock()
  const [context] = useState<FillContext>(() => ({
    now,
    zone: zone === '' ? 'UTC' : zone,
    launch: asked.launch as unknown as Record<string, Resource>,
  }))
  const [sheet, setSheet] = useState<Sheet>(() =>
    asked.items === null
      ? begin(form, context)
      : readSheet(form, {
          resourceType: 'QuestionnaireResponse',
          status: 'in-progress',
          item: asked.items as unknown as QuestionnaireResponseItem[],
        }).sheet,
  )
  const filled = useMemo(() => fill(form, sheet, context), [form, sheet, context])
  return { sheet, setSheet, filled }
}

function Inside(props: InsideProps) {
  const { task, asked } = props
  const { t } = useWords()
  const account = useAccount()
  const [amending, setAmending] = useState(false)
  const sent = asked.status === 'completed' || asked.status === 'amended'
  const mine = isMine(task, account)
  if (isOpen(task) && mine && !sent) return <Drafting {...props} />
  if (amending) return <Amending {...props} close={() => setAmending(false)} />
  return (
    <>
      {isOpen(task) && !sent && <p>{t('takeToFill')}</p>}
      <Read {...props} />
      <div className="form-end no-print">
        {sent && account.may('work.act') && (mine || account.may('work.manage')) && (
          <Button onClick={() => setAmending(true)}>{t('correctAnswers')}</Button>
        )}
        <Button onClick={() => window.print()}>{t('print')}</Button>
      </div>
    </>
  )
}

function Read({ asked, form }: InsideProps) {
  const { filled } = useFilling({ asked, form })
  return <AnswersShown form={form} filled={filled} />
}

const pause = 1_200

function Drafting({ task, asked, form, anew, leave }: InsideProps) {
  const { t, either } = useWords()
  const queries = useQueryClient()
  const { sheet, setSheet, filled } = useFilling({ asked, form })
  const [kept, setKept] = useState<'kept' | 'keeping' | 'not'>('kept')
  const [failure, setFailure] = useState<unknown>()
  const [tellMissing, setTellMissing] = useState(false)
  const [sending, setSending] = useState(false)
  const seen = useRef(asked.stored)
  const waiting = useRef(Promise.resolve())
  const path = `/api/work/${encodeURIComponent(task.id)}/form`
  const items = useRef(filled.items)
  items.current = filled.items

  // One after the other: the server takes a draft only from who has seen the one before.
  const keep = () => {
    waiting.current = waiting.current.then(async () => {
      setKept('keeping')
      try {
        const { stored } = await call<{ stored: number }>('PUT', path, { items: items.current, seen: seen.current })
        seen.current = stored
        setKept('kept')
        setFailure(undefined)
      } catch (error) {
        setKept('not')
        setFailure(error)
      }
    })
    return waiting.current
  }
  const changed = useRef(false)
  const keepNow = useRef(keep)
  keepNow.current = keep
  useEffect(() => {
    if (!changed.current) return
    const timer = setTimeout(() => {
      changed.current = false
      void keepNow.current()
    }, pause)
    return () => clearTimeout(timer)
  }, [sheet])
  // Who goes to another page in the middle of a word loses nothing; who is back already sees what was kept then.
  useEffect(
    () => () => {
      if (!changed.current) return
      const { queryKey } = taskFormQuery(task.id)
      void keepNow.current().then(() => queries.invalidateQueries({ queryKey }))
    },
    [queries, task.id],
  )
  const change = (next: Sheet) => {
    changed.current = true
    setKept('not')
    setSheet(next)
  }
  const send = async () => {
    setTellMissing(true)
    if (filled.faults.length > 0) {
      document.querySelector<HTMLElement>('.form-question.wrong input, .form-question.wrong textarea')?.focus()
      return
    }
    setSending(true)
    changed.current = false
    await waiting.current
    try {
      const detail = await call<WorkDetail>('POST', `${path}/submit`, { items: items.current, seen: seen.current })
      queries.setQueryData(taskQuery(task.id).queryKey, detail)
      void queries.invalidateQueries({ queryKey: ['work', 'list'] })
      void queries.invalidateQueries({ queryKey: taskFormQuery(task.id).queryKey })
      notifications.show({ color: 'pine', message: t('did_complete', { title: either(task.title) }), autoClose: 4_000 })
      leave()
    } catch (error) {
      setFailure(error)
      setSending(false)
    }
  }
  const left = filled.faults.length
  return (
    <>
      <FormFill form={form} sheet={sheet} filled={filled} change={change} tellMissing={tellMissing} />
      {failure !== undefined && (
        <div className="form-failure" role="alert">
          <strong>{failureText(t, failure)}</strong>
          {failure instanceof ApiError && failure.code === 'form-changed' && (
            <Button onClick={() => void anew()}>{t('loadAnew')}</Button>
          )}
        </div>
      )}
      <div className="form-end sticky no-print">
        <span className="quiet" role="status">
          {kept === 'kept' ? t('draftKept') : kept === 'keeping' ? t('draftKeeping') : t('draftNotKept')}
          {' · '}
          {left === 0 ? t('formReady') : t('formLeft', { count: left })}
        </span>
        <Button variant="filled" loading={sending} onClick={() => void send()}>
          {t('sendAnswers')}
        </Button>
      </div>
    </>
  )
}

function Amending({ task, asked, form, anew, close }: InsideProps & { close: () => void }) {
  const { t } = useWords()
  const queries = useQueryClient()
  const { sheet, setSheet, filled } = useFilling({ asked, form })
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const [failure, setFailure] = useState<unknown>()
  const send = async () => {
    try {
      const detail = await call<WorkDetail>('POST', `/api/work/${encodeURIComponent(task.id)}/form/amend`, {
        items: filled.items,
        seen: asked.stored,
        reason: reason.trim(),
      })
      queries.setQueryData(taskQuery(task.id).queryKey, detail)
      await anew()
    } catch (error) {
      setFailure(error)
    }
  }
  return (
    <>
      <p className="quiet">{t('correctHint')}</p>
      <FormFill form={form} sheet={sheet} filled={filled} change={setSheet} tellMissing />
      <div className="form-end sticky no-print">
        <Button onClick={close}>{t('cancel')}</Button>
        <Button variant="filled" disabled={filled.faults.length > 0} onClick={() => setAsking(true)}>
          {t('correctAnswers')}
        </Button>
      </div>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('correctAnswers')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault()
            void send()
          }}
        >
          <FormFailure error={failure} />
          <Textarea
            label={t('reason')}
            required
            data-autofocus
            autosize
            minRows={3}
            maxLength={2_000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <div className="form-end">
            <Button onClick={() => setAsking(false)}>{t('cancel')}</Button>
            <Button type="submit" variant="filled" disabled={reason.trim() === ''}>
              {t('correctAnswers')}
            </Button>
          </div>
        </form>
      </Modal>
    </>
  )
}
