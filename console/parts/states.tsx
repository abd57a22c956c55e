import type { ReactNode } from 'react'
import { useWords } from '../i18n.ts'

/** Grey lines where content will be. They show after 300 ms only (by the style sheet): a fast answer must not flicker. */
export function Waiting({ lines = 6 }: { lines?: number }) {
  const { t } = useWords()
  return (
    <div className="waiting" role="status">
      <span className="unseen">{t('loading')}</span>
      {Array.from({ length: lines }, (_none, index) => (
        <div key={index} className="bone" style={{ width: `${92 - ((index * 17) % 40)}%` }} />
      ))}
    </div>
  )
}

/** Nothing to show: says so, and what to do next. */
export function Empty({ title, hint, children }: { title: string; hint?: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {hint !== undefined && <p className="quiet">{hint}</p>}
      {children}
    </div>
  )
}
