import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AccountList } from '../../src/contracts/index.ts'
import { accountsQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Listing } from '../parts/listing.tsx'
import { useRoleTitles } from '../parts/use-role-titles.ts'
import { AccountChange } from './account-change.tsx'
import { AccountDialog } from './account-dialog.tsx'

export function PeoplePage() {
  const { t } = useWords()
  const accounts = useQuery(accountsQuery)
  const titleOf = useRoleTitles()
  const [shown, setShown] = useState<AccountList['items'][number] | 'new'>()
  return (
    <div className="page">
      <h1>{t('people')}</h1>
      <Listing
        title={t('accounts')}
        empty={t('noAccounts')}
        query={accounts}
        columns={[t('name'), t('email'), t('roles'), t('language'), t('status'), '']}
        action={<Button onClick={() => setShown('new')}>{t('addAccount')}</Button>}
        row={(account) => (
          <tr key={account.id} data-testid="account-row">
            <th scope="row">{account.name}</th>
            <td>{account.email}</td>
            <td>{account.roles.map(titleOf).join(', ')}</td>
            <td>{account.locale === 'fr' ? 'Français' : 'English'}</td>
            <td>
              <span className={account.disabled ? 'tag bad' : ''}>
                {t(account.disabled ? 'accountDisabled' : 'accountActive')}
              </span>
            </td>
            <td className="end">
              <Button onClick={() => setShown(account)}>{t('edit')}…</Button>
            </td>
          </tr>
        )}
      />
      {shown === 'new' && <AccountDialog close={() => setShown(undefined)} />}
      {shown !== undefined && shown !== 'new' && <AccountChange account={shown} close={() => setShown(undefined)} />}
    </div>
  )
}
