import { useId, useState } from 'react'
import type { WhyAnswer } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'

/** Why something is here: the sentence, and on demand every line of the log that led to it. */
export function Why({ why, title }: { why: WhyAnswer; title: string }) {
  const { t, moment } = useWords()
  const [open, setOpen] = useState(false)
  const id = useId()
  return (
    <section className="block" aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>{title}</h3>
      <p className="why">{why.sentence}</p>
      {why.chain.length > 0 && (
        <>
          <button
            type="button"
            className="plain-button"
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setOpen(!open)}
          >
            {open ? t('hideChain') : t('showChain', { count: why.chain.length })}
          </button>
          <ol id={id} className="chain" hidden={!open}>
            {why.chain.map((entry, index) => (
              <li key={index}>
                <time dateTime={entry.at} className="quiet number">
                  {moment(entry.at)}
                </time>
                <span>{entry.sentence}</span>
                <small className="quiet">{t('ruleEvent', { rule: entry.rule, event: entry.event })}</small>
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  )
}
