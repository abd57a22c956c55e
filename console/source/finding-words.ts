import { useMemo } from 'react'
import type { Finding } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'

type Said = Pick<Finding, 'code' | 'message'>

/**
 * What the checker found, in the reader's language. The checker's own sentences are English and name what they are about; in
 * French each code has a sentence here, and what has none is shown in English and says so.
 */
export function useFindingWords(): (finding: Said) => string {
  const { t, language } = useWords()
  return useMemo(
    () =>
      ({ code, message }) =>
        language === 'en' ? message : t(`finding_${code}`, { defaultValue: t('inEnglishOnly', { message }) }),
    [t, language],
  )
}
