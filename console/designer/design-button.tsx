import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { Draft } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { useAct } from '../parts/use-act.ts'

/** Begins a draft of a version and opens it in the designer. */
export function DesignButton({ pathway, version }: { pathway: string; version: number }) {
  const { t } = useWords()
  const navigate = useNavigate()
  const begin = useAct(() => call<Draft>('POST', '/api/drafts', { pathway, version }), {
    anew: [['pathways']],
    done: (draft) =>
      void navigate({ to: '/pathways/$id/design/$draft', params: { id: draft.pathway, draft: draft.id } }),
  })
  return (
    <Button variant="filled" loading={begin.isPending} onClick={() => begin.mutate()}>
      {t('designOpen')}
    </Button>
  )
}
