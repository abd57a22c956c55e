import { Button, Checkbox, Modal, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { AccountList } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { accountsQuery, peopleQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { RoleChoice } from '../parts/role-choice.tsx'
import { useAct } from '../parts/use-act.ts'

/** Changes what somebody is called and may do, or shuts them out. */
export function AccountChange({ account, close }: { account: AccountList['items'][number]; close: () => void }) {
  const { t } = useWords()
  const [name, setName] = useState(account.name)
  const [roles, setRoles] = useState(account.roles)
  const [disabled, setDisabled] = useState(account.disabled)
  const save = useAct(
    () => call('PATCH', `/api/accounts/${encodeURIComponent(account.id)}`, { name: name.trim(), roles, disabled }),
    { anew: [accountsQuery.queryKey, peopleQuery.queryKey, ['sessions']], done: close, quiet: true },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Modal opened onClose={close} title={account.email} closeButtonProps={{ 'aria-label': t('close') }}>
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
        <RoleChoice of="people" chosen={roles} choose={setRoles} />
        <Checkbox
          size="xs"
          label={t('accountDisabled')}
          description={t('disableHint')}
          checked={disabled}
          onChange={(event) => setDisabled(event.currentTarget.checked)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button
            type="submit"
            variant="filled"
            disabled={roles.length === 0 || name.trim() === ''}
            loading={save.isPending}
          >
            {t('save')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
