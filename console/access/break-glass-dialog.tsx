import { Button, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { glassReasonsQuery, myGlassQuery } from '../api/access-queries.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'

interface BreakGlassDialogProps {
  /** `Patient/id` where it is known whom it is about. */
  patient?: string
  close: () => void
}

const leastNote = 10

/** Opens one patient's record in an emergency: with a reason, and a proof that it is still the same person at this desk. */
export function BreakGlassDialog({ patient, close }: BreakGlassDialogProps) {
  const { t, either } = useWords()
  const queries = useQueryClient()
  const reasons = useQuery(glassReasonsQuery)
  const [whom, setWhom] = useState(patient ?? 'Patient/')
  const [reason, setReason] = useState('')
  const [note, setNote] = useState('')
  const open = useAct(
    async () => {
      await call('POST', '/api/access/break-glass', { patient: whom.trim(), reason, note: note.trim() })
    },
    {
      anew: [myGlassQuery.queryKey],
      done: () => {
        close()
        // More is open now than a moment ago, wherever it was looked for.
        void queries.invalidateQueries()
      },
      quiet: true,
    },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    open.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('emergency')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit} autoComplete="off">
        <FormFailure error={open.error} />
        <p>{t('emergencyLead', { count: reasons.data?.minutes ?? 60 })}</p>
        {patient === undefined && (
          <TextInput
            label={t('patient')}
            required
            pattern="Patient/[A-Za-z0-9.\-]{1,64}"
            value={whom}
            onChange={(event) => setWhom(event.currentTarget.value)}
          />
        )}
        <NativeSelect
          label={t('reason')}
          required
          data-autofocus
          value={reason}
          data={[
            { value: '', label: t('choose') },
            ...(reasons.data?.items.map((one) => ({ value: one.code, label: either(one.title) })) ?? []),
          ]}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Textarea
          label={t('emergencyNote')}
          required
          minLength={leastNote}
          maxLength={1_000}
          autosize
          minRows={2}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button
            type="submit"
            variant="filled"
            color="red.9"
            disabled={reason === '' || note.trim().length < leastNote}
            loading={open.isPending}
          >
            {t('openRecord')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
