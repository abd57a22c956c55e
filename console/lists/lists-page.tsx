import { Button } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { MatterItem, MatterListName } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { listCountsQuery, mattersQuery } from '../api/list-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { DueMark, PriorityMark } from '../parts/marks.tsx'
import { More } from '../parts/more.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'
import { useKeys } from '../parts/use-keys.ts'
import { DealtDialog } from './dealt-dialog.tsx'

const route = getRouteApi('/lists')
const lists = ['results', 'referrals', 'no-next-step', 'unreachable', 'messages'] as const

/** What waits for somebody although no task may say so. */
export function ListsPage() {
  const { t } = useWords()
  const { may } = useAccount()
  const { list = 'results' } = route.useSearch()
  const counts = useQuery(listCountsQuery)
  const tasks = (name: MatterListName) => counts.data?.items.find((one) => one.list === name)
  return (
    <>
      <div className="page-head">
        <h1>{t('waitingLists')}</h1>
        <nav className="tabs" aria-label={t('lists')}>
          {lists.map((name) => (
            <Link key={name} to="/lists" search={{ list: name }} aria-current={name === list ? 'true' : undefined}>
              {t(`list_${name}`)} <Counted of={tasks(name)} />
            </Link>
          ))}
          {may('work.read') && (
            <Link to="/work" search={{ list: 'unowned' }}>
              {t('list_unowned')}
            </Link>
          )}
        </nav>
      </div>
      <Matters key={list} list={list} />
    </>
  )
}

function Counted({ of }: { of: { count: number; more: boolean } | undefined }) {
  const { number } = useWords()
  return (
    of && (
      <span className="count">
        {number(of.count)}
        {of.more ? '+' : ''}
      </span>
    )
  )
}

function Matters({ list }: { list: MatterListName }) {
  const { t } = useWords()
  const matters = useInfiniteQuery(mattersQuery(list))
  const [dealing, setDealing] = useState<MatterItem>()
  const { may, practitioner } = useAccount()
  const navigate = route.useNavigate()
  const take = useAct(
    ({ reference }: MatterItem) => call<{ task: string }>('POST', `/api/lists/${list}/take`, { reference }),
    {
      anew: [['work']],
      done: ({ task }) => void navigate({ to: '/work', search: { list: 'mine', task } }),
    },
  )
  const items = matters.data?.pages.flatMap((page) => page.items) ?? []
  const able = may('work.act') && practitioner !== null
  const focused = () => items.findIndex((item) => document.activeElement?.closest('[data-matter]')?.id === idOf(item))
  const move = (by: number) => () => {
    const item = items[Math.max(0, Math.min(items.length - 1, focused() + by))]
    if (item) document.getElementById(idOf(item))?.focus()
  }
  const withFocused = (act: (item: MatterItem) => void) => () => {
    const item = items[focused()]
    if (able && item) act(item)
  }
  useKeys({
    j: move(1),
    ArrowDown: move(1),
    k: move(-1),
    ArrowUp: move(-1),
    c: withFocused((item) => take.mutate(item)),
    e: withFocused(setDealing),
  })
  if (matters.isPending) return <Waiting lines={10} />
  if (!matters.data) return <Failure error={matters.error} retry={matters.refetch} />
  return (
    <section className="page" aria-label={t(`list_${list}`)}>
      <p className="quiet lead">{t(`listHint_${list}`)}</p>
      {items.length === 0 && <Empty title={t(`listEmpty_${list}`)} hint={t('listEmptyHint')} />}
      <ul className="matters">
        {items.map((item) => (
          <li key={item.reference} id={idOf(item)} tabIndex={-1} data-matter data-testid="matter-row">
            <Row list={list} item={item} />
            {able && (
              <span className="tags">
                <Button aria-keyshortcuts="c" onClick={() => take.mutate(item)}>
                  {t('takeMatter')}
                </Button>
                {list !== 'referrals' && list !== 'no-next-step' && (
                  <Button aria-keyshortcuts="e" onClick={() => setDealing(item)}>
                    {t(list === 'results' ? 'acknowledgeResult' : 'dealtWith')}…
                  </Button>
                )}
              </span>
            )}
          </li>
        ))}
      </ul>
      <More rows={matters} />
      {dealing && list !== 'referrals' && list !== 'no-next-step' && (
        <DealtDialog list={list} item={dealing} close={() => setDealing(undefined)} />
      )}
    </section>
  )
}

const idOf = (item: MatterItem): string => `matter-${item.reference.replace('/', '-')}`

function Row({ list, item }: { list: MatterListName; item: MatterItem }) {
  const { t, either, date } = useWords()
  const { may } = useAccount()
  const [type = '', id = ''] = item.reference.split('/')
  return (
    <div>
      <p className="row-line">
        <strong>
          {item.patient?.name ?? t('noPatient')}
          {item.patient?.birthDate && <span className="quiet number"> · {date(item.patient.birthDate)}</span>}
        </strong>
        <span className="row-marks">
          <PriorityMark priority={item.priority} />
          {list !== 'no-next-step' && list !== 'unreachable' && <DueMark item={item} />}
        </span>
      </p>
      <p>
        {type !== 'Patient' && <>{item.title} · </>}
        <span className="quiet">{item.why}</span>{' '}
        {may('record.read') && (
          <Link to="/record/$type/$id" params={{ type, id }}>
            {t('openRecord')}
          </Link>
        )}
      </p>
      {item.tasks.map((task) => (
        <p key={task.id} className="quiet">
          {task.owner === null ? t('taskWaits') : t('taskHeld', { name: task.owner })}{' '}
          <Link to="/work" search={{ list: 'all', task: task.id }}>
            {either(task.title)}
          </Link>
        </p>
      ))}
    </div>
  )
}
