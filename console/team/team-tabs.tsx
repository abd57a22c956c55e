import { Link } from '@tanstack/react-router'
import { useWords } from '../i18n.ts'
import { useAccount } from '../parts/session-context.ts'

const pages = [
  { to: '/team', word: 'teamPeopleTab' },
  { to: '/team/coverage', word: 'team_coverage', may: 'work.manage' },
  { to: '/team/workload', word: 'team_workload' },
  { to: '/services', word: 'services' },
] as const

/** The pages about who does what: people, whether there are enough of them, and what they offer. */
export function TeamTabs({ shown }: { shown: (typeof pages)[number]['to'] }) {
  const { t } = useWords()
  const { may } = useAccount()
  const open = pages.filter((page) => !('may' in page) || may(page.may))
  return (
    <nav className="tabs" aria-label={t('views')}>
      {open.map(({ to, word }) => (
        <Link key={to} to={to} activeOptions={{ exact: true }} aria-current={shown === to ? 'true' : undefined}>
          {t(word)}
        </Link>
      ))}
    </nav>
  )
}
