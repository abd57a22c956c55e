import { useWords } from '../i18n.ts'
import { useClock } from './clock.ts'
import { Icon } from './icons.tsx'
import { runsShort } from './spans.ts'

interface Due {
  due: string | null
  overdue: boolean
  createdAt?: string
}

/** When something is due, in words; by colour and sign when it is late or soon will be. */
export function DueMark({ item }: { item: Due }) {
  const { due, moment } = useWords()
  const { now } = useClock()
  if (item.due === null) return null
  const short =
    item.createdAt !== undefined && runsShort({ createdAt: item.createdAt, due: item.due, overdue: item.overdue }, now)
  return (
    <time
      dateTime={item.due}
      title={moment(item.due)}
      className={`due ${item.overdue ? 'late' : short ? 'soon' : 'quiet'}`}
    >
      {(item.overdue || short) && <Icon name={item.overdue ? 'late' : 'clock'} size={13} />}
      {due(item.due)}
    </time>
  )
}

/** Shown only when it is not routine: what is ordinary needs no mark. */
export function PriorityMark({ priority }: { priority: string }) {
  const { code } = useWords()
  if (priority === 'routine') return null
  return (
    <span className="tag urgent">
      <Icon name="urgent" size={12} />
      {code('priority', priority)}
    </span>
  )
}
