import { Button, Modal, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { Checked, Published } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { Failure, FormFailure } from '../parts/failure.tsx'
import { SourceEditor } from './source-editor.tsx'
import { Findings } from './findings.tsx'

const pause = 350

/** Writes a new version: the checker reads along, and publishing asks what changes and why. */
export function PublishDialog({
  source,
  base,
  close,
}: {
  source: string
  base: string | undefined
  close: () => void
}) {
  const { t } = useWords()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [text, setText] = useState(source)
  const [note, setNote] = useState('')
  const settled = useSettled(text)
  const editor = useRef<HTMLTextAreaElement>(null)
  const checked = useQuery({
    queryKey: ['check', settled],
    queryFn: () => call<Checked>('POST', '/api/pathways/check', { source: settled }),
    enabled: settled.trim() !== '',
    placeholderData: keepPreviousData,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const publish = useMutation({
    mutationFn: () => call<Published>('POST', '/api/pathways', { source: text, note: note.trim() }),
    async onSuccess({ pathway, version, changed }) {
      await queries.invalidateQueries({ queryKey: ['pathways'] })
      notifications.show({
        color: 'pine',
        message: t(changed ? 'publishedAs' : 'publishedSame', { n: version }),
        autoClose: 8_000,
        closeButtonProps: { 'aria-label': t('close') },
      })
      close()
      void navigate({ to: '/pathways/$id', params: { id: pathway }, search: {} })
    },
  })
  const findings = text.trim() === '' ? [] : (checked.data?.findings ?? [])
  const errors = findings.filter((finding) => finding.severity === 'error').length
  const reading = text !== settled || checked.isFetching
  const changed = text !== source && text.trim() !== ''
  const ready = changed && note.trim() !== '' && errors === 0 && !reading && checked.data !== undefined
  const go = (line: number, column: number) => {
    const field = editor.current
    if (!field) return
    const start =
      text
        .split('\n')
        .slice(0, line - 1)
        .join('\n').length +
      (line > 1 ? 1 : 0) +
      column -
      1
    field.focus()
    field.setSelectionRange(start, start)
    field.scrollTop = Math.max(0, (line - 6) * Number.parseFloat(getComputedStyle(field).lineHeight))
  }
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
      title={base === undefined ? t('newPathwayTitle') : t('newVersionTitle', { id: base })}
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
                <p className="quiet">{t('writeYaml')}</p>
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
        <p className="quiet">{t('publishHint')}</p>
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

/** The text once typing has paused. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), pause)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}
