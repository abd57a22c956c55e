import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { accountsQuery, rolesQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Waiting } from '../parts/states.tsx'
import { AccountDialog } from './account-dialog.tsx'
import { Tokens } from './tokens.tsx'

export function PeoplePage() {
  const { t, either } = useWords()
  const accounts = useQuery(accountsQuery)
  const roles = useQuery(rolesQuery)
  const [adding, setAdding] = useState(false)
  const titleOf = (id: string) => {
    const role = roles.data?.items.find((one) => one.id === id)
    return role ? either(role.title) : id
  }
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('people')}</h1>
      </div>
      <section aria-label={t('accounts')}>
        <div className="section-head">
          <h2>
            {t('accounts')} {accounts.data && <span className="count">{accounts.data.items.length}</span>}
          </h2>
          <Button onClick={() => setAdding(true)}>{t('addAccount')}</Button>
        </div>
        {accounts.isPending && <Waiting />}
        {accounts.error && !accounts.data && <Failure error={accounts.error} retry={accounts.refetch} />}
        {accounts.data && (
          <div className="table-wrap" tabIndex={0} role="group" aria-label={t('accounts')}>
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">{t('name')}</th>
                  <th scope="col">{t('email')}</th>
                  <th scope="col">{t('roles')}</th>
                  <th scope="col">{t('language')}</th>
                  <th scope="col">{t('status')}</th>
                </tr>
              </thead>
              <tbody>
                {accounts.data.items.map((account) => (
                  <tr key={account.id}>
                    <th scope="row">{account.name}</th>
                    <td>{account.email}</td>
                    <td>{account.roles.map(titleOf).join(', ')}</td>
                    <td>{account.locale === 'fr' ? 'Français' : 'English'}</td>
                    <td>{t(account.disabled ? 'accountDisabled' : 'accountActive')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      <Tokens roles={roles.data?.items ?? []} titleOf={titleOf} />
      {adding && <AccountDialog roles={roles.data?.items ?? []} close={() => setAdding(false)} />}
    </div>
  )
}
