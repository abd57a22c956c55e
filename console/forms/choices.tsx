import { NativeSelect, TextInput } from '@mantine/core'
import { useId } from 'react'
import { type Answer, type FilledNode, sameAnswer } from '../../src/forms/index.ts'
import { useWords } from '../i18n.ts'

/** More options than this are a list to open, unless the form wants them laid out. */
const mostLaidOut = 9
const laidOut = new Set(['radio-button', 'check-box'])

interface ChoiceProps {
  node: FilledNode
  label: string
  change: (answers: readonly Answer[]) => void
}

/** The options of a choice: one of them, or several if the question repeats. A digit chooses while one has the focus. */
export function Choices({ node, label, change }: ChoiceProps) {
  const { t, either } = useWords()
  const name = useId()
  const { item, options, answers } = node
  const chosen = (answer: Answer) => answers.some((one) => sameAnswer(one, answer))
  const open = item.type === 'open-choice'
  const own = answers.find(
    (one) => one.valueString !== undefined && !options.some(({ answer }) => sameAnswer(answer, one)),
  )
  const listed = answers.filter((one) => one !== own)
  const toggle = (index: number) => {
    const option = options[index]
    if (!option) return
    if (!item.repeats) return change([option.answer])
    if (chosen(option.answer)) return change(answers.filter((one) => !sameAnswer(one, option.answer)))
    const exclusive = (one: Answer) => options.some((other) => other.exclusive && sameAnswer(other.answer, one))
    change(option.exclusive ? [option.answer] : [...answers.filter((one) => !exclusive(one)), option.answer])
  }
  const write = (text: string) => {
    const kept = item.repeats ? listed : []
    change(text === '' ? kept : [...kept, { valueString: text }])
  }
  const dropDown =
    !item.repeats && !laidOut.has(item.control ?? '') && (options.length > mostLaidOut || item.control === 'drop-down')
  return (
    <div className="choices">
      {dropDown ? (
        <NativeSelect
          aria-label={label}
          value={String(options.findIndex((option) => chosen(option.answer)))}
          data={[
            { value: '-1', label: t('choose') },
            ...options.map((option, index) => ({ value: String(index), label: either(option.words) })),
          ]}
          onChange={(event) => {
            const index = Number(event.currentTarget.value)
            if (index < 0) change([])
            else toggle(index)
          }}
        />
      ) : (
        options.map((option, index) => (
          <label key={index} className={`choice ${chosen(option.answer) ? 'chosen' : ''}`}>
            <input
              type={item.repeats ? 'checkbox' : 'radio'}
              name={name}
              checked={chosen(option.answer)}
              onChange={() => toggle(index)}
              onKeyDown={(event) => {
                const wanted = Number(event.key) - 1
                if (event.ctrlKey || event.metaKey || event.altKey || !options[wanted] || event.key === ' ') return
                event.preventDefault()
                toggle(wanted)
                const inputs = event.currentTarget
                  .closest('.choices')
                  ?.querySelectorAll<HTMLInputElement>('.choice input')
                inputs?.[wanted]?.focus()
              }}
            />
            <kbd aria-hidden="true">{index + 1}</kbd>
            <span>{either(option.words)}</span>
          </label>
        ))
      )}
      {open && (
        <TextInput
          aria-label={`${label}: ${t('somethingElse')}`}
          placeholder={t('somethingElse')}
          value={own?.valueString ?? ''}
          onChange={(event) => write(event.currentTarget.value)}
        />
      )}
      {!item.repeats && answers.length > 0 && !item.required && (
        <button type="button" className="plain-button quiet" onClick={() => change([])}>
          {t('clearAnswer')}
        </button>
      )}
    </div>
  )
}
