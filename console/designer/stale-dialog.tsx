import { Button, Modal } from '@mantine/core'
import type { ApiError } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { useDesigner } from './design-context.ts'

/** Somebody else has changed the same part: both texts are there still, and a person says which is to stand. */
export function StaleDialog({
  refusal,
  overwrite,
  reload,
}: {
  refusal: ApiError | undefined
  overwrite: () => Promise<unknown>
  reload: () => unknown
}) {
  const { t } = useWords()
  const { work } = useDesigner()
  return (
    <Modal opened onClose={() => undefined} withCloseButton={false} title={t('designStale')}>
      <div className="form">
        {refusal?.faults.map((fault, index) => (
          <p key={index}>{fault.message}</p>
        ))}
        <p>{t('designStaleHint')}</p>
        <div className="form-end">
          <CopyButton text={work.source} />
          <Button onClick={() => void reload()}>{t('designTheirs')}</Button>
          <Button variant="filled" onClick={() => void overwrite()}>
            {t('designMine')}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
