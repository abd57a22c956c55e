import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Checked, Draft } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { SourceDialog } from '../source/source-dialog.tsx'

/** Writes a new pathway, or a new version of one. */
export function PublishDialog({
  source,
  base,
  close,
}: {
  source: string
  base: string | undefined
  close: () => void
}) {
  const { t } = useWords()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const publish = async (text: string, note: string) => {
    const draft = await call<Draft>('POST', '/api/drafts', base === undefined ? { source: text } : { pathway: base })
    const { revision } =
      base === undefined
        ? draft
        : await call<{ revision: number }>('PUT', `/api/drafts/${draft.id}`, { revision: draft.revision, source: text })
    await call('POST', `/api/drafts/${draft.id}/ask`, { revision, note })
    await queries.invalidateQueries({ queryKey: ['pathways'] })
    notifications.show({
      color: 'pine',
      message: t('askedForReview'),
      autoClose: 8_000,
      closeButtonProps: { 'aria-label': t('close') },
    })
    void navigate({ to: '/pathways' })
  }
  return (
    <SourceDialog
      title={base === undefined ? t('newPathwayTitle') : t('newVersionTitle', { id: base })}
      source={source}
      empty={t('writeYaml')}
      hint={t('publishHint')}
      check={(text) => call<Checked>('POST', '/api/pathways/check', { source: text })}
      publish={publish}
      close={close}
    />
  )
}
