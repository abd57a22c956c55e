import { Link } from '@tanstack/react-router'
import type { JourneyDetail } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { DueMark } from '../parts/marks.tsx'
import { isOpen } from '../work/task-rules.ts'

export function JourneyTasks({ tasks }: { tasks: JourneyDetail['tasks'] }) {
  const { t, either, code } = useWords()
  // What is still to do first; within both, in the order in which it came up.
  const ordered = [...tasks.filter(isOpen), ...tasks.filter((task) => !isOpen(task))]
  return (
    <section aria-label={t('tasks')}>
      <h2>
        {t('tasks')} <span className="count">{tasks.length}</span>
      </h2>
      {tasks.length === 0 && <p className="quiet">{t('noTasks')}</p>}
      <ul className="lines">
        {ordered.map((task) => {
          const outcome = task.outcomes.find((one) => one.code === task.outcome)
          return (
            <li key={task.id}>
              <Link to="/work" search={{ list: 'all', task: task.id }}>
                {either(task.title)}
              </Link>
              <span className="quiet">
                {outcome ? either(outcome.title) : code('status', task.status)}
                {task.owner && ` · ${task.owner.name}`}
              </span>
              {isOpen(task) && <DueMark item={task} />}
            </li>
          )
        })}
      </ul>
    </section>
  )
}

export function JourneyMessages({ messages }: { messages: JourneyDetail['messages'] }) {
  const { t, code, moment } = useWords()
  return (
    <section aria-label={t('messages')}>
      <h2>
        {t('messages')} <span className="count">{messages.length}</span>
      </h2>
      {messages.length === 0 && <p className="quiet">{t('noMessagesHere')}</p>}
      <ul className="lines">
        {messages.map((message) => (
          <li key={message.id}>
            <Link to="/outbox" search={{ message: message.id }}>
              {message.subject || code('template', message.template)}
            </Link>
            <span className="quiet">
              {t('toWhom', { to: code('to', message.to) })} · {code('message', message.status)}
            </span>
            <time className="quiet number" dateTime={message.sentAt ?? message.at}>
              {moment(message.sentAt ?? message.at)}
            </time>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** What the journey knows: the values its rules go by, and the event each came from. */
export function Known({ variables }: { variables: JourneyDetail['variables'] }) {
  const { t, moment } = useWords()
  if (variables.length === 0) return null
  const shown = (value: string | number | boolean | null): string => {
    if (value === null) return '–'
    if (typeof value === 'boolean') return t(value ? 'yes' : 'no')
    return typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? moment(value) : String(value)
  }
  return (
    <section aria-label={t('known')}>
      <h2>{t('known')}</h2>
      <dl className="facts">
        {variables.map(({ name, value, from }) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>
              {shown(value)} <small className="quiet">{from}</small>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
