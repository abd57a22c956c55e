import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouterState } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { SignInStep } from '../../src/contracts/index.ts'
import { signInByPasskey } from '../account/passkey-calls.ts'
import { ApiError, call } from '../api/call.ts'
import { signInWaysQuery } from '../api/identity-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { Entrance } from './entrance.tsx'
import { isOnward } from './onward.tsx'
import { SecondStep } from './second-step.tsx'

type Pending = Extract<SignInStep, { step: 'second-factor' }>

const word = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

export function SignIn() {
  const { t } = useWords()
  const queries = useQueryClient()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [tenant, setTenant] = useState('')
  const [pending, setPending] = useState<Pending>()
  const search: Record<string, unknown> = useRouterState({ select: ({ location }) => location.search })
  const failed = word(search['failed'])
  const onward = word(search['onward'])
  const named = tenant.trim()
  const ofTenant = named === '' ? {} : { tenant: named }
  const ways = useQuery(signInWaysQuery(named))
  const come = () => queries.invalidateQueries()
  const enter = useMutation({
    mutationFn: () => call<SignInStep>('POST', '/api/session', { email: email.trim(), password, ...ofTenant }),
    onSuccess: (step) => (step.step === 'done' ? come() : setPending(step)),
  })
  const byPasskey = useMutation({ mutationFn: () => signInByPasskey(ofTenant), onSuccess: come })
  // An installation with one organisation never asks which.
  const [severalTenants, setSeveral] = useState(false)
  const asksWhich = [enter.error, byPasskey.error].some(
    (error) => error instanceof ApiError && error.code === 'organisation-needed',
  )
  if (!severalTenants && asksWhich) setSeveral(true)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    byPasskey.reset()
    enter.mutate()
  }
  if (pending) return <SecondStep pending={pending} tenant={ofTenant} done={come} back={() => setPending(undefined)} />
  const outside = ways.data?.providers ?? []
  const startOf = (start: string) => (isOnward(onward) ? `${start}&${new URLSearchParams({ onward })}` : start)
  return (
    <Entrance title={t('signIn')} lead={t(isOnward(onward) ? 'signInForApp' : 'signInLead')}>
      <form onSubmit={submit}>
        <FormFailure
          error={enter.error ?? byPasskey.error ?? (failed === undefined ? null : new ApiError(401, failed, ''))}
        />
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
          autoComplete="username webauthn"
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
        {ways.data?.passkeys === true && (
          <Button
            size="sm"
            fullWidth
            loading={byPasskey.isPending}
            onClick={() => {
              enter.reset()
              byPasskey.mutate()
            }}
          >
            {t('signInPasskey')}
          </Button>
        )}
        {outside.map((provider) => (
          <Button key={provider.id} component="a" href={startOf(provider.start)} size="sm" fullWidth>
            {t('signInBy', { name: provider.title })}
          </Button>
        ))}
      </form>
    </Entrance>
  )
}
