import { Button, Checkbox, Modal, NativeSelect, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { RoleList, TokenMade } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { tokensQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'

const days = [30, 90, 365]

/** Makes a token and shows it once. */
export function TokenDialog({ roles, close }: { roles: RoleList['items']; close: () => void }) {
  const { t, either } = useWords()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<string[]>([])
  const [lasts, setLasts] = useState('90')
  const make = useMutation({
    mutationFn: () =>
      call<TokenMade>('POST', '/api/tokens', {
        name: name.trim(),
        roles: chosen,
        ...(lasts === '' ? {} : { days: Number(lasts) }),
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  if (make.data)
    return (
      <Modal
        opened
        onClose={close}
        closeOnClickOutside={false}
        title={t('makeToken')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <div className="form">
          <TextInput
            label={name}
            description={t('tokenOnce')}
            readOnly
            value={make.data.token}
            data-autofocus
            onFocus={(event) => event.currentTarget.select()}
            styles={{ input: { fontFamily: 'monospace' } }}
          />
          <div className="form-end">
            {/* The clipboard is there on https and on this machine only. */}
            {typeof navigator.clipboard?.writeText === 'function' && (
              <Button onClick={() => void navigator.clipboard.writeText(make.data.token)}>{t('copy')}</Button>
            )}
            <Button variant="filled" onClick={close}>
              {t('close')}
            </Button>
          </div>
        </div>
      </Modal>
    )
  return (
    <Modal opened onClose={close} title={t('makeToken')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={make.error} />
        <TextInput
          label={t('tokenName')}
          required
          maxLength={120}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox.Group label={t('roles')} value={chosen} onChange={setChosen}>
          <div className="checks">
            {roles
              .toSorted((a, b) => Number(b.id.startsWith('client-')) - Number(a.id.startsWith('client-')))
              .map((role) => (
                <Checkbox key={role.id} value={role.id} label={either(role.title)} size="xs" />
              ))}
          </div>
        </Checkbox.Group>
        <NativeSelect
          label={t('tokenLasts')}
          value={lasts}
          onChange={(event) => setLasts(event.currentTarget.value)}
          data={[
            ...days.map((n) => ({ value: String(n), label: t('days', { count: n }) })),
            { value: '', label: t('never') },
          ]}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button
            type="submit"
            variant="filled"
            disabled={chosen.length === 0 || name.trim() === ''}
            loading={make.isPending}
          >
            {t('makeToken')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
