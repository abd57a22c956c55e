import { Button, Modal, TextInput } from '@mantine/core'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'
import type { Checked } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { Failure, FormFailure } from '../parts/failure.tsx'
import { useSettled } from '../parts/use-settled.ts'
import { SourceEditor } from './source-editor.tsx'
import { Findings } from './findings.tsx'
import { goToLine } from './go-to-line.ts'

interface SourceDialogProps {
  title: string
  source: string
  /** Said while nothing is written yet. */
  empty: string
  /** What publishing means for what runs. */
  hint: string
  check: (source: string) => Promise<Checked>
  publish: (source: string, note: string) => Promise<unknown>
  close: () => void
}

/** Writes a new version of a source: the checker reads along, and publishing asks what changes and why. */
export function SourceDialog({ title, source, empty, hint, check, publish: put, close }: SourceDialogProps) {
  const { t } = useWords()
  const [text, setText] = useState(source)
  const [note, setNote] = useState('')
  const settled = useSettled(text)
  const editor = useRef<HTMLTextAreaElement>(null)
  const checked = useQuery({
    queryKey: ['check', title, settled],
    queryFn: () => check(settled),
    enabled: settled.trim() !== '',
    placeholderData: keepPreviousData,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const publish = useMutation({
    mutationFn: () => put(text, note.trim()),
    onSuccess: close,
  })
  const findings = text.trim() === '' ? [] : (checked.data?.findings ?? [])
  const errors = findings.filter((finding) => finding.severity === 'error').length
  const reading = text !== settled || checked.isFetching
  const changed = text !== source && text.trim() !== ''
  const ready = changed && note.trim() !== '' && errors === 0 && !reading && checked.data !== undefined
  const go = (line: number, column: number) => goToLine(editor.current, text, line, column)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready) publish.mutate()
  }
  // What was written is not lost by a click beside the dialog.
  return (
    <Modal
      opened
      onClose={close}
      size="min(1080px, 96vw)"
      closeOnClickOutside={false}
      closeOnEscape={!changed}
      title={title}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form className="form" onSubmit={submit}>
        <div className="publish">
          <SourceEditor ref={editor} value={text} change={setText} findings={findings} />
          <div className="publish-side">
            <h3>
              {t('findings')} {!reading && text.trim() !== '' && <span className="count">{findings.length}</span>}
            </h3>
            <div aria-live="polite">
              {text.trim() === '' ? (
                <p className="quiet">{empty}</p>
              ) : checked.error ? (
                <Failure error={checked.error} retry={checked.refetch} />
              ) : checked.data ? (
                <Findings findings={findings} go={go} />
              ) : (
                <p className="quiet">{t('checking')}</p>
              )}
            </div>
          </div>
        </div>
        <FormFailure error={publish.error} />
        <TextInput
          label={t('publishNote')}
          required
          maxLength={500}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <p className="quiet">{hint}</p>
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" disabled={!ready} loading={publish.isPending}>
            {t('publish')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
