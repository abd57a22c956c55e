import { Button, Modal, Textarea, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { LevelPolicyView } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { levelsQuery } from '../api/team-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'

interface SetLevelsProps {
  policies: readonly LevelPolicyView[]
  /** The newest set that these were made from. */
  after: number
  close: () => void
  done: () => void
}

/** From when the next service levels hold, and why they are set. */
export function SetLevelsDialog({ policies, after, close, done }: SetLevelsProps) {
  const { t } = useWords()
  const [note, setNote] = useState('')
  const [from, setFrom] = useState('')
  const set = useAct(
    () =>
      call('POST', '/api/levels', {
        policies,
        after,
        note,
        ...(from === '' ? {} : { from: new Date(from).toISOString() }),
      }),
    { anew: [levelsQuery.queryKey, ['work']], done, quiet: true },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    set.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('levelsSet')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={set.error} />
        <p>{t('levelsSetHint')}</p>
        <Textarea
          label={t('levelsWhy')}
          required
          data-autofocus
          autosize
          maxLength={300}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <TextInput
          label={t('levelsFrom')}
          description={t('levelsFromHint')}
          type="datetime-local"
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" loading={set.isPending} disabled={note.trim() === ''}>
            {t('levelsSet')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
