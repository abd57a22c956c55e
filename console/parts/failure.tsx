import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { ApiError } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { Icon } from './icons.tsx'

type Translate = ReturnType<typeof useWords>['t']

/** A failure in the reader's language: by its code, else by its kind. */
export function failureText(t: Translate, error: unknown): string {
  if (!(error instanceof ApiError)) return t('failed')
  // A conflict names who has the task, a refusal what is missing: the server's sentence says more than ours.
  if (error.code === 'task-not-permitted') return error.message
  const kind =
    error.status === 0
      ? 'unreachable'
      : error.status === 403
        ? 'forbidden'
        : error.status === 404
          ? 'notFound'
          : error.status >= 500
            ? 'serverFailed'
            : ''
  return t(`error_${error.code}`, { defaultValue: kind === '' ? error.message || t('failed') : t(kind) })
}

export function tellFailure(t: Translate, error: unknown): void {
  notifications.show({
    color: 'red',
    title: t('failed'),
    message: failureText(t, error),
    autoClose: 8_000,
    role: 'alert',
  })
}

/** In place of what could not be shown: what happened, and a way on. */
export function Failure({ error, retry }: { error: unknown; retry?: () => unknown }) {
  const { t } = useWords()
  const offline = error instanceof ApiError && error.status === 0
  return (
    <div className="empty" role="alert">
      <p className="empty-title">
        <Icon name={offline ? 'offline' : 'late'} size={18} /> {failureText(t, error)}
      </p>
      {retry && <Button onClick={() => void retry()}>{t('tryAgain')}</Button>}
    </div>
  )
}

const placed =
  /^(?:invalid-request|csv-invalid|(?:pathway|move|subscription|export)-refused|(?:policy|client|resource)-invalid|files-.*|search-.*)$/

/** Inside a form: the refusal and where its faults are. */
export function FormFailure({ error }: { error: unknown }) {
  const { t } = useWords()
  if (!error) return null
  // Of most refusals the sentence says everything; of these the places are what matters.
  const faults = error instanceof ApiError && placed.test(error.code) ? error.faults : []
  return (
    <div className="form-failure" role="alert">
      <strong>{failureText(t, error)}</strong>
      {faults.length > 0 && (
        <ul>
          {faults.map((fault, index) => (
            <li key={index}>
              <code>{fault.path}</code> {fault.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
