import type { WorkItem } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { Icon } from './icons.tsx'

/** How a task stands with its service level. On time needs no mark. */
export function LevelMark({ item }: { item: Pick<WorkItem, 'level'> }) {
  const { t, either, moment } = useWords()
  const { level } = item
  if (!level || level.status === 'on-time') return null
  const goal = level.goal === null ? '' : ` · ${t('levelGoal')} ${moment(level.goal)}`
  return (
    <span
      className={level.status === 'paused' ? 'tag' : level.status === 'breached' ? 'tag bad' : 'tag urgent'}
      title={`${either(level.title)}${goal}`}
    >
      <Icon name={level.status === 'breached' ? 'late' : 'clock'} size={12} />
      {t(`level_${level.status}`)}
    </span>
  )
}
