import { Button, Modal, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import type { WorkDetail, WorkItem } from '../../src/contracts/index.ts'
import { othersQuery } from '../api/queue-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure, FormFailure } from '../parts/failure.tsx'
import { DueMark } from '../parts/marks.tsx'
import { Waiting } from '../parts/states.tsx'
import { type Holder, HolderChoice } from './holder-choice.tsx'
import type { Joining } from './task-rules.ts'
import type { Doing, TaskActs } from './use-task-acts.tsx'

interface JoinDialogProps {
  act: Joining
  task: WorkDetail
  doing: TaskActs
  close: () => void
  /** `gone`: there is nothing left to do here for now. */
  done: (gone: boolean) => void
}

/** Asks what an act on several tasks or people needs: parts, another task, somebody to do it. Ctrl+Enter sends. */
export function JoinDialog({ act, task, doing, close, done }: JoinDialogProps) {
  const { t, either } = useWords()
  const [parts, setParts] = useState(['', ''])
  const [other, setOther] = useState<WorkItem>()
  const [keepsThis, setKeepsThis] = useState(true)
  const [holder, setHolder] = useState<Holder>()
  const [text, setText] = useState('')
  const written = text.trim()
  const named = parts.map((one) => one.trim()).filter((one) => one !== '')
  // A pathway waits for the task it asked for: the other one of the two is merged into it.
  const mayKeepThis = other?.journey === null
  const mayKeepOther = task.journey === null
  const keeps = mayKeepThis && (keepsThis || !mayKeepOther)
  const asked = (): Doing | undefined => {
    switch (act) {
      case 'split':
        return named.length < 2 ? undefined : { item: task, act, body: { parts: named } }
      case 'merge':
        if (!other || (!mayKeepThis && !mayKeepOther)) return undefined
        return keeps ? { item: other, act, body: { into: task.id } } : { item: task, act, body: { into: other.id } }
      case 'wait-for':
        return other && written !== '' ? { item: task, act, body: { task: other.id, reason: written } } : undefined
      case 'delegate':
        return holder && 'owner' in holder && written !== ''
          ? { item: task, act, body: { owner: holder.owner, reason: written } }
          : undefined
    }
  }
  const ready = asked()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready && !doing.isPending) doing.mutate(ready, { onSuccess: () => done(!(act === 'merge' && keeps)) })
  }
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={`${t(act)} · ${either(task.title)}`}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form
        className="form"
        onSubmit={submit}
        onKeyDown={(event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && submit(event)}
      >
        <FormFailure error={doing.error} />
        <p className="quiet">{t(`hint_${act}`)}</p>
        {act === 'split' && <Parts parts={parts} change={setParts} />}
        {(act === 'merge' || act === 'wait-for') && (
          <OtherTask
            task={task}
            value={other}
            change={setOther}
            word={t(act === 'merge' ? 'mergeWith' : 'waitsForWhich')}
          />
        )}
        {act === 'merge' && other && (
          <Kept
            task={task}
            other={other}
            keepsThis={keeps}
            change={setKeepsThis}
            may={{ this: mayKeepThis, other: mayKeepOther }}
          />
        )}
        {act === 'delegate' && (
          <HolderChoice ids={[task.id]} value={holder} change={setHolder} without={task.owner?.reference} />
        )}
        {(act === 'wait-for' || act === 'delegate') && (
          <Textarea
            label={t('reason')}
            required
            autosize
            minRows={2}
            maxRows={8}
            maxLength={2_000}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
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

const mostParts = 10

function Parts({ parts, change }: { parts: readonly string[]; change: (parts: string[]) => void }) {
  const { t } = useWords()
  return (
    <>
      {parts.map((part, index) => (
        <TextInput
          key={index}
          label={t('partNumber', { n: index + 1 })}
          maxLength={200}
          value={part}
          data-autofocus={index === 0}
          onChange={(event) => change(parts.map((one, at) => (at === index ? event.currentTarget.value : one)))}
        />
      ))}
      {parts.length < mostParts && (
        <div>
          <Button onClick={() => change([...parts, ''])}>{t('addPart')}</Button>
        </div>
      )}
    </>
  )
}

/** One of the other open tasks of the same patient. */
function OtherTask({
  task,
  value,
  change,
  word,
}: {
  task: WorkDetail
  value: WorkItem | undefined
  change: (task: WorkItem) => void
  word: string
}) {
  const { t, either, moment } = useWords()
  const group = useId()
  const others = useQuery(othersQuery(task.id))
  const first = useRef<HTMLInputElement>(null)
  const there = others.data !== undefined
  // It comes after the dialog, whose own choice of a focus is past then.
  useEffect(() => {
    if (there) first.current?.focus()
  }, [there])
  if (others.isPending) return <Waiting lines={3} />
  if (!others.data) return <Failure error={others.error} retry={others.refetch} />
  const { items } = others.data
  if (items.length === 0) return <p>{t('noOtherTask')}</p>
  return (
    <fieldset className="holders">
      <legend>{word}</legend>
      <div className="holder-list">
        {items.map((one, index) => (
          <label key={one.id} className="holder" data-testid="other-task">
            <input
              type="radio"
              name={group}
              checked={value?.id === one.id}
              ref={index === 0 ? first : undefined}
              onChange={() => change(one)}
            />
            <span>
              <strong>{either(one.title)}</strong> <DueMark item={one} />{' '}
              <span className="quiet">
                {one.owner?.name ?? t('nobody')} · {moment(one.createdAt)}
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

function Kept({
  task,
  other,
  keepsThis,
  change,
  may,
}: {
  task: WorkDetail
  other: WorkItem
  keepsThis: boolean
  change: (keepsThis: boolean) => void
  may: { this: boolean; other: boolean }
}) {
  const { t, either } = useWords()
  const group = useId()
  const choices = [
    { mine: true, title: either(task.title), able: may.this, word: t('keepThis') },
    { mine: false, title: either(other.title), able: may.other, word: t('keepOther') },
  ]
  return (
    <fieldset className="holders">
      <legend>{t('whichKept')}</legend>
      {choices.map(({ mine, title, able, word }) => (
        <label key={word} className="holder">
          <input
            type="radio"
            name={group}
            disabled={!able}
            checked={able && keepsThis === mine}
            onChange={() => change(mine)}
          />
          <span>
            <strong>{word}</strong> {title}
            {!able && <span className="quiet"> · {t('pathwayWaits')}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
