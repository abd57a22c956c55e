import { type Filled, type Form, readable } from '../../src/forms/index.ts'
import { useWords } from '../i18n.ts'

/** Answers to be read: as they were asked, in order, with what they count for. */
export function AnswersShown({ form, filled }: { form: Form; filled: Filled }) {
  const { t, either, number } = useWords()
  const lines = readable(filled)
  if (lines.every(({ values }) => values === null)) return <p className="quiet">{t('noAnswers')}</p>
  return (
    <dl className="answers">
      {lines.map((line, index) =>
        line.heading ? (
          <div key={index} className="answers-head">
            <dt>{either(line.label)}</dt>
          </div>
        ) : (
          <div key={index} style={{ paddingInlineStart: `${line.depth}rem` }}>
            <dt>{either(line.label)}</dt>
            <dd>
              {line.values === null ? (
                <span className="quiet">{t('leftOpen')}</span>
              ) : (
                line.values.map(either).join(', ')
              )}
              {line.score !== undefined && <span className="quiet number"> ({number(line.score)})</span>}
            </dd>
          </div>
        ),
      )}
      {form.notice && <p className="quiet form-notice">{either(form.notice)}</p>}
    </dl>
  )
}
