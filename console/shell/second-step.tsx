import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { SignInStep } from '../../src/contracts/index.ts'
import { signInByPasskey } from '../account/passkey-calls.ts'
import { ApiError, call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { Entrance } from './entrance.tsx'

interface SecondStepProps {
  pending: Extract<SignInStep, { step: 'second-factor' }>
  tenant: { tenant?: string }
  done: () => unknown
  back: () => void
}

/** After the password: a code, a recovery code, or a passkey. */
export function SecondStep({ pending, tenant, done, back }: SecondStepProps) {
  const { t } = useWords()
  const [code, setCode] = useState('')
  const { ways, ticket } = pending
  const byCode = useMutation({
    mutationFn: () => call('POST', '/api/session/second-factor', { ticket, code: code.trim(), ...tenant }),
    onSuccess: done,
  })
  const byPasskey = useMutation({ mutationFn: () => signInByPasskey({ ticket, ...tenant }), onSuccess: done })
  const typed = ways.includes('totp') || ways.includes('recovery-code')
  const error = byCode.error ?? byPasskey.error
  const over = error instanceof ApiError && error.code === 'ticket-expired'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    byPasskey.reset()
    byCode.mutate()
  }
  return (
    <Entrance title={t('secondStep')} lead={t('secondStepLead')}>
      <form onSubmit={submit}>
        <FormFailure error={error} />
        {ways.includes('passkey') && (
          <Button
            variant={typed ? 'default' : 'filled'}
            size="sm"
            fullWidth
            loading={byPasskey.isPending}
            onClick={() => {
              byCode.reset()
              byPasskey.mutate()
            }}
          >
            {t('usePasskey')}
          </Button>
        )}
        {typed && !over && (
          <>
            <TextInput
              label={t('code')}
              description={t('codeHint')}
              name="code"
              autoComplete="one-time-code"
              inputMode="text"
              maxLength={20}
              required
              autoFocus
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
            <Button type="submit" variant="filled" size="sm" fullWidth loading={byCode.isPending}>
              {t('continue')}
            </Button>
          </>
        )}
        <Button size="sm" fullWidth onClick={back}>
          {t('back')}
        </Button>
      </form>
    </Entrance>
  )
}
