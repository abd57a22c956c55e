import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { DesignSurroundings, Draft, DraftSave, DraftSaved } from '../../src/contracts/index.ts'
import { ApiError, call, get } from '../api/call.ts'
import type { Work } from './design-context.ts'

const path = (id: string) => `/api/drafts/${encodeURIComponent(id)}`

/** Kept out of the feed's topics: what others change must not be put over what is being written here. */
export const designedDraftQuery = (id: string) =>
  queryOptions({
    queryKey: ['designer', 'draft', id],
    queryFn: () => get<Draft>(path(id)),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
export const surroundingsQuery = queryOptions({
  queryKey: ['pathways', 'surroundings'],
  queryFn: () => get<DesignSurroundings>('/api/design/surroundings'),
  staleTime: 60_000,
})

export type SaveState = 'saved' | 'changed' | 'saving' | 'stale' | 'failed'

const quiet = 800

/** Saves what is worked on, a moment after the last change; only the parts that changed. */
export function useAutosave(draft: Draft, work: Work, mayWrite: boolean) {
  const queries = useQueryClient()
  const saved = useRef<{ revision: number; work: Work }>({
    revision: draft.revision,
    work: { source: draft.source, templates: draft.templates, scenarios: draft.scenarios },
  })
  const [state, setState] = useState<SaveState>('saved')
  const [refusal, setRefusal] = useState<ApiError>()
  const latest = useRef(work)
  latest.current = work
  const running = useRef<Promise<boolean>>(undefined)

  const once = useCallback(async (): Promise<boolean> => {
    const now = latest.current
    const before = saved.current.work
    const body: DraftSave = { revision: saved.current.revision }
    if (now.source !== before.source) body.source = now.source
    if (now.templates !== before.templates) body.templates = [...now.templates]
    if (now.scenarios !== before.scenarios) body.scenarios = [...now.scenarios]
    if (Object.keys(body).length === 1) {
      setState('saved')
      return true
    }
    setState('saving')
    try {
      const { revision } = await call<DraftSaved>('PUT', path(draft.id), body)
      saved.current = { revision, work: now }
      setRefusal(undefined)
      setState(latest.current === now ? 'saved' : 'changed')
      void queries.invalidateQueries({ queryKey: ['pathways'] })
      return true
    } catch (error) {
      const known = error instanceof ApiError ? error : undefined
      setRefusal(known)
      setState(known?.status === 409 ? 'stale' : 'failed')
      return false
    }
  }, [draft.id, queries])

  /** Saves now, after what is being saved; whether all is kept. */
  const save = useCallback(async (): Promise<boolean> => {
    while (running.current) await running.current
    running.current = once()
    try {
      return await running.current
    } finally {
      running.current = undefined
    }
  }, [once])

  // What is written while a save is under way waits for its end; after a failure the next change tries again.
  useEffect(() => {
    if (mayWrite) setState((one) => (one === 'stale' || one === 'saving' ? one : 'changed'))
  }, [work, mayWrite])
  useEffect(() => {
    if (state !== 'changed') return
    const { work: before } = saved.current
    // Changed and undone: there is nothing to save.
    if (work.source === before.source && work.templates === before.templates && work.scenarios === before.scenarios) {
      setState('saved')
      return
    }
    const timer = setTimeout(() => void save(), quiet)
    return () => clearTimeout(timer)
  }, [work, state, save])

  /** Over what somebody else saved: their revision is taken as seen. */
  const overwrite = useCallback(async () => {
    const theirs = await get<Draft>(path(draft.id))
    saved.current = {
      revision: theirs.revision,
      work: { source: theirs.source, templates: theirs.templates, scenarios: theirs.scenarios },
    }
    setState('changed')
    await save()
  }, [draft.id, save])

  return { state, refusal, save, overwrite, revision: () => saved.current.revision }
}

export function useDraft(id: string) {
  return { draft: useQuery(designedDraftQuery(id)), surroundings: useQuery(surroundingsQuery) }
}
