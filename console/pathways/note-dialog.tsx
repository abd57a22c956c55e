import { Button, Modal, Textarea } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'

interface NoteDialogProps {
  title: string
  /** What it will come to. */
  hint: string
  label: string
  act: string
  /** Whether it may be left empty. */
  optional?: boolean
  /** Whether all that stands beside the note has been chosen. */
  ready?: boolean
  doing: { isPending: boolean; error: unknown; mutate: (note: string) => void }
  close: () => void
  children?: ReactNode
}

/** An act on a pathway with the words that go with it. */
export function NoteDialog(props: NoteDialogProps) {
  const { title, hint, label, act, optional = false, ready = true, doing, close, children } = props
  const { t } = useWords()
  const [note, setNote] = useState('')
  const whole = ready && (optional || note.trim() !== '')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (whole) doing.mutate(note.trim())
  }
  return (
    <Modal
      opened
      onClose={close}
      title={title}
      closeOnClickOutside={note === ''}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form className="form" onSubmit={submit}>
        <FormFailure error={doing.error} />
        <p>{hint}</p>
        {children}
        <Textarea
          label={label}
          required={!optional}
          maxLength={500}
          autosize
          minRows={2}
          data-autofocus
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" disabled={!whole} loading={doing.isPending}>
            {act}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
