import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query'
import { useWords } from '../i18n.ts'
import { tellFailure } from './failure.tsx'

interface Acting<Answer> {
  /** What is looked at again afterwards. */
  anew: readonly QueryKey[]
  done?: (answer: Answer) => void
  /** A form shows its failure itself. */
  quiet?: boolean
}

/** An act on the server after which some questions are asked anew. */
export function useAct<Given = void, Answer = unknown>(
  act: (given: Given) => Promise<Answer>,
  { anew, done, quiet = false }: Acting<Answer>,
) {
  const { t } = useWords()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: act,
    onError: (error) => {
      if (!quiet) tellFailure(t, error)
    },
    async onSuccess(answer) {
      await Promise.all(anew.map((queryKey) => queries.invalidateQueries({ queryKey })))
      done?.(answer)
    },
  })
}
