import type { ReleaseScope } from '../../src/contracts/index.ts'
import type { useWords } from '../i18n.ts'

/** A scope in words: "Location/north, urgent", or "everywhere". */
export function scopeWords({ t, code }: Pick<ReturnType<typeof useWords>, 't' | 'code'>, scope: ReleaseScope): string {
  const { site, department, providerGroup, step, shift, acuity, confidence } = scope
  const parts = [
    site,
    department,
    providerGroup,
    step,
    shift && `${shift.start}–${shift.end}`,
    acuity?.map((one) => code('priority', one)).join(', '),
    confidence === undefined ? undefined : `≥ ${Math.round(confidence * 100)} %`,
  ].filter((part) => part !== undefined)
  return parts.length === 0 ? t('everywhere') : parts.join(' · ')
}
