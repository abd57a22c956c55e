import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { BreakGlassBanner } from '../access/break-glass-banner.tsx'
import { useFeed } from '../api/use-feed.ts'
import { useWords } from '../i18n.ts'
import { Icon } from '../parts/icons.tsx'
import { useAccount } from '../parts/session-context.ts'
import { useKeys } from '../parts/use-keys.ts'
import { useRoleTitles } from '../parts/use-role-titles.ts'
import { KeysDialog } from './keys-dialog.tsx'
import { LanguageSwitch } from './language-switch.tsx'
import { Mark } from './mark.tsx'
import { useSignOut } from './use-sign-out.ts'
import { type Page, housePages, pages, workPages } from './pages.ts'

export function Shell({ organisation }: { organisation: string }) {
  const { t } = useWords()
  const account = useAccount()
  const titleOf = useRoleTitles()
  const navigate = useNavigate()
  const connected = useFeed()
  const [keysShown, setKeysShown] = useState(false)
  const allowed = ({ permission }: Page) => permission === null || account.may(permission)
  const mine = pages.filter(allowed)
  const house = housePages.filter(allowed)
  // Where one is signed in oneself is behind one's name: alone it makes no administration.
  const first = house.find((page) => page.permission !== null)
  const path = useRouterState({ select: (state) => state.location.pathname })
  const here = [...workPages, ...pages, ...housePages].find((page) => path.startsWith(page.to))
  const inHouse = house.some((page) => page === here)
  const title = here ? t(here.word) : ''
  useEffect(() => {
    document.title = title === '' ? 'Throughline' : `${title} · Throughline`
  }, [title])
  useKeys({
    '?': () => setKeysShown(true),
    ...Object.fromEntries(
      [...mine, ...workPages.filter(allowed), ...house].map((page) => [
        `g ${page.key}`,
        () => void navigate({ to: page.to }),
      ]),
    ),
  })
  const leave = useSignOut()
  return (
    <>
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      <header className="masthead">
        <Link to="/" className="brand" aria-label={`Throughline, ${organisation}`}>
          <Mark /> <span>Throughline</span>
        </Link>
        <nav aria-label={t('navigation')}>
          {mine.map((page) => (
            <Link
              key={page.to}
              to={page.to}
              activeProps={{ 'aria-current': 'page' }}
              activeOptions={{ includeSearch: false }}
            >
              {t(page.word)}
            </Link>
          ))}
          {first && (
            <Link to={first.to} aria-current={inHouse ? 'page' : undefined}>
              {t('house')}
            </Link>
          )}
        </nav>
        <div className="masthead-right">
          <span className="organisation quiet">{organisation}</span>
          <button
            type="button"
            className="plain-button"
            onClick={() => setKeysShown(true)}
            title={t('keys')}
            aria-label={t('keys')}
          >
            <Icon name="keys" size={18} />
          </button>
          <LanguageSwitch />
          <Link to="/account" className="who" title={account.roles.map(titleOf).join(', ')}>
            {account.name}
          </Link>
          <button type="button" className="plain-button" onClick={() => leave.mutate()}>
            {t('signOut')}
          </button>
        </div>
      </header>
      <OfflineLine connected={connected} />
      <BreakGlassBanner />
      {inHouse && house.length > 1 && (
        <nav className="tabs under" aria-label={t('house')}>
          {house.map((page) => (
            <Link key={page.to} to={page.to} aria-current={page === here ? 'page' : undefined}>
              {t(page.word)}
            </Link>
          ))}
        </nav>
      )}
      <main id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <KeysDialog opened={keysShown} onClose={() => setKeysShown(false)} />
    </>
  )
}

/** Says that the page may be old; only after a while, since a line that breaks is mostly back within a second. */
function OfflineLine({ connected }: { connected: boolean }) {
  const { t } = useWords()
  const [shown, setShown] = useState(false)
  useEffect(() => {
    if (connected) return setShown(false)
    const timer = setTimeout(() => setShown(true), 2_500)
    return () => clearTimeout(timer)
  }, [connected])
  return (
    <div role="status" className={shown ? 'offline-line' : 'unseen'}>
      {shown && (
        <>
          <Icon name="offline" /> {t('offline')}
        </>
      )}
    </div>
  )
}
