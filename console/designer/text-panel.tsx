import { useEffect, useRef } from 'react'
import { useWords } from '../i18n.ts'
import { SourceEditor } from '../source/source-editor.tsx'
import { useDesigner } from './design-context.ts'

/** The text beside the picture: what is written here is drawn there, and the other way round. */
export function TextPanel({ at, mayWrite }: { at: { line: number; column: number } | undefined; mayWrite: boolean }) {
  const { t } = useWords()
  const { work, write, findings, readable } = useDesigner()
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    const area = field.current
    if (!area || !at) return
    const before = area.value
      .split('\n')
      .slice(0, at.line - 1)
      .join('\n').length
    const start = before + (at.line > 1 ? 1 : 0) + at.column - 1
    area.focus()
    area.setSelectionRange(start, start)
    area.scrollTop = Math.max(0, (at.line - 6) * Number.parseFloat(getComputedStyle(area).lineHeight))
  }, [at])
  return (
    <div className="design-source">
      {!readable && (
        <p className="design-fault" role="status">
          {t('designUnreadable')}
        </p>
      )}
      <SourceEditor
        ref={field}
        value={work.source}
        change={(source) => {
          if (mayWrite) write({ source }, 'text')
        }}
        findings={findings}
      />
    </div>
  )
}
