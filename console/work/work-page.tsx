import { NativeSelect, TextInput } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { rolesQuery, workCountsQuery, type WorkListName, workListQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { useAccount } from '../parts/session-context.ts'
import { Empty } from '../parts/states.tsx'
import { useKeys } from '../parts/use-keys.ts'
import { TaskDetail } from './task-detail.tsx'
import { TaskList } from './task-list.tsx'

const route = getRouteApi('/work')
const lists = ['mine', 'queue', 'all', 'unowned', 'done'] as const

/** Who holds tasks begins with their own; who does not, with everybody's. */
export function WorkPage() {
  const { t, either } = useWords()
  const account = useAccount()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const list = search.list ?? (account.practitioner === null ? 'all' : 'mine')
  const [role, setRole] = useState('')
  const [filter, setFilter] = useState('')
  const roles = useQuery(rolesQuery)
  const work = useInfiniteQuery(workListQuery(list, list === 'queue' && role !== '' ? role : undefined))
  const filterField = useRef<HTMLInputElement>(null)
  const pages = work.data?.pages
  const items = useMemo(() => {
    const all = (pages ?? []).flatMap((page) => page.items)
    const wanted = filter.trim().toLocaleLowerCase()
    const seen = new Set<string>()
    return all.filter((item) => {
      if (seen.has(item.id)) return false
      seen.add(item.id)
      return (
        wanted === '' ||
        `${item.title.en} ${item.title.fr} ${item.patient?.name ?? ''} ${item.owner?.name ?? ''}`
          .toLocaleLowerCase()
          .includes(wanted)
      )
    })
  }, [pages, filter])
  const { data: counts } = useQuery(workCountsQuery)
  const at = items.findIndex((item) => item.id === search.task)
  // Where the chosen task stood: after it left the list, the next one is the one that moved up.
  const stood = useRef(0)
  useEffect(() => {
    if (at >= 0) stood.current = at
  }, [at])
  const choose = (task: string | undefined) =>
    void navigate({
      search: { ...(search.list ? { list: search.list } : {}), ...(task === undefined ? {} : { task }) },
      replace: true,
    })
  const move = (by: number) => {
    const next = at >= 0 ? at + by : by > 0 ? stood.current : stood.current - 1
    const item = items[Math.max(0, Math.min(items.length - 1, search.task === undefined ? 0 : next))]
    if (!item) return
    choose(item.id)
    document.getElementById(`task-${item.id}`)?.focus()
  }
  const down = () => move(1)
  const up = () => move(-1)
  const sessionOf = list === 'mine' || list === 'queue' || list === 'unowned' ? list : undefined
  const begin = () => sessionOf !== undefined && void navigate({ to: '/work/session', search: { list: sessionOf } })
  useKeys({ b: begin, j: down, k: up, ArrowDown: down, ArrowUp: up, '/': () => filterField.current?.focus() })
  const count = (name: WorkListName) => (name === 'mine' ? counts?.mine : name === 'queue' ? counts?.queue : undefined)
  const leave = () => choose(items[at + 1]?.id ?? items[at - 1]?.id)
  return (
    <>
      <div className="page-head">
        <h1>{t('work')}</h1>
        <nav className="tabs" aria-label={t('lists')}>
          {lists.map((name) => (
            <Link
              key={name}
              to="/work"
              search={{ list: name }}
              activeOptions={{ exact: true }}
              aria-current={name === list ? 'true' : undefined}
            >
              {t(name)} {count(name) !== undefined && <span className="count">{count(name)}</span>}
            </Link>
          ))}
          <Link to="/lists">{t('waitingLists')}</Link>
        </nav>
        {counts !== undefined && counts.overdue > 0 && (
          <span className="late">{t('overdueCount', { count: counts.overdue })}</span>
        )}
        <div className="head-right">
          {sessionOf !== undefined && items.length > 0 && (
            <Link to="/work/session" search={{ list: sessionOf }}>
              {t('beginSession')} <kbd aria-hidden="true">b</kbd>
            </Link>
          )}
          {list === 'queue' && (
            <NativeSelect
              aria-label={t('role')}
              size="xs"
              value={role}
              onChange={(event) => setRole(event.currentTarget.value)}
              data={[
                { value: '', label: t('allMyRoles') },
                ...(roles.data?.items ?? [])
                  .filter((one) => account.roles.includes(one.id))
                  .map((one) => ({ value: one.id, label: either(one.title) })),
              ]}
            />
          )}
          <TextInput
            ref={filterField}
            size="xs"
            aria-label={t('filter')}
            placeholder={t('filterTasks')}
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape' && event.key !== 'Enter') return
              if (event.key === 'Escape') setFilter('')
              event.currentTarget.blur()
            }}
          />
        </div>
      </div>
      <div className="split" data-chosen={search.task !== undefined}>
        <section aria-label={t('tasks')}>
          <TaskList
            list={list}
            work={work}
            items={items}
            filtered={filter.trim() !== ''}
            chosen={search.task}
            choose={choose}
          />
        </section>
        <section aria-label={t('task')} className="detail">
          {search.task === undefined ? (
            items.length > 0 && <Empty title={t('pickTask')} hint={t('pickTaskHint')} />
          ) : (
            <TaskDetail key={search.task} id={search.task} close={() => choose(undefined)} leave={leave} />
          )}
        </section>
      </div>
    </>
  )
}
