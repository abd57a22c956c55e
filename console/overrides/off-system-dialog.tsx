import { Button, Modal, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type FormEvent, useState } from 'react'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'
import { type Cause, CauseFields } from './cause-fields.tsx'

/** "I did this outside the system", of a journey. */
export function OffSystemDialog({ journey, close }: { journey: string; close: () => void }) {
  const { t } = useWords()
  const [cause, setCause] = useState<Cause>({ code: '', lost: undefined })
  const [text, setText] = useState('')
  const told = useAct(
    () => call('POST', `/api/journeys/${encodeURIComponent(journey)}/off-system`, { ...cause, text: text.trim() }),
    {
      anew: [['journeys']],
      quiet: true,
      done() {
        notifications.show({ color: 'pine', message: t('offSystemKept') })
        close()
      },
    },
  )
  const ready = cause.code !== '' && text.trim() !== ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready && !told.isPending) told.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('off-system')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={told.error} />
        <p className="quiet">{t('offSystemHint')}</p>
        <CauseFields cause={cause} change={setCause} />
        <Textarea
          label={t('offSystemText')}
          required
          autosize
          minRows={3}
          maxLength={2_000}
          data-autofocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" disabled={!ready} loading={told.isPending}>
            {t('keep')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
