import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { TaskPeople as People, WorkDetail } from '../../src/contracts/index.ts'
import { taskPeopleQuery } from '../api/team-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon } from '../parts/icons.tsx'

/** Who may do an open task, why each other may not, and what would unblock it when nobody at work may. */
export function TaskPeople({ task }: { task: WorkDetail }) {
  const { t, either } = useWords()
  const people = useQuery(taskPeopleQuery(task.id))
  // Everybody's name stands on the page only when it is asked for.
  const [opened, setOpened] = useState(false)
  if (people.error && !people.data) return <Failure error={people.error} retry={people.refetch} />
  if (!people.data) return null
  const { items, kind, place, unblock } = people.data
  const able = items.filter(({ may }) => may)
  return (
    <section className="block" aria-label={t('whoMay')} data-testid="task-people">
      <h3>{t('whoMay')}</h3>
      {kind && (
        <p className="quiet">
          {either(kind)}
          {place && ` · ${either(place)}`}
        </p>
      )}
      {unblock && task.owner === null && (
        <p className="late" role="status">
          <Icon name="late" /> {unblock.sentence}
        </p>
      )}
      {task.given !== null && <p data-testid="task-given">{task.given}</p>}
      <details onToggle={(event) => setOpened(event.currentTarget.open)}>
        <summary>{t('mayCount', { may: able.length, all: items.length })}</summary>
        <ul className="comments">
          {(opened ? items : []).map((one) => (
            <li key={one.reference}>
              <strong>{one.name}</strong> <Standing one={one} />
              {one.reasons.map(({ code, sentence }) => (
                <p key={code}>{sentence}</p>
              ))}
            </li>
          ))}
        </ul>
      </details>
    </section>
  )
}

function Standing({ one }: { one: People['items'][number] }) {
  const { t, either, moment } = useWords()
  const words = [
    one.may ? (one.credential ? either(one.credential) : t('mayDoIt')) : t('mayNot'),
    one.atWork ? t('atWork') : one.next === null ? t('notAtWork') : t('nextShift', { time: moment(one.next) }),
    ...(one.supervisor === null ? [] : [t('underSupervision')]),
  ]
  return <span className={one.may ? 'quiet' : 'tag bad'}>{words.join(' · ')}</span>
}
