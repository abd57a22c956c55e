import { Link } from '@tanstack/react-router'
import { useWords } from '../i18n.ts'

const pages = [
  { to: '/team', word: 'teamPeopleTab' },
  { to: '/services', word: 'services' },
] as const

/** The pages about who does what: people, and what they offer. */
export function TeamTabs({ shown }: { shown: (typeof pages)[number]['to'] }) {
  const { t } = useWords()
  return (
    <nav className="tabs" aria-label={t('views')}>
      {pages.map(({ to, word }) => (
        <Link key={to} to={to} aria-current={shown === to ? 'true' : undefined}>
          {t(word)}
        </Link>
      ))}
    </nav>
  )
}
