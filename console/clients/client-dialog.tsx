import { Button, Checkbox, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { Client, ClientMade } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { clientsQuery } from '../api/identity-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { RoleChoice } from '../parts/role-choice.tsx'
import { ToldOnce } from '../parts/told-once.tsx'
import { useAct } from '../parts/use-act.ts'

const kinds = ['public', 'confidential', 'backend'] as const
const usualScope: Readonly<Record<Client['kind'], string>> = {
  public: 'launch/patient openid fhirUser patient/*.rs',
  confidential: 'launch openid fhirUser offline_access user/*.rs',
  backend: 'system/*.rs',
}
const lines = (text: string): string[] => text.split(/\s+/).filter((line) => line !== '')

/** What an application is and may ask for. Its kind is settled when it is made. */
export function ClientDialog({ client, close }: { client?: Client; close: () => void }) {
  const { t } = useWords()
  const [name, setName] = useState(client?.name ?? '')
  const [kind, setKind] = useState<Client['kind']>(client?.kind ?? 'public')
  const [proof, setProof] = useState<'secret' | 'private-key'>(
    client?.authentication === 'private-key' ? 'private-key' : 'secret',
  )
  const [redirects, setRedirects] = useState(client?.redirectUris.join('\n') ?? '')
  const [launch, setLaunch] = useState(client?.launchUri ?? '')
  const [scope, setScope] = useState(client?.scope ?? usualScope.public)
  const [roles, setRoles] = useState<string[]>(client?.roles ?? [])
  const [jwksUri, setJwksUri] = useState(client?.jwksUri ?? '')
  const [jwks, setJwks] = useState(client?.jwks ? JSON.stringify(client.jwks, undefined, 2) : '')
  const [trusted, setTrusted] = useState(client?.trusted ?? false)
  const [introspects, setIntrospects] = useState(client?.introspects ?? false)
  const signs = kind === 'backend' || (kind === 'confidential' && proof === 'private-key')
  const keys = readKeys(jwks)
  const save = useAct(
    () => {
      const given = {
        name: name.trim(),
        redirectUris: kind === 'backend' ? [] : lines(redirects),
        launchUri: launch.trim() === '' || kind === 'backend' ? null : launch.trim(),
        scope: scope.trim(),
        roles: kind === 'backend' ? roles : [],
        jwksUri: signs && jwksUri.trim() !== '' ? jwksUri.trim() : null,
        jwks: signs ? (keys ?? null) : null,
        trusted,
        introspects,
      }
      return client
        ? call<ClientMade | undefined>('PATCH', `/api/clients/${encodeURIComponent(client.id)}`, given)
        : call<ClientMade>('POST', '/api/clients', {
            ...given,
            kind,
            ...(kind === 'confidential' ? { authentication: proof } : {}),
          })
    },
    {
      anew: [clientsQuery.queryKey],
      quiet: true,
      // A secret is shown first; the id of what has none stands in the list.
      done: (told) => {
        if (client || told?.secret == null) close()
      },
    },
  )
  const made = client ? undefined : save.data
  if (made?.secret != null)
    return (
      <ToldOnce
        title={name}
        label={t('clientSecret')}
        secret={made.secret}
        beside={{ label: t('clientId'), value: made.id }}
        close={close}
      />
    )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={client ? client.name : t('addClient')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form className="form" onSubmit={submit}>
        <FormFailure error={save.error} />
        <TextInput
          label={t('name')}
          required
          maxLength={120}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {!client && (
          <NativeSelect
            label={t('clientKind')}
            value={kind}
            data={kinds.map((one) => ({ value: one, label: `${t(`client_${one}`)}: ${t(`client_${one}_hint`)}` }))}
            onChange={(event) => {
              const chosen = kinds.find((one) => one === event.currentTarget.value) ?? 'public'
              if (scope === usualScope[kind]) setScope(usualScope[chosen])
              setKind(chosen)
            }}
          />
        )}
        {!client && kind === 'confidential' && (
          <NativeSelect
            label={t('clientProof')}
            value={proof}
            data={[
              { value: 'secret', label: t('proof_secret') },
              { value: 'private-key', label: t('proof_private-key') },
            ]}
            onChange={(event) => setProof(event.currentTarget.value === 'secret' ? 'secret' : 'private-key')}
          />
        )}
        <Textarea
          label={t('scope')}
          description={t('scopeHint')}
          required
          autosize
          minRows={2}
          maxLength={4_000}
          styles={{ input: { fontFamily: 'monospace' } }}
          value={scope}
          onChange={(event) => setScope(event.currentTarget.value)}
        />
        {kind !== 'backend' && (
          <>
            <Textarea
              label={t('redirectUris')}
              description={t('onePerLine')}
              required
              autosize
              minRows={2}
              value={redirects}
              onChange={(event) => setRedirects(event.currentTarget.value)}
            />
            <TextInput
              label={t('launchUri')}
              description={t('launchUriHint')}
              type="url"
              value={launch}
              onChange={(event) => setLaunch(event.currentTarget.value)}
            />
          </>
        )}
        {signs && (
          <>
            <TextInput
              label={t('jwksUri')}
              type="url"
              value={jwksUri}
              onChange={(event) => setJwksUri(event.currentTarget.value)}
            />
            <Textarea
              label={t('jwks')}
              description={t('jwksHint')}
              autosize
              minRows={3}
              maxRows={10}
              styles={{ input: { fontFamily: 'monospace' } }}
              error={keys === undefined ? t('notJwks') : undefined}
              value={jwks}
              onChange={(event) => setJwks(event.currentTarget.value)}
            />
          </>
        )}
        {kind === 'backend' && (
          <RoleChoice of="programs" chosen={roles} choose={setRoles} description={t('clientRolesHint')} />
        )}
        {kind !== 'backend' && (
          <Checkbox
            size="xs"
            label={t('trusted')}
            checked={trusted}
            onChange={(event) => setTrusted(event.currentTarget.checked)}
          />
        )}
        <Checkbox
          size="xs"
          label={t('introspects')}
          checked={introspects}
          onChange={(event) => setIntrospects(event.currentTarget.checked)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" disabled={keys === undefined} loading={save.isPending}>
            {t(client ? 'save' : 'addClient')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

/** Keys as they were pasted: null for none, undefined for what is not a set of keys. */
function readKeys(text: string): { keys: unknown[] } | null | undefined {
  if (text.trim() === '') return null
  try {
    const read: unknown = JSON.parse(text)
    return typeof read === 'object' && read !== null && 'keys' in read && Array.isArray(read.keys)
      ? { keys: read.keys }
      : undefined
  } catch {
    return undefined
  }
}
