import { Button, Modal, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'

export function CancelDialog({ id, name, close }: { id: string; name: string; close: () => void }) {
  const { t } = useWords()
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const stop = useMutation({
    mutationFn: () => call('POST', `/api/journeys/${encodeURIComponent(id)}/cancel`, { reason: reason.trim() }),
    onSuccess: async () => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['journeys'] }),
        queries.invalidateQueries({ queryKey: ['work'] }),
        queries.invalidateQueries({ queryKey: ['messages'] }),
      ])
      close()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (reason.trim() !== '') stop.mutate()
  }
  return (
    <Modal
      opened
      onClose={close}
      title={`${t('stopJourney')} · ${name}`}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form className="form" onSubmit={submit}>
        <FormFailure error={stop.error} />
        <p>{t('stopWarning')}</p>
        <Textarea
          label={t('reason')}
          required
          autosize
          minRows={3}
          maxLength={500}
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('keepRunning')}</Button>
          <Button type="submit" variant="filled" color="red.9" disabled={reason.trim() === ''} loading={stop.isPending}>
            {t('stopJourney')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
