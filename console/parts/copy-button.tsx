import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useWords } from '../i18n.ts'

/** Copies a text. Nothing where the browser has no clipboard for us: it is there on https and on this machine only. */
export function CopyButton({ text }: { text: string }) {
  const { t } = useWords()
  if (typeof navigator.clipboard?.writeText !== 'function') return null
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    notifications.show({ color: 'pine', message: t('copied'), closeButtonProps: { 'aria-label': t('close') } })
  }
  return <Button onClick={() => void copy()}>{t('copy')}</Button>
}
