import { Button, Modal, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { call } from '../api/call.ts'
import { accountsQuery, peopleQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { RoleChoice } from '../parts/role-choice.tsx'

const empty = { name: '', email: '', password: '', practitioner: '' }

export function AccountDialog({ close }: { close: () => void }) {
  const { t } = useWords()
  const queries = useQueryClient()
  const [given, setGiven] = useState(empty)
  const [chosen, setChosen] = useState<string[]>([])
  const add = useMutation({
    mutationFn: ({ practitioner, ...rest }: typeof empty) =>
      call('POST', '/api/accounts', {
        ...rest,
        roles: chosen,
        ...(practitioner.trim() === '' ? {} : { practitioner: practitioner.trim() }),
      }),
    async onSuccess() {
      await Promise.all([
        queries.invalidateQueries({ queryKey: accountsQuery.queryKey }),
        queries.invalidateQueries({ queryKey: peopleQuery.queryKey }),
      ])
      close()
    },
  })
  const field = (name: keyof typeof empty) => ({
    value: given[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget
      setGiven((before) => ({ ...before, [name]: value }))
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate(given)
  }
  return (
    <Modal opened onClose={close} title={t('addAccount')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit} autoComplete="off">
        <FormFailure error={add.error} />
        <TextInput label={t('name')} required maxLength={120} data-autofocus {...field('name')} />
        <TextInput label={t('email')} type="email" required maxLength={200} {...field('email')} />
        <PasswordInput
          label={t('firstPassword')}
          description={t('passwordRule')}
          required
          minLength={12}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
          {...field('password')}
        />
        <RoleChoice of="people" chosen={chosen} choose={setChosen} />
        <TextInput
          label={t('practitioner')}
          description={t('practitionerHint')}
          placeholder="Practitioner/…"
          pattern="Practitioner/[A-Za-z0-9.\-]{1,64}"
          {...field('practitioner')}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" disabled={chosen.length === 0} loading={add.isPending}>
            {t('addAccount')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
