import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { Link } from '@tanstack/react-router'
import { useWords } from '../i18n.ts'
import { targetOf } from './reference-link.tsx'

const referring = /^(\s*"reference": )"([^"]+)"(,?)$/

/** A resource as it is stored, each line numbered; its references lead to what they point at. */
export function JsonView({ value }: { value: unknown }) {
  const { t } = useWords()
  const text = JSON.stringify(value, undefined, 2)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    notifications.show({ color: 'pine', message: t('copied'), closeButtonProps: { 'aria-label': t('close') } })
  }
  return (
    <section aria-label="JSON" className="json">
      <Button onClick={() => void copy()}>{t('copy')}</Button>
      <pre className="source" tabIndex={0} aria-label="JSON">
        {text.split('\n').map((line, index) => {
          const [, before, reference, comma] = referring.exec(line) ?? []
          const target = targetOf(reference)
          return (
            <span key={index}>
              {target ? (
                <>
                  {before}
                  <Link to="/record/$type/$id" params={target}>
                    "{reference}"
                  </Link>
                  {comma}
                </>
              ) : (
                line
              )}
            </span>
          )
        })}
      </pre>
    </section>
  )
}
