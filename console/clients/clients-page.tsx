import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Client, ClientMade, SigningKeyList } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { clientsQuery, keysQuery } from '../api/identity-queries.ts'
import { useWords } from '../i18n.ts'
import { Listing } from '../parts/listing.tsx'
import { SureDialog } from '../parts/sure-dialog.tsx'
import { ToldOnce } from '../parts/told-once.tsx'
import { useAct } from '../parts/use-act.ts'
import { ClientDialog } from './client-dialog.tsx'
import { Tokens } from './tokens.tsx'

/** Applications that may be let in, the tokens of programs, and the keys that we sign with. */
export function ClientsPage() {
  const { t } = useWords()
  return (
    <div className="page">
      <h1>{t('clients')}</h1>
      <Clients />
      <Tokens />
      <Keys />
    </div>
  )
}

function Clients() {
  const { t, date } = useWords()
  const clients = useQuery(clientsQuery)
  const [shown, setShown] = useState<Client | 'new'>()
  const [renewing, setRenewing] = useState<Client>()
  const renew = useAct((id: string) => call<ClientMade>('POST', `/api/clients/${encodeURIComponent(id)}/secret`), {
    anew: [clientsQuery.queryKey],
    quiet: true,
  })
  const change = useAct(
    ({ id, disabled }: Client) => call('PATCH', `/api/clients/${encodeURIComponent(id)}`, { disabled: !disabled }),
    { anew: [clientsQuery.queryKey] },
  )
  return (
    <>
      <Listing
        title={t('registered')}
        hint={t('clientsHint')}
        empty={t('noClients')}
        query={clients}
        columns={[t('name'), t('clientKind'), t('mayAsk'), t('made'), t('lastUsed'), t('status'), '']}
        action={<Button onClick={() => setShown('new')}>{t('addClient')}</Button>}
        row={(client) => (
          <tr key={client.id} data-testid="client-row">
            <th scope="row">
              {client.name}
              <br />
              <code className="quiet">{client.id}</code>
            </th>
            <td>{t(`client_${client.kind}`)}</td>
            <td className="wide">
              <code>{client.scope}</code>
            </td>
            <td className="number">{date(client.createdAt)}</td>
            <td className="number">{client.usedAt === null ? t('notYet') : date(client.usedAt)}</td>
            <td>{t(client.disabled ? 'accountDisabled' : 'accountActive')}</td>
            <td className="buttons end">
              <Button onClick={() => setShown(client)}>{t('edit')}…</Button>
              {client.authentication === 'secret' && (
                <Button onClick={() => setRenewing(client)}>{t('newSecret')}…</Button>
              )}
              <Button disabled={change.isPending} onClick={() => change.mutate(client)}>
                {t(client.disabled ? 'enable' : 'disable')}
              </Button>
            </td>
          </tr>
        )}
      />
      {shown !== undefined && (
        <ClientDialog
          key={shown === 'new' ? 'new' : shown.id}
          {...(shown === 'new' ? {} : { client: shown })}
          close={() => setShown(undefined)}
        />
      )}
      {renewing && renew.data?.secret != null ? (
        <ToldOnce
          title={t('newSecret')}
          label={renewing.name}
          secret={renew.data.secret}
          close={() => {
            renew.reset()
            setRenewing(undefined)
          }}
        />
      ) : (
        renewing && (
          <SureDialog
            title={`${t('newSecret')} · ${renewing.name}`}
            text={t('newSecretHint')}
            act={t('newSecret')}
            doing={{ ...renew, mutate: () => renew.mutate(renewing.id) }}
            close={() => setRenewing(undefined)}
          />
        )
      )}
    </>
  )
}

function Keys() {
  const { t, moment } = useWords()
  const keys = useQuery(keysQuery)
  const [sure, setSure] = useState(false)
  const renew = useAct(() => call<SigningKeyList>('POST', '/api/keys'), {
    anew: [keysQuery.queryKey],
    done: () => setSure(false),
    quiet: true,
  })
  return (
    <>
      <Listing
        title={t('signingKeys')}
        hint={t('signingKeysHint')}
        empty={t('noKeys')}
        query={keys}
        columns={[t('key'), t('algorithm'), t('made'), t('status')]}
        action={<Button onClick={() => setSure(true)}>{t('newKey')}…</Button>}
        row={(key) => (
          <tr key={key.id}>
            <th scope="row">
              <code>{key.id}</code>
            </th>
            <td>{key.algorithm}</td>
            <td className="number">{moment(key.createdAt)}</td>
            <td>
              {key.state === 'active' || key.retiredAt === null
                ? t('keyActive')
                : t('keyRetired', { at: moment(key.retiredAt) })}
            </td>
          </tr>
        )}
      />
      {sure && (
        <SureDialog
          title={t('newKey')}
          text={t('newKeyHint')}
          act={t('newKey')}
          doing={{ ...renew, mutate: () => renew.mutate() }}
          close={() => setSure(false)}
        />
      )}
    </>
  )
}
