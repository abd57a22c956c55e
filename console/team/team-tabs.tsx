import { Link } from '@tanstack/react-router'
import { useWords } from '../i18n.ts'
import { useAccount } from '../parts/session-context.ts'

const pages = [
  { to: '/team', word: 'teamPeopleTab', permission: 'work.read' },
  { to: '/team/coverage', word: 'team_coverage', permission: 'work.manage' },
  { to: '/team/workload', word: 'team_workload', permission: 'work.read' },
  { to: '/team/levels', word: 'team_levels', permission: 'work.read' },
  { to: '/services', word: 'services', permission: 'pathways.read' },
  { to: '/overrides', word: 'overrides', permission: 'work.manage' },
] as const

/** The pages about who does what: people, whether there are enough of them, and what they offer. */
export function TeamTabs({ shown }: { shown: (typeof pages)[number]['to'] }) {
  const { t } = useWords()
  const { may } = useAccount()
  return (
    <nav className="tabs" aria-label={t('views')}>
      {pages
        .filter(({ permission }) => may(permission))
        .map(({ to, word }) => (
          <Link key={to} to={to} activeOptions={{ exact: true }} aria-current={shown === to ? 'true' : undefined}>
            {t(word)}
          </Link>
        ))}
    </nav>
  )
}
