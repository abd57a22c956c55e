import { NativeSelect, TextInput } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { WorkFilter } from '../../src/contracts/index.ts'
import { filtersQuery, unblocksQuery } from '../api/queue-queries.ts'
import { rolesQuery, workCountsQuery, workListQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { useAccount } from '../parts/session-context.ts'
import { Empty } from '../parts/states.tsx'
import { useKeys } from '../parts/use-keys.ts'
import { Chosen } from './bulk/chosen.tsx'
import { useBulk } from './bulk/use-bulk.ts'
import { useSelection } from './bulk/use-selection.ts'
import { FilterBar, searchOf } from './filter-bar.tsx'
import { FilterDialog } from './filter-dialog.tsx'
import { conditionNames, conditionsOf, sameFilter } from './filter-words.ts'
import { SelectionBar } from './bulk/selection-bar.tsx'
import { TaskDetail } from './task-detail.tsx'
import { TaskList } from './task-list.tsx'
import { WorkTabs } from './work-tabs.tsx'

const route = getRouteApi('/work')

/** Who holds tasks begins with their own; who does not, with everybody's. */
export function WorkPage() {
  const { t, either } = useWords()
  const account = useAccount()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const list = search.list ?? (account.practitioner === null ? 'all' : 'mine')
  const conditions = conditionsOf(search)
  const filter: WorkFilter | undefined = list === 'done' ? undefined : { list, ...conditions }
  const [text, setText] = useState('')
  const [asking, setAsking] = useState(false)
  const roles = useQuery(rolesQuery)
  const filters = useQuery(filtersQuery)
  const work = useInfiniteQuery(workListQuery(list, conditions))
  const textField = useRef<HTMLInputElement>(null)
  const pages = work.data?.pages
  const items = useMemo(() => {
    const all = (pages ?? []).flatMap((page) => page.items)
    const wanted = text.trim().toLocaleLowerCase()
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
  }, [pages, text])
  const { data: counts } = useQuery(workCountsQuery)
  // Where nobody has a task yet, whether anybody at work may have it is what matters.
  const unowned = list === 'unowned' || list === 'queue' ? items.map(({ id }) => id) : []
  const unblocks = useQuery(unblocksQuery(unowned))
  const selection = useSelection(items)
  const bulk = useBulk()
  const choosing = selection.chosen.length > 0 || bulk.state !== undefined
  const at = items.findIndex((item) => item.id === search.task)
  // Where the chosen task stood: after it left the list, the next one is the one that moved up.
  const stood = useRef(0)
  useEffect(() => {
    if (at >= 0) stood.current = at
  }, [at])
  const choose = (task: string | undefined) =>
    void navigate({
      search: {
        ...(search.list ? { list: search.list } : {}),
        ...conditions,
        ...(task === undefined ? {} : { task }),
      },
      replace: true,
    })
  const go = (to: number) => {
    const item = items[Math.max(0, Math.min(items.length - 1, to))]
    if (!item) return
    choose(item.id)
    document.getElementById(`task-${item.id}`)?.focus()
  }
  const move = (by: number) =>
    go(search.task === undefined ? 0 : at >= 0 ? at + by : by > 0 ? stood.current : stood.current - 1)
  // The row that has the focus, where that is not the chosen one: a click on a box chooses none.
  const here = () => {
    const focused = items.findIndex(({ id }) => document.activeElement?.id === `task-${id}`)
    return focused >= 0 ? focused : at
  }
  const extend = (by: number) => () => {
    const from = Math.max(0, here())
    for (const item of [items[from], items[from + by]]) if (item) selection.add(item.id)
    go(from + by)
  }
  const down = () => move(1)
  const up = () => move(-1)
  const sessionOf = list === 'mine' || list === 'queue' || list === 'unowned' ? list : undefined
  const begin = () =>
    sessionOf !== undefined && void navigate({ to: '/work/session', search: { list: sessionOf, ...conditions } })
  const saved = filters.data?.items ?? []
  const show = (wanted: WorkFilter) => {
    setAsking(false)
    selection.clear()
    void navigate({ search: searchOf(wanted) })
  }
  const all = () => selection.set(items.map(({ id }) => id))
  const leaveSelection = () => {
    selection.clear()
    bulk.close()
  }
  useKeys({
    b: begin,
    j: down,
    k: up,
    ArrowDown: down,
    ArrowUp: up,
    'Shift+ArrowDown': extend(1),
    'Shift+ArrowUp': extend(-1),
    x: () => {
      const item = items[Math.max(0, here())]
      if (!item) return
      go(items.indexOf(item))
      selection.turn(item.id)
    },
    // With a task open and nothing selected the key belongs to that task.
    ...(choosing || search.task === undefined ? { a: all } : {}),
    ...(choosing ? { Escape: leaveSelection } : {}),
    '/': () => textField.current?.focus(),
    ...(filter ? { f: () => setAsking(true), '0': () => show({ list: filter.list }) } : {}),
    ...Object.fromEntries(saved.slice(0, 9).map((one, index) => [String(index + 1), () => show(one.filter)])),
  })
  const leave = () => choose(items[at + 1]?.id ?? items[at - 1]?.id)
  const narrowed = conditionNames.some((name) => name !== 'role' && conditions[name] !== undefined)
  return (
    <div className="work">
      <div className="page-head">
        <h1>{t('work')}</h1>
        <WorkTabs shown={list} />
        {counts !== undefined && counts.overdue > 0 && (
          <span className="late">{t('overdueCount', { count: counts.overdue })}</span>
        )}
        <div className="head-right">
          {sessionOf !== undefined && items.length > 0 && (
            <Link to="/work/session" search={{ list: sessionOf, ...conditions }}>
              {t('beginSession')} <kbd aria-hidden="true">b</kbd>
            </Link>
          )}
        </div>
      </div>
      <FilterBar filter={filter} active={conditions} edit={() => setAsking(true)}>
        {list === 'queue' && (
          <NativeSelect
            aria-label={t('role')}
            size="xs"
            value={search.role ?? ''}
            onChange={(event) => {
              const { role: _role, ...rest } = conditions
              const role = event.currentTarget.value
              show({ list: 'queue', ...rest, ...(role === '' ? {} : { role }) })
            }}
            data={[
              { value: '', label: t('allMyRoles') },
              ...(roles.data?.items ?? [])
                .filter((one) => account.roles.includes(one.id) || one.id === search.role)
                .map((one) => ({ value: one.id, label: either(one.title) })),
            ]}
          />
        )}
        <TextInput
          ref={textField}
          size="xs"
          aria-label={t('filter')}
          placeholder={t('filterTasks')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' && event.key !== 'Enter') return
            if (event.key === 'Escape') setText('')
            event.currentTarget.blur()
          }}
        />
      </FilterBar>
      <div className="split" data-chosen={search.task !== undefined && !choosing} data-choosing={choosing}>
        <section aria-label={t('tasks')}>
          {selection.chosen.length > 0 && (
            <SelectionBar
              chosen={selection.chosen}
              all={items.length}
              bulk={bulk}
              selectAll={all}
              clear={leaveSelection}
            />
          )}
          <TaskList
            list={list}
            work={work}
            items={items}
            filtered={text.trim() !== '' ? 'text' : narrowed ? 'filter' : undefined}
            chosen={search.task}
            choose={choose}
            selection={selection}
            unblocks={unblocks.data?.items ?? []}
          />
        </section>
        <section aria-label={choosing ? t('selected') : t('task')} className="detail">
          {choosing ? (
            <Chosen chosen={selection.chosen} bulk={bulk} done={leaveSelection} />
          ) : search.task === undefined ? (
            items.length > 0 && <Empty title={t('pickTask')} hint={t('pickTaskHint')} />
          ) : (
            <TaskDetail key={search.task} id={search.task} close={() => choose(undefined)} leave={leave} />
          )}
        </section>
      </div>
      {asking && filter && (
        <FilterDialog
          filter={filter}
          saved={saved.find((one) => sameFilter(one.filter, filter))}
          show={show}
          close={() => setAsking(false)}
        />
      )}
    </div>
  )
}
