import { Button, Checkbox } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { applicationsQuery, sessionsQuery } from '../api/identity-queries.ts'
import { useWords } from '../i18n.ts'
import { Listing } from '../parts/listing.tsx'
import { useAccount } from '../parts/session-context.ts'
import { useAct } from '../parts/use-act.ts'
import { Providers } from './providers.tsx'
import { SignInRules } from './sign-in-rules.tsx'

/** Where one is signed in and what one has let in; for administrators everybody's, and how people sign in. */
export function SessionsPage() {
  const { t } = useWords()
  const account = useAccount()
  const administrator = account.may('accounts.manage')
  const [everybody, setEverybody] = useState(false)
  return (
    <div className="page">
      <div className="page-head flat">
        <h1>{t('sessions')}</h1>
        {administrator && (
          <Checkbox
            size="xs"
            label={t('everybodys')}
            checked={everybody}
            onChange={(event) => setEverybody(event.currentTarget.checked)}
          />
        )}
      </div>
      <Sessions everybody={everybody} />
      <Applications everybody={everybody} />
      {administrator && (
        <>
          <SignInRules />
          <Providers />
        </>
      )}
    </div>
  )
}

function Sessions({ everybody }: { everybody: boolean }) {
  const { t, moment } = useWords()
  const sessions = useQuery(sessionsQuery(everybody))
  const end = useAct((id: string) => call('DELETE', `/api/sessions/${encodeURIComponent(id)}`), {
    anew: [['sessions']],
  })
  return (
    <Listing
      title={t('openSessions')}
      empty={t('noSessions')}
      query={sessions}
      columns={[t('name'), t('device'), t('networkAddress'), t('signInWay'), t('began'), t('lastSeen'), t('ends'), '']}
      row={(session) => (
        <tr key={session.id} data-testid="session-row">
          <th scope="row">{session.account.name}</th>
          <td>{session.device}</td>
          <td className="number">{session.address}</td>
          <td>{t(`way_${session.way}`)}</td>
          <td className="number">{moment(session.createdAt)}</td>
          <td className="number">{moment(session.seenAt)}</td>
          <td className="number">{moment(session.endsAt)}</td>
          <td className="end">
            {session.current ? (
              <span className="quiet">{t('thisSession')}</span>
            ) : (
              <Button disabled={end.isPending} onClick={() => end.mutate(session.id)}>
                {t('endSession')}
              </Button>
            )}
          </td>
        </tr>
      )}
    />
  )
}

function Applications({ everybody }: { everybody: boolean }) {
  const { t, moment } = useWords()
  const applications = useQuery(applicationsQuery(everybody))
  const end = useAct((id: string) => call('DELETE', `/api/applications/${encodeURIComponent(id)}`), {
    anew: [['applications']],
  })
  return (
    <Listing
      title={t('letIn')}
      hint={t('letInHint')}
      empty={t('noApplications')}
      query={applications}
      columns={[t('application'), t('letInBy'), t('scope'), t('since'), t('lastUsed'), '']}
      row={(one) => (
        <tr key={one.id} data-testid="application-row">
          <th scope="row">{one.client.name}</th>
          <td>{one.account.name}</td>
          <td className="wide">
            <code>{one.scopes.join(' ')}</code>
          </td>
          <td className="number">{moment(one.since)}</td>
          <td className="number">{moment(one.usedAt)}</td>
          <td className="end">
            <Button disabled={end.isPending} onClick={() => end.mutate(one.id)}>
              {t('revoke')}
            </Button>
          </td>
        </tr>
      )}
    />
  )
}
