import { Button, Modal, PasswordInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import { call } from '../api/call.ts'
import { confirmWith } from '../api/confirmation.ts'
import { myAccountQuery } from '../api/identity-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { confirmByPasskey } from './passkey-calls.ts'

const sixDigits = /^\s*\d{3}\s?\d{3}\s*$/

/** Asks for a fresh proof of who is at this desk, whenever the server wants one for an act; the act then goes on. */
export function ConfirmDialog() {
  const [answer, setAnswer] = useState<(confirmed: boolean) => void>()
  useEffect(
    () =>
      confirmWith(
        () =>
          new Promise((tell) => {
            setAnswer(() => tell)
          }),
      ),
    [],
  )
  if (!answer) return null
  return (
    <Asking
      done={(confirmed) => {
        answer(confirmed)
        setAnswer(undefined)
      }}
    />
  )
}

function Asking({ done }: { done: (confirmed: boolean) => void }) {
  const { t } = useWords()
  const mine = useQuery(myAccountQuery)
  const [proof, setProof] = useState('')
  const typed = useMutation({
    mutationFn: () =>
      call('POST', '/api/session/confirm', sixDigits.test(proof) ? { code: proof.trim() } : { password: proof }),
    onSuccess: () => done(true),
  })
  const shown = useMutation({ mutationFn: confirmByPasskey, onSuccess: () => done(true) })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    shown.reset()
    typed.mutate()
  }
  return (
    <Modal
      opened
      onClose={() => done(false)}
      title={t('confirmTitle')}
      zIndex={400}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form className="form" onSubmit={submit}>
        <FormFailure error={typed.error ?? shown.error} />
        <p>{t('confirmLead')}</p>
        <PasswordInput
          label={t('proveYourself')}
          autoComplete="current-password"
          required
          data-autofocus
          value={proof}
          onChange={(event) => setProof(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
        />
        <div className="form-end">
          {(mine.data?.passkeys.length ?? 0) > 0 && (
            <Button loading={shown.isPending} onClick={() => shown.mutate()}>
              {t('usePasskey')}
            </Button>
          )}
          <Button onClick={() => done(false)}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" loading={typed.isPending}>
            {t('continue')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
