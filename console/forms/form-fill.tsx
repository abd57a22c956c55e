import { Button } from '@mantine/core'
import { type KeyboardEvent, useRef } from 'react'
import {
  type Answer,
  answerWords,
  type Filled,
  type FilledNode,
  type Form,
  saysFault,
  type Sheet,
  withAnswers,
  withoutRow,
  withRow,
} from '../../src/forms/index.ts'
import { useWords } from '../i18n.ts'
import { AnswerInput } from './answer-input.tsx'
import { Choices } from './choices.tsx'

interface FormFillProps {
  form: Form
  sheet: Sheet
  filled: Filled
  change: (sheet: Sheet) => void
  /** Whether what is missing is told too; what is wrong always is. */
  tellMissing: boolean
}

/** A form to fill in: what is asked now, what is computed, what is wrong. Enter goes on to the next question. */
export function FormFill({ form, sheet, filled, change, tellMissing }: FormFillProps) {
  const { either } = useWords()
  const place = useRef<HTMLDivElement>(null)
  const goOn = (event: KeyboardEvent) => {
    const field = event.target
    if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || !(field instanceof HTMLInputElement)) return
    event.preventDefault()
    const questions = [...(place.current?.querySelectorAll<HTMLElement>('[data-question]') ?? [])]
    const at = questions.findIndex((one) => one.contains(field))
    const next = questions[at + 1]?.querySelector<HTMLElement>('input:checked, input, textarea, select')
    next?.focus()
    next?.scrollIntoView({ block: 'nearest' })
  }
  return (
    <div className="form-fill" ref={place} onKeyDown={goOn}>
      {filled.nodes.map((node) => (
        <Node key={node.key} node={node} sheet={sheet} change={change} tellMissing={tellMissing} depth={3} />
      ))}
      {form.notice && <p className="quiet form-notice">{either(form.notice)}</p>}
    </div>
  )
}

interface NodeProps {
  node: FilledNode
  sheet: Sheet
  change: (sheet: Sheet) => void
  tellMissing: boolean
  depth: number
}

function Node({ node, sheet, change, tellMissing, depth }: NodeProps) {
  const { either } = useWords()
  const { item, enabled, rows } = node
  if (!enabled || item.hidden) return null
  const below = (row: FilledNode[]) =>
    row.map((one) => (
      <Node key={one.key} node={one} sheet={sheet} change={change} tellMissing={tellMissing} depth={depth + 1} />
    ))
  if (item.type === 'display') return <p className="form-display">{either(item.text)}</p>
  if (item.type !== 'group')
    return (
      <>
        <Question node={node} sheet={sheet} change={change} tellMissing={tellMissing} />
        {rows.length > 0 && <div className="form-below">{rows.map(below)}</div>}
      </>
    )
  return <Group node={node} sheet={sheet} change={change} tellMissing={tellMissing} depth={depth} below={below} />
}

function Group({
  node,
  sheet,
  change,
  tellMissing,
  depth,
  below,
}: NodeProps & { below: (row: FilledNode[]) => unknown }) {
  const { t, either } = useWords()
  const { item, rows } = node
  const Heading = depth > 3 ? 'h4' : 'h3'
  const label = either(item.text)
  return (
    <section className="form-group" aria-label={label}>
      {label !== '' && <Heading>{label}</Heading>}
      {rows.map((row, index) =>
        item.repeats ? (
          <div key={index} className="form-row" role="group" aria-label={`${label} ${index + 1}`}>
            <>{below(row)}</>
            <Button variant="subtle" onClick={() => change(withoutRow(sheet, node.key, index))}>
              {t('removeRow', { n: index + 1 })}
            </Button>
          </div>
        ) : (
          <div key={index}>
            <>{below(row)}</>
          </div>
        ),
      )}
      {item.repeats && (item.most === undefined || rows.length < item.most) && (
        <Button onClick={() => change(withRow(sheet, node.key))}>{t('addRow')}</Button>
      )}
      <Faults node={node} tellMissing={tellMissing} />
    </section>
  )
}

function Question({ node, sheet, change, tellMissing }: Omit<NodeProps, 'depth'>) {
  const { t, either } = useWords()
  const { item, answers, options, computed } = node
  const label = either(item.text)
  const put = (next: readonly Answer[]) => change(withAnswers(sheet, node.key, next))
  const invalid = shownFaults(node, tellMissing).length > 0
  const choosing = options.length > 0 && (item.type === 'choice' || item.type === 'open-choice')
  const fixed = computed || item.readOnly
  return (
    <fieldset className={`form-question ${invalid ? 'wrong' : ''}`} data-question={item.linkId}>
      <legend>
        {item.prefix !== '' && <span className="number">{item.prefix} </span>}
        {label}
        {item.required && !fixed && (
          <span className="needed" aria-hidden="true">
            {' '}
            *
          </span>
        )}
        {item.required && !fixed && <span className="unseen"> ({t('needed')})</span>}
      </legend>
      {fixed ? (
        <output className="computed">
          {answers.length === 0 ? (
            <span className="quiet">{t('notYetComputed')}</span>
          ) : (
            answers.map((answer) => either(answerWords(node, answer))).join(', ')
          )}
        </output>
      ) : item.type === 'boolean' ? (
        <YesNo node={node} change={put} />
      ) : choosing ? (
        <Choices node={node} label={label} change={put} />
      ) : (
        <Answers node={node} label={label} change={put} invalid={invalid} />
      )}
      <Faults node={node} tellMissing={tellMissing} />
    </fieldset>
  )
}

function YesNo({ node, change }: { node: FilledNode; change: (answers: readonly Answer[]) => void }) {
  const words = [
    { en: 'Yes', fr: 'Oui' },
    { en: 'No', fr: 'Non' },
  ]
  const options = [true, false].map((valueBoolean, index) => ({
    answer: { valueBoolean },
    words: words[index] ?? { en: '', fr: '' },
    weight: undefined,
    exclusive: false,
    initial: false,
  }))
  return <Choices node={{ ...node, options }} label="" change={change} />
}

/** The fields of a question, one more than answered if it repeats. */
function Answers({
  node,
  label,
  change,
  invalid,
}: {
  node: FilledNode
  label: string
  change: (answers: readonly Answer[]) => void
  invalid: boolean
}) {
  const { answers, item } = node
  const fields = item.repeats && (item.most === undefined || answers.length < item.most) ? answers.length + 1 : 1
  return (
    <>
      {Array.from({ length: Math.max(fields, 1) }, (_, index) => (
        <AnswerInput
          key={index}
          node={node}
          label={fields > 1 ? `${label} ${index + 1}` : label}
          invalid={invalid}
          value={answers[index]}
          change={(answer) =>
            change(
              answer
                ? [...answers.slice(0, index), answer, ...answers.slice(index + 1)]
                : answers.filter((_one, at) => at !== index),
            )
          }
        />
      ))}
    </>
  )
}

const missing = new Set(['required', 'too-few'])
const shownFaults = ({ faults }: FilledNode, tellMissing: boolean) =>
  faults.filter(({ code }) => tellMissing || !missing.has(code))

function Faults({ node, tellMissing }: { node: FilledNode; tellMissing: boolean }) {
  const { language } = useWords()
  const faults = shownFaults(node, tellMissing)
  if (faults.length === 0) return null
  const phrase = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
  return (
    <p className="form-fault" role="alert">
      {faults.map((fault) => phrase(saysFault(fault, language))).join('. ')}.
    </p>
  )
}
