import { useNavigate } from '@tanstack/react-router'
import type { Draft } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useAct } from '../parts/use-act.ts'

type From = { pathway: string; version?: number } | { catalogue: string } | { source: string }

/** Begins a draft and shows it. */
export function useBeginDraft() {
  const navigate = useNavigate()
  return useAct((from: From) => call<Draft>('POST', '/api/drafts', from), {
    anew: [['pathways']],
    done: ({ id }) => void navigate({ to: '/pathways/drafts/$draft', params: { draft: id } }),
  })
}
