import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Draft, DraftSave, DraftSaved } from '../../src/contracts/index.ts'
import { ApiError, call } from '../api/call.ts'
import { draftQuery } from '../api/pathway-queries.ts'

type Part = 'source' | 'scenarios' | 'templates'

/** Saves one part of a draft. A stale save fetches the other text, so that both can be looked at. */
export function useSaveDraft<P extends Part>(draft: Draft, part: P, { saved }: { saved: (revision: number) => void }) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ value, revision }: { value: NonNullable<DraftSave[P]>; revision: number }) =>
      call<DraftSaved>('PUT', `/api/drafts/${draft.id}`, { revision, [part]: value }),
    async onSuccess({ revision }) {
      await queries.invalidateQueries({ queryKey: ['pathways', 'drafts'] })
      await queries.invalidateQueries({ queryKey: draftQuery(draft.id).queryKey })
      saved(revision)
    },
    async onError(error) {
      if (error instanceof ApiError && error.code === 'stale-draft')
        await queries.invalidateQueries({ queryKey: draftQuery(draft.id).queryKey })
    },
  })
}
