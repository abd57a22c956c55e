import type { Finding } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { Icon } from '../parts/icons.tsx'
import { useFindingWords } from './finding-words.ts'

/** What the checker says, errors first. */
export function Findings({
  findings,
  go,
}: {
  findings: readonly Finding[]
  /** Leads to a place of the text; left out where the text is not beside. */
  go?: (line: number, column: number) => void
}) {
  const { t } = useWords()
  const say = useFindingWords()
  if (findings.length === 0)
    return (
      <p className="good-text">
        <Icon name="done" /> {t('noFindings')}
      </p>
    )
  const ordered = findings.toSorted((a, b) =>
    a.severity === b.severity ? (a.line ?? 0) - (b.line ?? 0) : a.severity === 'error' ? -1 : 1,
  )
  return (
    <ul className="findings">
      {ordered.map((finding, index) => (
        <li key={index} data-severity={finding.severity}>
          <span className={finding.severity === 'error' ? 'late' : 'soon'}>
            <Icon name={finding.severity === 'error' ? 'late' : 'clock'} size={13} /> {t(finding.severity)}
          </span>
          {finding.line !== undefined && !go && <span className="number">{t('line', { n: finding.line })}</span>}
          {finding.line !== undefined && go && (
            <button
              type="button"
              className="plain-button number"
              onClick={() => go(finding.line ?? 1, finding.column ?? 1)}
            >
              {t('line', { n: finding.line })}
            </button>
          )}
          <span>
            {say(finding)} <code className="quiet">{finding.path}</code>
          </span>
        </li>
      ))}
    </ul>
  )
}
