import { NativeSelect, Radio } from '@mantine/core'
import type { WorkItem } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'

/** How a task ended: one of its outcomes, chosen by arrow keys. */
export function OutcomeField({
  outcomes,
  outcome,
  choose,
}: {
  outcomes: WorkItem['outcomes']
  outcome: string
  choose: (outcome: string) => void
}) {
  const { t, either } = useWords()
  return (
    <Radio.Group label={t('outcome')} value={outcome} onChange={choose} withAsterisk>
      {outcomes.map((one, index) => (
        <Radio
          key={one.code}
          value={one.code}
          label={either(one.title)}
          mt={8}
          {...(index === 0 ? { 'data-autofocus': true } : {})}
        />
      ))}
    </Radio.Group>
  )
}

/** For how many hours a task is put off. */
export function SnoozeField({ hours, choose }: { hours: string; choose: (hours: string) => void }) {
  const { t, span } = useWords()
  return (
    <NativeSelect
      label={t('snoozeFor')}
      data-autofocus
      value={hours}
      onChange={(event) => choose(event.currentTarget.value)}
      data={[1, 4, 24, 72, 168, 336].map((one) => ({ value: String(one), label: span(one * 60) }))}
    />
  )
}
