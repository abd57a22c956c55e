import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError, call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { Entrance } from './entrance.tsx'

export function SignIn() {
  const { t } = useWords()
  const queries = useQueryClient()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [tenant, setTenant] = useState('')
  const enter = useMutation({
    mutationFn: () =>
      call('POST', '/api/session', {
        email: email.trim(),
        password,
        ...(tenant.trim() === '' ? {} : { tenant: tenant.trim() }),
      }),
    onSuccess: () => queries.invalidateQueries(),
  })
  // An installation with one organisation never asks which.
  const [severalTenants, setSeveral] = useState(false)
  if (!severalTenants && enter.error instanceof ApiError && enter.error.code === 'organisation-needed') setSeveral(true)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    enter.mutate()
  }
  return (
    <Entrance title={t('signIn')} lead={t('signInLead')}>
      <form onSubmit={submit}>
        <FormFailure error={enter.error} />
        {severalTenants && (
          <TextInput
            label={t('organisation')}
            name="organization"
            value={tenant}
            onChange={(event) => setTenant(event.currentTarget.value)}
            required
            autoFocus
          />
        )}
        <TextInput
          label={t('email')}
          type="email"
          name="email"
          autoComplete="username"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          required
          autoFocus
        />
        <PasswordInput
          label={t('password')}
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          required
          visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
        />
        <Button type="submit" variant="filled" size="sm" fullWidth loading={enter.isPending}>
          {t('signIn')}
        </Button>
      </form>
    </Entrance>
  )
}
