import { useQuery } from '@tanstack/react-query'
import { glassReasonsQuery } from '../api/access-queries.ts'
import { useWords } from '../i18n.ts'

/** Gives the title of a reason of emergency access in the reader's language. */
export function useReasonTitles(): (code: string) => string {
  const { either } = useWords()
  const reasons = useQuery(glassReasonsQuery)
  return (code) => {
    const reason = reasons.data?.items.find((one) => one.code === code)
    return reason ? either(reason.title) : code
  }
}
