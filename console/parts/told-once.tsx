import { Button, Modal, TextInput } from '@mantine/core'
import { useWords } from '../i18n.ts'
import { CopyButton } from './copy-button.tsx'

interface ToldOnceProps {
  title: string
  /** What the secret belongs to. */
  label: string
  secret: string
  /** What else must be noted, e.g. a client's id. */
  beside?: { label: string; value: string }
  close: () => void
}

/** A secret that is shown this once. It does not close by a click beside it. */
export function ToldOnce({ title, label, secret, beside, close }: ToldOnceProps) {
  const { t } = useWords()
  const mono = { styles: { input: { fontFamily: 'monospace' } }, readOnly: true }
  return (
    <Modal
      opened
      onClose={close}
      closeOnClickOutside={false}
      title={title}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <div className="form">
        {beside && <TextInput label={beside.label} value={beside.value} {...mono} />}
        <TextInput
          label={label}
          description={t('tokenOnce')}
          value={secret}
          data-autofocus
          onFocus={(event) => event.currentTarget.select()}
          {...mono}
        />
        <div className="form-end">
          <CopyButton text={secret} />
          <Button variant="filled" onClick={close}>
            {t('close')}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
