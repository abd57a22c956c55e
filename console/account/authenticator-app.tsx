import { Button, Modal, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { MyAccount, RecoveryCodes, TotpBegun } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { myAccountQuery } from '../api/identity-queries.ts'
import { useWords } from '../i18n.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'

const anew = [myAccountQuery.queryKey]

/** The authenticator app and the recovery codes. `done`: after one was set up and its codes were read. */
export function AuthenticatorApp({ account, done }: { account: MyAccount; done?: () => unknown }) {
  const { t, moment } = useWords()
  const [begun, setBegun] = useState<TotpBegun>()
  const [codes, setCodes] = useState<string[]>()
  const begin = useAct(() => call<TotpBegun>('POST', '/api/account/totp'), { anew: [] })
  const remove = useAct(() => call('DELETE', '/api/account/totp'), { anew })
  const renew = useAct(() => call<RecoveryCodes>('POST', '/api/account/recovery-codes'), { anew })
  const protectedNow = account.totp !== null || account.passkeys.length > 0
  return (
    <section aria-label={t('authenticator')}>
      <div className="section-head">
        <h2>{t('authenticator')}</h2>
        <Button
          loading={begin.isPending}
          onClick={() => begin.mutate(undefined, { onSuccess: (started) => setBegun(started) })}
        >
          {t(account.totp ? 'setUpAnew' : 'setUp')}
        </Button>
        {account.totp && (
          <Button loading={remove.isPending} onClick={() => remove.mutate()}>
            {t('remove')}
          </Button>
        )}
      </div>
      <p className="quiet lead">
        {account.totp ? t('authenticatorSince', { when: moment(account.totp.since) }) : t('authenticatorHint')}
      </p>
      {protectedNow && (
        <p>
          {t('recoveryLeft', { count: account.recoveryCodesLeft })}{' '}
          <Button
            loading={renew.isPending}
            onClick={() => renew.mutate(undefined, { onSuccess: ({ codes: made }) => setCodes(made) })}
          >
            {t('recoveryRenew')}
          </Button>
        </p>
      )}
      {begun && (
        <TotpDialog
          begun={begun}
          close={() => setBegun(undefined)}
          done={(made) => {
            setBegun(undefined)
            setCodes(made)
          }}
        />
      )}
      {codes && (
        <CodesDialog
          codes={codes}
          close={() => {
            setCodes(undefined)
            void done?.()
          }}
        />
      )}
    </section>
  )
}

function TotpDialog({ begun, close, done }: { begun: TotpBegun; close: () => void; done: (codes: string[]) => void }) {
  const { t } = useWords()
  const [code, setCode] = useState('')
  const confirm = useMutation({
    mutationFn: () =>
      call<RecoveryCodes>('POST', '/api/account/totp/confirm', { ticket: begun.ticket, code: code.trim() }),
    onSuccess: ({ codes }) => done(codes),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    confirm.mutate()
  }
  return (
    <Modal
      opened
      onClose={close}
      closeOnClickOutside={false}
      title={t('authenticator')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form className="form" onSubmit={submit} autoComplete="off">
        <FormFailure error={confirm.error} />
        <p>{t('totpScan')}</p>
        <img
          className="qr"
          alt={t('totpQr')}
          width={200}
          height={200}
          src={`data:image/svg+xml,${encodeURIComponent(begun.qr)}`}
        />
        <TextInput
          label={t('totpSecret')}
          readOnly
          value={begun.secret.replace(/(.{4})(?=.)/g, '$1 ')}
          styles={{ input: { fontFamily: 'monospace' } }}
        />
        <TextInput
          label={t('totpCode')}
          autoComplete="one-time-code"
          inputMode="numeric"
          required
          data-autofocus
          maxLength={7}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" loading={confirm.isPending}>
            {t('setUp')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

function CodesDialog({ codes, close }: { codes: string[]; close: () => void }) {
  const { t } = useWords()
  return (
    <Modal
      opened
      onClose={close}
      closeOnClickOutside={false}
      title={t('recoveryCodes')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <div className="form">
        <p>{t('recoveryHint')}</p>
        <ul className="codes" aria-label={t('recoveryCodes')}>
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
        <div className="form-end">
          <CopyButton text={codes.join('\n')} />
          <Button variant="filled" onClick={close} data-autofocus>
            {t('recoveryKept')}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
