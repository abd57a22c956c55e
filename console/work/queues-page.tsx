import '../styles/queues.css'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import type { Bounded, TeamQueues } from '../../src/contracts/index.ts'
import { teamQueuesQuery } from '../api/queue-queries.ts'
import { useWords } from '../i18n.ts'
import { useBounded } from '../parts/bounded.tsx'
import { Listing } from '../parts/listing.tsx'
import { useKeys } from '../parts/use-keys.ts'
import type { Conditions } from './filter-words.ts'
import { WorkTabs } from './work-tabs.tsx'

type Counts = Pick<TeamQueues['roles'][number], 'open' | 'unowned' | 'atRisk' | 'breached'>

/** The queue of each role and place: every number leads to its tasks, and a digit to a queue. */
export function QueuesPage() {
  const { t, either } = useWords()
  const navigate = useNavigate()
  const queues = useQuery(teamQueuesQuery)
  // One's own first; those with nothing in them last.
  const roles = (queues.data?.roles ?? []).toSorted(
    (a, b) => Number(b.mine) - Number(a.mine) || Number(b.open.count > 0) - Number(a.open.count > 0),
  )
  useKeys(
    Object.fromEntries(
      roles
        .slice(0, 9)
        .map(({ role }, index) => [
          String(index + 1),
          () => void navigate({ to: '/work', search: { list: 'queue', role } }),
        ]),
    ),
  )
  const columns = [t('openTasks'), t('unowned'), t('levelIs_at-risk'), t('levelIs_breached')]
  const state = { error: queues.error, isPending: queues.isPending, refetch: queues.refetch }
  return (
    <>
      <div className="page-head">
        <h1>{t('teamQueues')}</h1>
        <WorkTabs shown="queues" />
      </div>
      <div className="page queues">
        <Listing
          title={t('queuesByRole')}
          hint={t('teamQueuesHint')}
          empty={t('noQueues')}
          query={{ ...state, data: queues.data && { items: roles } }}
          columns={[t('role'), ...columns]}
          row={(one) => (
            <tr key={one.role} data-testid="queue-row">
              <th scope="row">
                {roles.indexOf(one) < 9 && <kbd aria-hidden="true">{roles.indexOf(one) + 1}</kbd>}{' '}
                <Link to="/work" search={{ list: 'queue', role: one.role }}>
                  {either(one.title)}
                </Link>{' '}
                {one.mine && <span className="tag">{t('yours')}</span>}
              </th>
              <Numbers
                counts={one}
                open={{ list: 'all', role: one.role }}
                unowned={{ list: 'queue', role: one.role }}
                level={(level) => ({ list: 'all', role: one.role, level })}
              />
            </tr>
          )}
        />
        <Listing
          title={t('queuesByPlace')}
          hint={t('placesHint')}
          empty={t('noPlaces')}
          query={{ ...state, data: queues.data && { items: queues.data.places } }}
          columns={[t('patientPlace'), ...columns]}
          row={(one) => (
            <tr key={one.place} data-testid="place-row">
              <th scope="row">
                <Link to="/work" search={{ list: 'all', place: one.place }}>
                  {either(one.title)}
                </Link>
              </th>
              <Numbers
                counts={one}
                open={{ list: 'all', place: one.place }}
                unowned={{ list: 'unowned', place: one.place }}
                level={(level) => ({ list: 'all', place: one.place, level })}
              />
            </tr>
          )}
        />
      </div>
    </>
  )
}

type Search = Conditions & { list: 'all' | 'queue' | 'unowned' }

function Numbers({
  counts,
  open,
  unowned,
  level,
}: {
  counts: Counts
  open: Search
  unowned: Search
  level: (level: 'at-risk' | 'breached') => Search
}) {
  const say = useBounded()
  const cell = (of: Bounded, search: Search, bad: boolean) => (
    <td className="number">
      {of.count === 0 ? (
        <span className="quiet">–</span>
      ) : (
        <Link to="/work" search={search} className="count" data-bad={bad}>
          {say(of)}
        </Link>
      )}
    </td>
  )
  return (
    <>
      {cell(counts.open, open, false)}
      {cell(counts.unowned, unowned, false)}
      {cell(counts.atRisk, level('at-risk'), false)}
      {cell(counts.breached, level('breached'), true)}
    </>
  )
}
