import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Unblocks, WorkItem, WorkList } from '../../src/contracts/index.ts'
import type { WorkListName } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { useClock } from '../parts/clock.ts'
import { LevelMark } from '../parts/level-mark.tsx'
import { DueMark, PriorityMark } from '../parts/marks.tsx'
import { More } from '../parts/more.tsx'
import { Empty, Waiting } from '../parts/states.tsx'
import type { Selection } from './bulk/use-selection.ts'
import { isOpen } from './task-rules.ts'

interface TaskListProps {
  list: WorkListName
  work: UseInfiniteQueryResult<InfiniteData<WorkList>>
  items: readonly WorkItem[]
  /** What narrows it beside its own name. */
  filtered: 'text' | 'filter' | undefined
  chosen: string | undefined
  choose: (task: string) => void
  selection: Selection
  /** What would unblock tasks that nobody at work may do. */
  unblocks: Unblocks['items']
}

const emptyWords = {
  mine: ['emptyMine', 'emptyMineHint'],
  queue: ['emptyQueue', 'emptyQueueHint'],
  all: ['emptyAll', 'emptyQueueHint'],
  unowned: ['emptyUnowned', 'emptyUnownedHint'],
  done: ['emptyDone', 'emptyDoneHint'],
} as const

export function TaskList({ list, work, items, filtered, chosen, choose, selection, unblocks }: TaskListProps) {
  const { t } = useWords()
  if (work.isPending) return <Waiting lines={10} />
  if (!work.data) return <Failure error={work.error} retry={work.refetch} />
  return (
    <>
      {items.length === 0 && filtered === 'text' && <Empty title={t('emptyFilter')} hint={t('emptyFilterHint')} />}
      {items.length === 0 && filtered === 'filter' && (
        <Empty title={t('emptyConditions')} hint={t(work.hasNextPage ? 'emptySoFarHint' : 'emptyConditionsHint')} />
      )}
      {items.length === 0 && filtered === undefined && (
        <Empty title={t(emptyWords[list][0])} hint={t(emptyWords[list][1])}>
          {list === 'mine' && (
            <Link to="/work" search={{ list: 'queue' }}>
              {t('openQueue')}
            </Link>
          )}
        </Empty>
      )}
      <ul className="rows">
        {items.map((item) => (
          <TaskRow
            key={item.id}
            item={item}
            list={list}
            chosen={item.id === chosen}
            choose={choose}
            selection={selection}
            unblock={unblocks.find(({ id }) => id === item.id)?.sentence}
          />
        ))}
      </ul>
      <More rows={work} />
    </>
  )
}

function TaskRow({
  item,
  list,
  chosen,
  choose,
  selection,
  unblock,
}: {
  item: WorkItem
  list: WorkListName
  chosen: boolean
  choose: (task: string) => void
  selection: Selection
  unblock: string | undefined
}) {
  const { t, either, date, moment, code } = useWords()
  const { now } = useClock()
  const selected = selection.has(item.id)
  return (
    <li className="task-row" data-selected={selected}>
      <input
        type="checkbox"
        className="row-check"
        aria-label={t('selectTask', { title: either(item.title) })}
        checked={selected}
        onClick={(event) => {
          if (event.shiftKey) selection.reach(item.id)
          else selection.turn(item.id)
          // The keys of the list go on working.
          document.getElementById(`task-${item.id}`)?.focus()
        }}
        onChange={() => {}}
      />
      <button
        type="button"
        id={`task-${item.id}`}
        data-row
        data-testid="task-row"
        className="row"
        aria-current={chosen ? 'true' : undefined}
        onClick={() => choose(item.id)}
      >
        <span className="row-line">
          <strong>{either(item.title)}</strong>
          {isOpen(item) ? <DueMark item={item} /> : <span className="quiet">{code('status', item.status)}</span>}
        </span>
        <span className="row-line quiet">
          <span className="row-patient">
            {item.patient?.name ?? t('noPatient')}
            {item.patient?.birthDate && (
              <>
                {' '}
                <span className="number">· {date(item.patient.birthDate)}</span>
              </>
            )}
          </span>
          <span className="row-marks">
            <PriorityMark priority={item.priority} />
            {isOpen(item) && <LevelMark item={item} />}
            {item.escalatedTo.length > 0 && (
              <span className="tag">
                <Icon name="up" size={12} />
                {t('escalated')}
              </span>
            )}
            {list !== 'mine' && item.owner && (
              <span className="tag">
                <Icon name="person" size={12} />
                {item.owner.name}
              </span>
            )}
            {item.claimedUntil !== null && (
              <span className="tag">
                <Icon name="clock" size={12} />
                {t(list === 'mine' ? 'yoursUntil' : 'keptUntil', { time: moment(item.claimedUntil) })}
              </span>
            )}
            {item.snoozedUntil !== null && Date.parse(item.snoozedUntil) > now && (
              <span className="tag">
                <Icon name="clock" size={12} />
                {t('snoozedUntil', { time: moment(item.snoozedUntil) })}
              </span>
            )}
            {item.status === 'in-progress' && <span className="tag">{code('status', item.status)}</span>}
          </span>
        </span>
        {unblock !== undefined && item.owner === null && isOpen(item) && (
          <span className="row-blocked" title={unblock}>
            <Icon name="late" size={12} /> {unblock}
          </span>
        )}
      </button>
    </li>
  )
}
