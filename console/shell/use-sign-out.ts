import { useMutation } from '@tanstack/react-query'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { tellFailure } from '../parts/failure.tsx'

/** Signs out. The page is loaded anew: nothing of what this person saw stays for the next one at this desk. */
export function useSignOut() {
  const { t } = useWords()
  return useMutation({
    mutationFn: () => call('DELETE', '/api/session'),
    onSuccess: () => window.location.assign('/'),
    onError: (error) => tellFailure(t, error),
  })
}
