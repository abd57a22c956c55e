import { Button, Textarea } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'
import type { Thread, WorkDetail } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { threadQuery } from '../api/list-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { useAct } from '../parts/use-act.ts'
import { useKeys } from '../parts/use-keys.ts'
import { isMine, isOpen } from './task-rules.ts'

/** The last messages with the patient, both ways, and an answer to the newest of theirs. */
export function TaskThread({ task }: { task: WorkDetail }) {
  const { t, moment, code } = useWords()
  const account = useAccount()
  const thread = useQuery({ ...threadQuery(task.id), enabled: task.patient !== null && account.may('messages.read') })
  const items = thread.data?.items ?? []
  const last = items.find((one) => one.fromPatient)
  const mayReply = last && isOpen(task) && isMine(task, account) && account.may('work.act')
  if (items.length === 0) return null
  return (
    <section className="block" aria-label={t('thread')} data-testid="task-thread">
      <h3>{t('thread')}</h3>
      <ul className="comments">
        {items.map((one) => (
          <li key={one.id}>
            <span className="quiet">
              {one.fromPatient ? (task.patient?.name ?? t('thePatient')) : (one.by ?? t('theClinic'))} ·{' '}
              <time dateTime={one.at}>{moment(one.at)}</time>
              {!one.fromPatient && one.status !== 'completed' && ` · ${code('messageStatus', one.status)}`}
            </span>
            <p>{one.text}</p>
          </li>
        ))}
      </ul>
      {mayReply && <Reply key={last.id} task={task} to={last.id} />}
    </section>
  )
}

function Reply({ task, to }: { task: WorkDetail; to: string }) {
  const { t } = useWords()
  const queries = useQueryClient()
  const [text, setText] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  const doing = useAct(
    () => call<Thread>('POST', `/api/work/${encodeURIComponent(task.id)}/reply`, { to, text: text.trim() }),
    {
      anew: [],
      quiet: true,
      done: (answer) => {
        queries.setQueryData(threadQuery(task.id).queryKey, answer)
        setText('')
        // The keys of the task work again.
        field.current?.blur()
      },
    },
  )
  useKeys({ y: () => field.current?.focus() })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() !== '' && !doing.isPending) doing.mutate()
  }
  return (
    <form
      className="form"
      onSubmit={submit}
      onKeyDown={(event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && submit(event)}
    >
      <FormFailure error={doing.error} />
      <Textarea
        ref={field}
        label={t('reply')}
        description={t('replyHint')}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={1_200}
        aria-keyshortcuts="y"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className="form-end">
        <Button type="submit" disabled={text.trim() === ''} loading={doing.isPending}>
          {t('sendReply')}
        </Button>
      </div>
    </form>
  )
}
