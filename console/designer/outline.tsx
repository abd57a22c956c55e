import { useWords } from '../i18n.ts'
import { Icon, isIcon } from '../parts/icons.tsx'
import { useFindingWords } from '../source/finding-words.ts'
import { findingsAt, useDesigner } from './design-context.ts'
import { kindOfStep, titleOfStep } from './titles.ts'

/** The pathway as a list: the same that the picture shows, for those who read or go by keyboard. */
export function Outline({ addTrack, mayWrite }: { addTrack: () => void; mayWrite: boolean }) {
  const { t, either, code } = useWords()
  const { design, chosen, choose, findings } = useDesigner()
  const say = useFindingWords()
  const mark = (path: string) => {
    const found = findingsAt(findings, path)
    if (found.length === 0) return null
    const severity = found.some((one) => one.severity === 'error') ? 'error' : 'warning'
    return (
      <span className="design-mark" data-severity={severity} title={found.map(say).join('\n')}>
        <Icon name={severity === 'error' ? 'late' : 'clock'} size={12} />
        <span className="unseen">{t(severity)}</span>
      </span>
    )
  }
  return (
    <nav className="design-outline" aria-label={t('designOutline')}>
      <button
        type="button"
        className="design-item"
        aria-current={chosen.kind === 'pathway'}
        onClick={() => choose({ kind: 'pathway' })}
      >
        <span className="design-item-title">{t('designWhole')}</span>
        {mark('starts')}
      </button>
      {Object.entries(design.tracks).map(([track, { title, steps }]) => (
        <section key={track} aria-label={title ? either(title) : track}>
          <button
            type="button"
            className="design-item design-item-track"
            aria-current={chosen.kind === 'track' && chosen.id === track}
            onClick={() => choose({ kind: 'track', id: track })}
          >
            <span className="design-item-title">{title ? either(title) : track}</span>
            {mark(`tracks.${track}.starts`)}
          </button>
          <ol>
            {Object.entries(steps).map(([id, step]) => {
              const kind = kindOfStep(step)
              return (
                <li key={id}>
                  <button
                    type="button"
                    className="design-item"
                    data-testid={`outline-${id}`}
                    aria-current={chosen.kind === 'step' && chosen.id === id}
                    onClick={() => choose({ kind: 'step', id })}
                  >
                    {isIcon(kind) && <Icon name={kind} size={12} />}
                    <span className="design-item-title">
                      {either(titleOfStep(id, step))}
                      <span className="unseen">, {code('kind', kind)}</span>
                    </span>
                    {mark(`tracks.${track}.steps.${id}`)}
                  </button>
                </li>
              )
            })}
          </ol>
        </section>
      ))}
      {mayWrite && (
        <button type="button" className="plain-button design-add" onClick={addTrack}>
          <Icon name="add" size={13} /> {t('designAddTrack')}
        </button>
      )}
    </nav>
  )
}
