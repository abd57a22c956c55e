import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Checked, Published } from '../../src/contracts/index.ts'
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
    const { pathway, version, changed } = await call<Published>('POST', '/api/pathways', { source: text, note })
    await queries.invalidateQueries({ queryKey: ['pathways'] })
    notifications.show({
      color: 'pine',
      message: t(changed ? 'publishedAs' : 'publishedSame', { n: version }),
      autoClose: 8_000,
      closeButtonProps: { 'aria-label': t('close') },
    })
    void navigate({ to: '/pathways/$id', params: { id: pathway }, search: {} })
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
