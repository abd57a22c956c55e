import { Button, Modal, Textarea } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { MatterItem, MatterListName } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'

interface DealtDialogProps {
  list: MatterListName
  item: MatterItem
  close: () => void
}

/** What somebody did about it, in their words; it becomes a completed task. */
export function DealtDialog({ list, item, close }: DealtDialogProps) {
  const { t } = useWords()
  const [note, setNote] = useState('')
  const doing = useAct(
    () => call('POST', `/api/lists/${list}/take`, { reference: item.reference, note: note.trim() }),
    { anew: [['work']], done: close, quiet: true },
  )
  const act = t(list === 'results' ? 'acknowledgeResult' : 'dealtWith')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (note.trim() !== '' && !doing.isPending) doing.mutate()
  }
  return (
    <Modal
      opened
      onClose={close}
      title={`${act} · ${item.patient?.name ?? item.title}`}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form
        className="form"
        onSubmit={submit}
        onKeyDown={(event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && submit(event)}
      >
        <FormFailure error={doing.error} />
        <p className="quiet">{item.why}</p>
        <Textarea
          label={t('whatWasDone')}
          required
          data-autofocus
          autosize
          minRows={3}
          maxRows={10}
          maxLength={2_000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" disabled={note.trim() === ''} loading={doing.isPending}>
            {act}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
