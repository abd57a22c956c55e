import { useState } from 'react'
import type { Finding } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { Findings } from './findings.tsx'

/** A definition as it is written, with line numbers; what the checker found leads to its line. */
export function Source({ source, findings }: { source: string; findings: readonly Finding[] }) {
  const { t } = useWords()
  const [at, setAt] = useState<number>()
  const marked = new Map(
    findings.flatMap((finding) => (finding.line === undefined ? [] : [[finding.line, finding.severity]])),
  )
  const go = (line: number) => {
    setAt(line)
    document.getElementById(`line-${line}`)?.scrollIntoView({ block: 'center' })
  }
  return (
    <>
      <section aria-label={t('findings')}>
        <h2>
          {t('findings')} <span className="count">{findings.length}</span>
        </h2>
        <Findings findings={findings} go={go} />
      </section>
      <section aria-label={t('source')}>
        <h2>{t('source')}</h2>
        <pre className="source" tabIndex={0} aria-label={t('source')}>
          {source
            .replace(/\n$/, '')
            .split('\n')
            .map((line, index) => (
              <span
                key={index}
                id={`line-${index + 1}`}
                data-severity={marked.get(index + 1)}
                data-at={at === index + 1}
              >
                {line === '' ? ' ' : line}
              </span>
            ))}
        </pre>
      </section>
    </>
  )
}
