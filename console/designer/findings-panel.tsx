import { useWords } from '../i18n.ts'
import { Icon } from '../parts/icons.tsx'
import { useFindingWords } from '../source/finding-words.ts'
import { stepOfPath, useDesigner } from './design-context.ts'
import { useStepWords } from './use-step-words.ts'

/** What the checker says; each leads to the step concerned, or to its line. */
export function FindingsPanel({ goTo }: { goTo: (line: number, column: number) => void }) {
  const { t } = useWords()
  const { findings, checked, choose, design } = useDesigner()
  const words = useStepWords()
  const say = useFindingWords()
  if (findings.length === 0)
    return (
      <p className="good-text design-pad" role="status">
        <Icon name="done" /> {checked ? t('noFindings') : t('checking')}
      </p>
    )
  const ordered = findings.toSorted((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'))
  return (
    <ul className="findings design-pad" data-testid="design-findings">
      {ordered.map((finding, index) => {
        const step = stepOfPath(finding.path)
        const track = /^tracks\.([^.]+)/.exec(finding.path)?.[1]
        const known = step !== undefined && Object.values(design.tracks).some((one) => step in one.steps)
        return (
          <li key={index} data-severity={finding.severity}>
            <span className={finding.severity === 'error' ? 'late' : 'soon'}>
              <Icon name={finding.severity === 'error' ? 'late' : 'clock'} size={13} /> {t(finding.severity)}
            </span>
            <button
              type="button"
              className="plain-button"
              onClick={() =>
                choose(
                  known
                    ? { kind: 'step', id: step }
                    : track !== undefined
                      ? { kind: 'track', id: track }
                      : { kind: 'pathway' },
                )
              }
            >
              {known ? words.title(step) : (track ?? t('designWhole'))}
            </button>
            {finding.line !== undefined && (
              <button
                type="button"
                className="plain-button number"
                onClick={() => goTo(finding.line ?? 1, finding.column ?? 1)}
              >
                {t('line', { n: finding.line })}
              </button>
            )}
            <span>{say(finding)}</span>
          </li>
        )
      })}
    </ul>
  )
}
