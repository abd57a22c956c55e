import type { WorkDetail } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { useRoleTitles } from '../parts/use-role-titles.ts'

/** A task's service level: its goal, who was told already, and who hears of it next if nobody does it. */
export function TaskLevel({ task }: { task: WorkDetail }) {
  const { t, either, moment } = useWords()
  const titleOf = useRoleTitles()
  if (!task.level) return null
  const { level, ladder } = task
  return (
    <section className="block" aria-label={t('level')} data-testid="task-level">
      <h3>{t('level')}</h3>
      <p>
        <strong>{either(level.title)}</strong> ·{' '}
        <span className={level.status === 'breached' ? 'late' : 'quiet'}>{t(`level_${level.status}`)}</span>
        {level.goal !== null && (
          <>
            {' '}
            · {t('levelGoal')} <time dateTime={level.goal}>{moment(level.goal)}</time>
          </>
        )}
        {level.pausedUntil !== null && ` · ${t('levelRuns', { time: moment(level.pausedUntil) })}`}
      </p>
      <ul className="comments">
        {ladder.climbed.map((one) => (
          <li key={one.at}>
            <span className="quiet">{moment(one.at)}</span> {t('levelTold', { role: titleOf(one.to) })}
            {one.people.length > 0 && ` (${one.people.join(', ')})`}{' '}
            {one.acknowledged === null ? (
              <span className="tag bad">{t('levelUnanswered')}</span>
            ) : (
              <span className="quiet">{t('levelKnown', { name: one.by ?? '', time: moment(one.acknowledged) })}</span>
            )}
          </li>
        ))}
        {ladder.next && (
          <li className="quiet">
            {t(ladder.next.onCall ? 'levelNextOnCall' : 'levelNext', {
              time: moment(ladder.next.at),
              role: titleOf(ladder.next.to),
            })}
          </li>
        )}
      </ul>
    </section>
  )
}
