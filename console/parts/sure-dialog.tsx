import { Button, Modal } from '@mantine/core'
import { useWords } from '../i18n.ts'
import { FormFailure } from './failure.tsx'

interface SureDialogProps {
  title: string
  text: string
  /** The word on the button that does it. */
  act: string
  doing: { isPending: boolean; error: unknown; mutate: () => void }
  close: () => void
}

/** Asks once more before something that cannot be taken back. */
export function SureDialog({ title, text, act, doing, close }: SureDialogProps) {
  const { t } = useWords()
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
      <div className="form">
        <FormFailure error={doing.error} />
        <p>{text}</p>
        <div className="form-end">
          <Button onClick={close} data-autofocus>
            {t('cancel')}
          </Button>
          <Button variant="filled" color="red.9" loading={doing.isPending} onClick={() => doing.mutate()}>
            {act}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
