import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { myAccountQuery } from '../api/identity-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Waiting } from '../parts/states.tsx'
import { AuthenticatorApp } from './authenticator-app.tsx'
import { Passkeys } from './passkeys.tsx'
import { PasswordForm } from './password-form.tsx'

/** How one proves who one is: password, authenticator app, passkeys, providers. */
export function AccountPage() {
  const { t, moment } = useWords()
  const mine = useQuery(myAccountQuery)
  const { data } = mine
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('myAccount')}</h1>
        <Link to="/sessions">{t('openSessions')}</Link>
      </div>
      {mine.isPending && <Waiting lines={6} />}
      {mine.error && !data && <Failure error={mine.error} retry={mine.refetch} />}
      {data && (
        <>
          <p className="quiet lead">
            {data.name} · {data.email}
          </p>
          {data.hasPassword && <PasswordForm />}
          <AuthenticatorApp account={data} />
          {data.passkeysPossible ? (
            <Passkeys account={data} />
          ) : (
            <section aria-label={t('passkeys')}>
              <div className="section-head">
                <h2>{t('passkeys')}</h2>
              </div>
              <p className="quiet">{t('passkeysUnavailable')}</p>
            </section>
          )}
          {data.providers.length > 0 && (
            <section aria-label={t('providers')}>
              <div className="section-head">
                <h2>{t('providers')}</h2>
              </div>
              <ul>
                {data.providers.map((provider) => (
                  <li key={provider.id}>
                    {provider.title} · {moment(provider.linkedAt)}
                  </li>
                ))}
              </ul>
            </section>
          )}
        </>
      )}
    </div>
  )
}
