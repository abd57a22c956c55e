import { Button, Modal, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { Draft } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import type { useAutosave } from './use-draft.ts'

/** Asks for the review of the draft: says why the pathway changes, and freezes its text. */
export function ReviewButton({
  draft,
  saving,
  errors,
}: {
  draft: Draft
  saving: ReturnType<typeof useAutosave>
  errors: number
}) {
  const { t } = useWords()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [opened, setOpened] = useState(false)
  const [note, setNote] = useState(draft.note)
  const ask = useMutation({
    mutationFn: async () => {
      if (!(await saving.save())) throw new Error('not saved')
      return call('POST', `/api/drafts/${encodeURIComponent(draft.id)}/ask`, {
        revision: saving.revision(),
        note: note.trim(),
      })
    },
    async onSuccess() {
      await queries.invalidateQueries({ queryKey: ['pathways'] })
      await navigate({ to: '/pathways/$id', params: { id: draft.pathway } })
    },
  })
  return (
    <>
      <Button variant="filled" disabled={errors > 0} onClick={() => setOpened(true)}>
        {t('designAskReview')}
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={t('designAskReview')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault()
            ask.mutate()
          }}
        >
          <p className="quiet">{t('designAskHint')}</p>
          <FormFailure error={ask.error} />
          <Textarea
            label={t('designWhyChanged')}
            required
            rows={3}
            maxLength={500}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <div className="form-end">
            <Button onClick={() => setOpened(false)}>{t('cancel')}</Button>
            <Button type="submit" variant="filled" disabled={note.trim() === ''} loading={ask.isPending}>
              {t('designAskReview')}
            </Button>
          </div>
        </form>
      </Modal>
    </>
  )
}
