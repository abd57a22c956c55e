import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { Entrance } from './entrance.tsx'

const empty = { organisation: '', name: '', email: '', password: '' }

/** The first run: the organisation and its first administrator. */
export function SetUp() {
  const { t, language } = useWords()
  const queries = useQueryClient()
  const [given, setGiven] = useState(empty)
  const make = useMutation({
    mutationFn: async () => {
      await call('POST', '/api/setup', given)
      // The account begins in the language this page was read in.
      await call('PATCH', '/api/session', { locale: language })
    },
    onSuccess: () => queries.invalidateQueries(),
  })
  const field = (name: keyof typeof empty) => ({
    name,
    value: given[name],
    required: true,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget
      setGiven((before) => ({ ...before, [name]: value }))
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <Entrance title={t('setupTitle')} lead={t('setupLead')}>
      <form onSubmit={submit}>
        <FormFailure error={make.error} />
        <TextInput label={t('organisation')} autoComplete="organization" autoFocus {...field('organisation')} />
        <TextInput label={t('yourName')} autoComplete="name" {...field('name')} />
        <TextInput label={t('email')} type="email" autoComplete="username" {...field('email')} />
        <PasswordInput
          label={t('password')}
          description={t('passwordRule')}
          minLength={12}
          autoComplete="new-password"
          {...field('password')}
          visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
        />
        <Button type="submit" variant="filled" size="sm" fullWidth loading={make.isPending}>
          {t('setupDo')}
        </Button>
      </form>
    </Entrance>
  )
}
