import { useQuery } from '@tanstack/react-query'
import { Link, Navigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { sessionQuery } from '../api/queries.ts'
import { ConfirmDialog } from '../account/confirm-dialog.tsx'
import { speak, useWords } from '../i18n.ts'
import { aheadOf } from '../parts/clock.ts'
import { ClockProvider } from '../parts/clock-provider.tsx'
import { Failure } from '../parts/failure.tsx'
import { AccountContext, useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { housePages, pages } from './pages.ts'
import { MustSetUp } from './must-set-up.tsx'
import { SetUp } from './set-up.tsx'
import { Shell } from './shell.tsx'
import { SignIn } from './sign-in.tsx'

/** Decides what there is to see: the first set-up, the sign-in, or the console in the account's language. */
export function App() {
  const session = useQuery(sessionQuery)
  const { language } = useWords()
  const wanted = session.data?.account?.locale
  const [ahead, setAhead] = useState(0)
  useEffect(() => {
    if (wanted !== undefined && wanted !== language) void speak(wanted)
  }, [wanted, language])
  const told = session.data?.now
  useEffect(() => {
    if (told !== undefined) setAhead(aheadOf(told))
  }, [told])
  if (session.isPending)
    return (
      <main className="alone">
        <Waiting lines={3} />
      </main>
    )
  if (!session.data)
    return (
      <main className="alone">
        <Failure error={session.error} retry={session.refetch} />
      </main>
    )
  const { setupNeeded, account, sign, tenant, zone } = session.data
  if (setupNeeded) return <SetUp />
  if (!account) return <SignIn />
  if (account.locale !== language) return null
  return (
    <ClockProvider zone={zone} ahead={ahead}>
      <AccountContext value={account}>
        {sign?.mustSetUp ? <MustSetUp /> : <Shell organisation={tenant?.name ?? ''} />}
        <ConfirmDialog />
      </AccountContext>
    </ClockProvider>
  )
}

/** The first page that the account may see; for most, their work. */
export function FirstPage() {
  const { may } = useAccount()
  const { t } = useWords()
  const page = [...pages, ...housePages].find((one) => one.permission !== null && may(one.permission))
  return page ? <Navigate to={page.to} replace /> : <Empty title={t('noPages')} hint={t('noPagesHint')} />
}

export function NoSuchPage() {
  const { t } = useWords()
  return (
    <Empty title={t('noSuchPage')}>
      <Link to="/">{t('toStart')}</Link>
    </Empty>
  )
}
