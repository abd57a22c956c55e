import { Button, Modal, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { TokenMade } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { tokensQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { RoleChoice } from '../parts/role-choice.tsx'
import { ToldOnce } from '../parts/told-once.tsx'
import { useAct } from '../parts/use-act.ts'

const days = [30, 90, 365]

/** Makes a token and shows it once. */
export function TokenDialog({ close }: { close: () => void }) {
  const { t } = useWords()
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<string[]>([])
  const [lasts, setLasts] = useState('90')
  const make = useAct(
    () =>
      call<TokenMade>('POST', '/api/tokens', {
        name: name.trim(),
        roles: chosen,
        ...(lasts === '' ? {} : { days: Number(lasts) }),
      }),
    { anew: [tokensQuery.queryKey], quiet: true },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  if (make.data) return <ToldOnce title={t('makeToken')} label={name} secret={make.data.token} close={close} />
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
        <RoleChoice of="programs" chosen={chosen} choose={setChosen} />
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
