import { NativeSelect, NumberInput } from '@mantine/core'
import { useWords } from '../i18n.ts'

const reasons = [
  'no-capacity',
  'not-competent',
  'wrong-person',
  'information-missing',
  'patient-wishes',
  'clinical-judgement',
  'system-slow',
  'system-cannot',
  'done-already',
  'urgent',
  'other',
] as const

export interface Cause {
  code: string
  lost: number | undefined
}

/** Why somebody does otherwise, as a code, and the minutes that it cost. */
export function CauseFields({ cause, change }: { cause: Cause; change: (cause: Cause) => void }) {
  const { t } = useWords()
  return (
    <div className="pair">
      <NativeSelect
        label={t('overrideWhy')}
        required
        value={cause.code}
        onChange={(event) => change({ ...cause, code: event.currentTarget.value })}
        data={[{ value: '', label: t('choose') }, ...reasons.map((value) => ({ value, label: t(`why_${value}`) }))]}
      />
      <NumberInput
        label={t('minutesLost')}
        min={0}
        max={1440}
        allowDecimal={false}
        value={cause.lost ?? ''}
        onChange={(value) => change({ ...cause, lost: typeof value === 'number' ? value : undefined })}
      />
    </div>
  )
}
