import '../styles/queues.css'
import { Button, Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import type { WorkDetail } from '../../src/contracts/index.ts'
import { rolesQuery, taskQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'
import { LevelMark } from '../parts/level-mark.tsx'
import { DueMark, PriorityMark } from '../parts/marks.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { useKeys } from '../parts/use-keys.ts'
import { Why } from '../parts/why.tsx'
import { TaskLevel } from './task-level.tsx'
import { TaskDialog } from './task-dialog.tsx'
import { TaskThread } from './task-thread.tsx'
import { TaskPeople } from './task-people.tsx'
import { JoinDialog } from './join-dialog.tsx'
import {
  actsFor,
  type Asking,
  isAsking,
  isJoining,
  isOpen,
  type Joining,
  keyOf,
  type Offered,
  seldom,
} from './task-rules.ts'
import { useWatching } from './use-watching.tsx'
import { useTaskActs } from './use-task-acts.tsx'

// Forms bring the engine of their expressions along: loaded when a task asks for one.
const TaskForm = lazy(async () => ({ default: (await import('./task-form.tsx')).TaskForm }))

export function TaskDetail({ id, close, leave }: { id: string; close: () => void; leave: () => void }) {
  const { t } = useWords()
  const task = useQuery(taskQuery(id))
  return (
    <>
      <button type="button" className="plain-button back" onClick={close}>
        <Icon name="back" /> {t('backToList')}
      </button>
      {task.isPending ? (
        <Waiting />
      ) : task.data ? (
        <Shown task={task.data} leave={leave} />
      ) : (
        <Failure error={task.error} retry={task.refetch} />
      )}
    </>
  )
}

function Shown({ task, leave }: { task: WorkDetail; leave: () => void }) {
  const { t, either, date } = useWords()
  const account = useAccount()
  const doing = useTaskActs()
  const [dialog, setDialog] = useState<Asking | Joining>()
  const watching = useWatching(`Task/${task.id}`)
  const acts = actsFor(task, account)
  const act = (one: Offered) => {
    if (doing.isPending || !acts.includes(one)) return
    if (isAsking(one) || isJoining(one)) {
      doing.reset()
      setDialog(one)
    } else doing.mutate({ item: task, act: one })
  }
  const main = (['complete', 'claim'] as const).find((one) => acts.includes(one))
  const behind = acts.filter((one) => seldom.includes(one))
  useKeys({
    ...Object.fromEntries(acts.map((one) => [keyOf[one], () => act(one)])),
    Enter: () => main && act(main),
    w: watching.turn,
  })
  return (
    <article data-testid="task-detail">
      <header className="detail-head">
        <h2>{either(task.title)}</h2>
        <p className="detail-who">
          {task.patient ? (
            <>
              <strong>{task.patient.name}</strong>
              {task.patient.birthDate && (
                <span className="quiet number">{t('born', { date: date(task.patient.birthDate) })}</span>
              )}
            </>
          ) : (
            <span>{t('noPatient')}</span>
          )}
          <PriorityMark priority={task.priority} /> <DueMark item={task} /> <LevelMark item={task} />
          <button
            type="button"
            className="plain-button watch"
            onClick={watching.turn}
            disabled={watching.busy}
            aria-keyshortcuts="w"
          >
            {t(watching.on ? 'unwatch' : 'watch')} <kbd aria-hidden="true">w</kbd>
          </button>
        </p>
        {task.description !== null && <p className="lead">{task.description}</p>}
      </header>
      <div className="acts" role="toolbar" aria-label={t('acts')}>
        {acts
          .filter((one) => !behind.includes(one))
          .map((one) => (
            <Button
              key={one}
              variant={one === main ? 'filled' : 'default'}
              loading={doing.isPending && doing.variables.act === one && !isAsking(one)}
              onClick={() => act(one)}
              aria-keyshortcuts={keyOf[one]}
              rightSection={<kbd aria-hidden="true">{keyOf[one]}</kbd>}
            >
              {t(one)}
            </Button>
          ))}
        {behind.length > 0 && (
          <Menu position="bottom-start" withinPortal shadow="sm">
            <Menu.Target>
              <Button>{t('moreActs')}…</Button>
            </Menu.Target>
            <Menu.Dropdown>
              {behind.map((one) => (
                <Menu.Item key={one} onClick={() => act(one)} rightSection={<kbd aria-hidden="true">{keyOf[one]}</kbd>}>
                  {t(one)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
        {acts.length === 0 && <p className="quiet">{t('notForYou')}</p>}
        {acts.length > 0 && account.practitioner === null && task.owner === null && (
          <p className="quiet">{t('cannotHold')}</p>
        )}
      </div>
      <Joined
        task={task}
        stop={
          acts.includes('wait-for')
            ? (other) => doing.mutate({ item: task, act: 'stop-waiting', body: { task: other } })
            : undefined
        }
      />
      {task.form !== null && (
        <Suspense fallback={<Waiting />}>
          <TaskForm task={task} leave={leave} />
        </Suspense>
      )}
      <Facts task={task} />
      <TaskLevel task={task} />
      {isOpen(task) && <TaskPeople key={task.version} task={task} />}
      {task.about.length > 0 && (
        <section className="block" aria-label={t('about')}>
          <h3>{t('about')}</h3>
          {task.about.map((one) => (
            <div key={one.reference} className="about">
              <strong>{one.title}</strong> {one.date !== null && <span className="quiet">{date(one.date)}</span>}
              {one.text !== '' && <p>{one.text}</p>}
            </div>
          ))}
        </section>
      )}
      <TaskThread task={task} />
      {task.why && <Why why={task.why} title={t('why')} />}
      {task.journey !== null && account.may('journeys.read') && (
        <p>
          <Link to="/journeys/$id" params={{ id: task.journey }}>
            {t('openJourney')}
          </Link>
        </p>
      )}
      <Comments task={task} />
      {dialog && isJoining(dialog) && (
        <JoinDialog
          key={dialog}
          act={dialog}
          task={task}
          doing={doing}
          close={() => setDialog(undefined)}
          done={(gone) => {
            setDialog(undefined)
            if (gone) leave()
          }}
        />
      )}
      {dialog && isAsking(dialog) && (
        <TaskDialog
          key={dialog}
          act={dialog}
          task={task}
          doing={doing}
          close={() => setDialog(undefined)}
          done={() => {
            setDialog(undefined)
            // What is finished or handed on makes room for the next.
            if (!['comment', 'ask-sign-off', 'off-system'].includes(dialog)) leave()
          }}
        />
      )}
    </article>
  )
}

/** What it waits for, what it is a part of, and which task was kept in its place. */
function Joined({ task, stop }: { task: WorkDetail; stop: ((other: string) => void) | undefined }) {
  const { t, either } = useWords()
  const open = task.waitsFor.filter((one) => one.open)
  const others = [
    ...open.map((one) => ({ id: one.id, word: t('waitsForTask'), title: either(one.title), waits: true })),
    ...(task.mergedInto === null
      ? []
      : [{ id: task.mergedInto, word: t('mergedIntoTask'), title: t('openTask'), waits: false }]),
    ...(task.partOf === null ? [] : [{ id: task.partOf, word: t('partOfTask'), title: t('openTask'), waits: false }]),
  ]
  return others.map(({ id, word, title, waits }) => (
    <p key={id}>
      {word}{' '}
      <Link to="/work" search={{ list: 'all', task: id }}>
        {title}
      </Link>
      {waits && stop && ' · '}
      {waits && stop && (
        <button type="button" className="plain-button" onClick={() => stop(id)}>
          {t('stop-waiting')}
        </button>
      )}
    </p>
  ))
}

function Facts({ task }: { task: WorkDetail }) {
  const { t, either, moment, code } = useWords()
  const roles = useQuery(rolesQuery)
  const roleTitle = (id: string) => {
    const role = roles.data?.items.find((one) => one.id === id)
    return role ? either(role.title) : id
  }
  const outcome = task.outcomes.find((one) => one.code === task.outcome)
  const rows: [string, string | null][] = [
    [t('status'), code('status', task.status)],
    [t('outcomeWas'), outcome ? either(outcome.title) : task.outcome],
    [t('stage'), task.stage && either(task.stage.title)],
    [t('due'), task.due === null ? t('noDue') : moment(task.due)],
    [t('role'), task.role === null ? null : roleTitle(task.role)],
    [t('owner'), task.owner?.name ?? t('nobody')],
    [t('escalatedTo'), task.escalatedTo.length > 0 ? task.escalatedTo.map(roleTitle).join(', ') : null],
    [t('kept'), task.claimedUntil && moment(task.claimedUntil)],
    [t('snoozed'), task.snoozedUntil && moment(task.snoozedUntil)],
    [t('reason'), task.statusReason],
    [t('created'), moment(task.createdAt)],
  ]
  return (
    <dl className="facts">
      {rows.flatMap(([term, value]) =>
        value === null
          ? []
          : [
              <div key={term}>
                <dt>{term}</dt>
                <dd>{value}</dd>
              </div>,
            ],
      )}
    </dl>
  )
}

function Comments({ task }: { task: WorkDetail }) {
  const { t, moment } = useWords()
  return (
    <section className="block" aria-label={t('comments')}>
      <h3>{t('comments')}</h3>
      {task.comments.length === 0 && <p className="quiet">{t('noComments')}</p>}
      <ul className="comments">
        {task.comments.map((comment, index) => (
          <li key={index}>
            <span className="quiet">
              {comment.by}
              {comment.at !== null && (
                <>
                  {' '}
                  · <time dateTime={comment.at}>{moment(comment.at)}</time>
                </>
              )}
            </span>
            <p>{comment.text}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}
