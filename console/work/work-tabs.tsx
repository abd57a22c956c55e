import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { workCountsQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'

const lists = ['mine', 'queue', 'all', 'unowned', 'done'] as const

/** The lists of work, and the pages beside them. */
export function WorkTabs({ shown }: { shown: (typeof lists)[number] | 'queues' | 'watched' | undefined }) {
  const { t } = useWords()
  const { data: counts } = useQuery(workCountsQuery)
  const count = (name: string) => (name === 'mine' ? counts?.mine : name === 'queue' ? counts?.queue : undefined)
  return (
    <nav className="tabs" aria-label={t('lists')}>
      {lists.map((name) => (
        <Link
          key={name}
          to="/work"
          search={{ list: name }}
          activeOptions={{ exact: true }}
          aria-current={name === shown ? 'true' : undefined}
        >
          {t(name)} {count(name) !== undefined && <span className="count">{count(name)}</span>}
        </Link>
      ))}
      <Link to="/work/queues" aria-current={shown === 'queues' ? 'true' : undefined}>
        {t('teamQueues')}
      </Link>
      <Link to="/work/watched" aria-current={shown === 'watched' ? 'true' : undefined}>
        {t('watched')}
      </Link>
      <Link to="/lists">{t('waitingLists')}</Link>
    </nav>
  )
}
