import { useMemo } from 'react'
import { useWords } from '../i18n.ts'
import { linesBetween, type TwoLines } from '../parts/lines-between.ts'

const around = 3

/** Changed lines with a few around them. */
export function TwoTexts({ before, after }: { before: string; after: string }) {
  const { t } = useWords()
  const lines = useMemo(() => linesBetween(before, after), [before, after])
  const near = useMemo(() => {
    const shown = new Set<number>()
    for (const [index, line] of lines.entries())
      if (!line.before || !line.after)
        for (let at = index - around; at <= index + around; at += 1) if (at >= 0 && at < lines.length) shown.add(at)
    return [...shown].toSorted((a, b) => a - b)
  }, [lines])
  return (
    <div className="table-wrap" tabIndex={0} role="group" aria-label={t('lineByLine')}>
      <table className="two-texts">
        <tbody>
          {near.map((index, place) => (
            <TextLine key={index} line={lines[index]} gap={index > 0 && near[place - 1] !== index - 1} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function TextLine({ line, gap }: { line: TwoLines | undefined; gap: boolean }) {
  const { t } = useWords()
  if (!line) return null
  const kind = line.before ? (line.after ? undefined : 'removed') : 'added'
  const text = line.after?.text ?? line.before?.text ?? ''
  return (
    <>
      {gap && (
        <tr data-kind="gap">
          <td colSpan={3}>…</td>
        </tr>
      )}
      <tr data-kind={kind}>
        <td>{line.before?.n}</td>
        <td>{line.after?.n}</td>
        <td>
          {kind !== undefined && <span className="unseen">{t(`mark_${kind}`)}: </span>}
          {kind === 'added' ? '+ ' : kind === 'removed' ? '− ' : '  '}
          {text}
        </td>
      </tr>
    </>
  )
}
