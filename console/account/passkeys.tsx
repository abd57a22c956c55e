import { Button, Modal, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { MyAccount } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { myAccountQuery } from '../api/identity-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'
import { makePasskey } from './passkey-calls.ts'

const anew = [myAccountQuery.queryKey]

/** Passkeys: kept by the phone, the computer or a security key, unlocked by finger, face or PIN. */
export function Passkeys({ account, done }: { account: MyAccount; done?: () => unknown }) {
  const { t, moment } = useWords()
  const [adding, setAdding] = useState(false)
  const remove = useAct((id: string) => call('DELETE', `/api/account/passkeys/${encodeURIComponent(id)}`), { anew })
  return (
    <section aria-label={t('passkeys')}>
      <div className="section-head">
        <h2>
          {t('passkeys')} <span className="count">{account.passkeys.length}</span>
        </h2>
        <Button onClick={() => setAdding(true)}>{t('addPasskey')}</Button>
      </div>
      <p className="quiet lead">{t('passkeysHint')}</p>
      {account.passkeys.length > 0 && (
        <div className="table-wrap" tabIndex={0} role="group" aria-label={t('passkeys')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t('name')}</th>
                <th scope="col">{t('made')}</th>
                <th scope="col">{t('lastUsed')}</th>
                <th scope="col">
                  <span className="unseen">{t('acts')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {account.passkeys.map((passkey) => (
                <tr key={passkey.id} data-testid="passkey-row">
                  <th scope="row">{passkey.name}</th>
                  <td className="number">{moment(passkey.createdAt)}</td>
                  <td className="number">{passkey.usedAt === null ? '—' : moment(passkey.usedAt)}</td>
                  <td className="end">
                    <Button disabled={remove.isPending} onClick={() => remove.mutate(passkey.id)}>
                      {t('remove')}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {adding && <AddDialog close={() => setAdding(false)} done={done} />}
    </section>
  )
}

function AddDialog({ close, done }: { close: () => void; done: (() => unknown) | undefined }) {
  const { t } = useWords()
  const [name, setName] = useState('')
  const add = useAct(() => makePasskey(name.trim()), {
    anew,
    quiet: true,
    done: () => {
      close()
      void done?.()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('addPasskey')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit} autoComplete="off">
        <FormFailure error={add.error} />
        <TextInput
          label={t('passkeyName')}
          description={t('passkeyNameHint')}
          required
          maxLength={120}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" loading={add.isPending}>
            {t('continue')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
