import { Button, Checkbox, Modal, PasswordInput, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { ProviderList } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { providersQuery } from '../api/identity-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { Listing } from '../parts/listing.tsx'
import { RoleChoice } from '../parts/role-choice.tsx'
import { useAct } from '../parts/use-act.ts'

type Provider = ProviderList['items'][number]

/** Sign-in by another house's OpenID Connect provider. */
export function Providers() {
  const { t } = useWords()
  const providers = useQuery(providersQuery)
  const [shown, setShown] = useState<Provider | 'new'>()
  return (
    <>
      <Listing
        title={t('providers')}
        hint={t('providersHint')}
        empty={t('noProviders')}
        query={providers}
        columns={[t('name'), t('issuer'), t('callback'), t('status'), '']}
        action={<Button onClick={() => setShown('new')}>{t('addProvider')}</Button>}
        row={(provider) => (
          <tr key={provider.id} data-testid="provider-row">
            <th scope="row">{provider.title}</th>
            <td>{provider.issuer}</td>
            <td>
              <code>{provider.callback}</code>
            </td>
            <td>{t(provider.disabled ? 'accountDisabled' : 'accountActive')}</td>
            <td className="end">
              <Button onClick={() => setShown(provider)}>{t('edit')}…</Button>
            </td>
          </tr>
        )}
      />
      {shown !== undefined && (
        <ProviderDialog {...(shown === 'new' ? {} : { provider: shown })} close={() => setShown(undefined)} />
      )}
    </>
  )
}

function ProviderDialog({ provider, close }: { provider?: Provider; close: () => void }) {
  const { t } = useWords()
  const [title, setTitle] = useState(provider?.title ?? '')
  const [issuer, setIssuer] = useState(provider?.issuer ?? '')
  const [clientId, setClientId] = useState(provider?.clientId ?? '')
  const [secret, setSecret] = useState('')
  const [byEmail, setByEmail] = useState(provider?.linkByEmail ?? true)
  const [creates, setCreates] = useState((provider?.createWithRoles ?? null) !== null)
  const [roles, setRoles] = useState<string[]>(provider?.createWithRoles ?? [])
  const [disabled, setDisabled] = useState(provider?.disabled ?? false)
  const save = useAct(
    () =>
      call(provider ? 'PUT' : 'POST', `/api/providers${provider ? `/${encodeURIComponent(provider.id)}` : ''}`, {
        title: title.trim(),
        issuer: issuer.trim(),
        clientId: clientId.trim(),
        ...(secret === '' ? {} : { clientSecret: secret }),
        linkByEmail: byEmail,
        createWithRoles: creates ? roles : null,
        disabled,
      }),
    { anew: [providersQuery.queryKey], done: close, quiet: true },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Modal
      opened
      onClose={close}
      title={provider ? provider.title : t('addProvider')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form className="form" onSubmit={submit} autoComplete="off">
        <FormFailure error={save.error} />
        <TextInput
          label={t('name')}
          required
          maxLength={120}
          data-autofocus
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <TextInput
          label={t('issuer')}
          type="url"
          required
          value={issuer}
          onChange={(event) => setIssuer(event.currentTarget.value)}
        />
        <TextInput
          label={t('clientId')}
          required
          value={clientId}
          onChange={(event) => setClientId(event.currentTarget.value)}
        />
        <PasswordInput
          label={t('clientSecret')}
          description={provider ? t('secretStays') : undefined}
          autoComplete="off"
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
        />
        <Checkbox
          size="xs"
          label={t('linkByEmail')}
          checked={byEmail}
          onChange={(event) => setByEmail(event.currentTarget.checked)}
        />
        <Checkbox
          size="xs"
          label={t('createsAccounts')}
          checked={creates}
          onChange={(event) => setCreates(event.currentTarget.checked)}
        />
        {creates && <RoleChoice of="people" chosen={roles} choose={setRoles} />}
        {provider && (
          <Checkbox
            size="xs"
            label={t('accountDisabled')}
            checked={disabled}
            onChange={(event) => setDisabled(event.currentTarget.checked)}
          />
        )}
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" disabled={creates && roles.length === 0} loading={save.isPending}>
            {t('save')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
