import { Button, PasswordInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type FormEvent, useState } from 'react'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'

/** A new password in place of the present one; whoever is signed in elsewhere with it is out. */
export function PasswordForm() {
  const { t } = useWords()
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const change = useAct(() => call('POST', '/api/account/password', { current, password }), {
    anew: [['sessions']],
    quiet: true,
    done: () => {
      setCurrent('')
      setPassword('')
      notifications.show({ color: 'pine', message: t('saved'), closeButtonProps: { 'aria-label': t('close') } })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate()
  }
  const toggle = { 'aria-label': t('showPassword') }
  return (
    <section aria-label={t('password')}>
      <div className="section-head">
        <h2>{t('password')}</h2>
      </div>
      <p className="quiet lead">{t('passwordChangeHint')}</p>
      <form className="form narrow" onSubmit={submit}>
        <FormFailure error={change.error} />
        <PasswordInput
          label={t('presentPassword')}
          autoComplete="current-password"
          required
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          visibilityToggleButtonProps={toggle}
        />
        <PasswordInput
          label={t('newPassword')}
          description={t('passwordRule')}
          autoComplete="new-password"
          minLength={12}
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={toggle}
        />
        <div>
          <Button type="submit" variant="filled" loading={change.isPending}>
            {t('changePassword')}
          </Button>
        </div>
      </form>
    </section>
  )
}
