import '../styles/queues.css'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Watches } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { watchesQuery } from '../api/queue-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'
import { useKeys } from '../parts/use-keys.ts'
import { useWatching } from './use-watching.tsx'
import { WorkTabs } from './work-tabs.tsx'

type Item = Watches['items'][number]

const idOf = ({ reference }: Item) => `watch-${reference.replace('/', '-')}`

/** What one keeps an eye on: what changed since one last looked, first. */
export function WatchedPage() {
  const { t } = useWords()
  const watches = useQuery(watchesQuery)
  const items = watches.data?.items ?? []
  const changed = items.filter(({ changes }) => changes.length > 0)
  const seen = useAct(
    async (some: readonly Item[]) => {
      for (const { reference } of some) await call('PUT', `/api/watches/${reference}`)
    },
    { anew: [watchesQuery.queryKey] },
  )
  const at = () => items.findIndex((one) => idOf(one) === document.activeElement?.closest('li')?.id)
  const move = (by: number) => {
    const next = items[Math.max(0, Math.min(items.length - 1, at() < 0 ? 0 : at() + by))]
    if (next) document.getElementById(idOf(next))?.focus()
  }
  const looked = () => {
    const one = items[at()]
    if (one) seen.mutate([one])
  }
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    i: looked,
    Enter: () =>
      document
        .getElementById(idOf(items[at()] ?? items[0] ?? unknown))
        ?.querySelector('a')
        ?.click(),
  })
  return (
    <>
      <div className="page-head">
        <h1>{t('watched')}</h1>
        <WorkTabs shown="watched" />
        {changed.length > 0 && (
          <div className="head-right">
            <Button loading={seen.isPending} onClick={() => seen.mutate(changed)}>
              {t('allSeen')}
            </Button>
          </div>
        )}
      </div>
      <div className="page">
        {watches.isPending && <Waiting lines={6} />}
        {watches.error && !watches.data && <Failure error={watches.error} retry={watches.refetch} />}
        {watches.data && items.length === 0 && <Empty title={t('noWatches')} hint={t('noWatchesHint')} />}
        <ul className="matters">
          {items.map((item) => (
            <li key={item.reference} id={idOf(item)} tabIndex={-1} data-testid="watch-row">
              <Row item={item} />
              <span className="tags">
                {item.changes.length > 0 && (
                  <Button aria-keyshortcuts="i" onClick={() => seen.mutate([item])}>
                    {t('seen')}
                  </Button>
                )}
                <Unwatch reference={item.reference} />
              </span>
            </li>
          ))}
        </ul>
      </div>
    </>
  )
}

const unknown = { reference: '' } as Item

function Unwatch({ reference }: { reference: string }) {
  const { t } = useWords()
  const { turn, busy } = useWatching(reference)
  return (
    <Button variant="subtle" disabled={busy} onClick={turn}>
      {t('unwatch')}
    </Button>
  )
}

function Row({ item }: { item: Item }) {
  const { t, either, date, moment } = useWords()
  const { may } = useAccount()
  const [type = '', id = ''] = item.reference.split('/')
  const title = either(item.title)
  return (
    <div>
      <p className="row-line">
        <strong>
          {type === 'Task' ? (
            <Link to="/work" search={{ list: 'all', task: id }}>
              {title}
            </Link>
          ) : type === 'journey' ? (
            <Link to="/journeys/$id" params={{ id }}>
              {title}
            </Link>
          ) : may('record.read') ? (
            <Link to="/record/$type/$id" params={{ type, id }}>
              {title}
            </Link>
          ) : (
            title
          )}
        </strong>
        <span className="row-marks">
          <span className="tag">{t(`watch_${type}`)}</span>
          {item.over && <span className="tag">{t('watchOver')}</span>}
        </span>
      </p>
      <p className="quiet">
        {type !== 'Patient' && item.patient && (
          <>
            {item.patient.name}
            {item.patient.birthDate !== null && <span className="number"> · {date(item.patient.birthDate)}</span>} ·{' '}
          </>
        )}
        {item.now}
      </p>
      {item.changes.length === 0 ? (
        <p className="quiet">{t('unchangedSince', { time: moment(item.seenAt) })}</p>
      ) : (
        <ul className="changes" aria-label={t('watchChanged', { time: moment(item.seenAt) })}>
          {item.changes.map((change, index) => (
            <li key={index}>
              <time dateTime={change.at} className="quiet number">
                {moment(change.at)}
              </time>{' '}
              {change.sentence}
            </li>
          ))}
          {item.more && <li className="quiet">{t('andMore')}</li>}
        </ul>
      )}
    </div>
  )
}
