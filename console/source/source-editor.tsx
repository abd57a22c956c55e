import { type RefObject, useRef } from 'react'
import type { Finding } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'

interface SourceEditorProps {
  ref: RefObject<HTMLTextAreaElement | null>
  value: string
  change: (value: string) => void
  findings: readonly Finding[]
}

/** A plain field with line numbers beside it. Tab leaves the field, as everywhere: spaces are typed. */
export function SourceEditor({ ref, value, change, findings }: SourceEditorProps) {
  const { t } = useWords()
  const gutter = useRef<HTMLDivElement>(null)
  const marked = new Map(
    findings.flatMap((finding) => (finding.line === undefined ? [] : [[finding.line, finding.severity]])),
  )
  return (
    <div className="editor">
      <div ref={gutter} className="gutter" aria-hidden="true">
        {value.split('\n').map((_line, index) => (
          <span key={index} data-severity={marked.get(index + 1)}>
            {index + 1}
          </span>
        ))}
      </div>
      <textarea
        ref={ref}
        aria-label={t('source')}
        spellCheck={false}
        autoCapitalize="off"
        autoCorrect="off"
        wrap="off"
        value={value}
        onChange={(event) => change(event.currentTarget.value)}
        onScroll={(event) => {
          if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop
        }}
      />
    </div>
  )
}
