import { NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { readRecordCondition, type RecordClause, writeRecordCondition } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { CodePicker } from './code-picker.tsx'
import { useDesigner } from './design-context.ts'
import { AddButton, RemoveButton, useFault } from './fields.tsx'

interface RecordConditionProps {
  label: string
  /** Type of the resource that the condition is about. */
  on: string
  value: string | undefined
  change: (value: string | undefined) => void
  path: string
  /** Offers to leave out those with a code: "exclude a group". */
  exclude?: boolean
}

/** A condition on a resource of the record: parts in words, FHIRPath where words do not say it. */
export function RecordConditionField({ label, on, value, change, path, exclude = false }: RecordConditionProps) {
  const { t } = useWords()
  const { surroundings } = useDesigner()
  const fault = useFault(path)
  const clauses = readRecordCondition(value)
  const write = (next: readonly RecordClause[]) => change(writeRecordCondition(next))
  const put = (index: number, clause: RecordClause) => write(clauses.map((one, at) => (at === index ? clause : one)))
  const coded = codedElements(surroundings.table, on)
  const firstCoded = coded.includes('category') ? 'category' : (coded[0] ?? 'code')
  const excluded = coded.includes('reasonCode') ? 'reasonCode' : firstCoded
  const add = (clause: RecordClause) => write([...clauses, clause])
  return (
    <fieldset className="design-condition">
      <legend>{label}</legend>
      {clauses.map((clause, index) => (
        <div key={index} className="design-clause">
          <div className="design-clause-fields">
            <ClauseFields
              clause={clause}
              on={on}
              label={`${label} ${index + 1}`}
              coded={coded}
              change={(next) => put(index, next)}
            />
          </div>
          <RemoveButton label={t('removeCondition')} act={() => write(clauses.filter((_one, at) => at !== index))} />
        </div>
      ))}
      {fault !== undefined && (
        <p className="design-fault" role="alert">
          {fault}
        </p>
      )}
      <div className="design-adds">
        <AddButton
          label={t('designAddCode')}
          act={() => add({ kind: 'coded', path: firstCoded, system: undefined, codes: [], not: false })}
        />
        {exclude && (
          <AddButton
            label={t('designExcludeGroup')}
            act={() => add({ kind: 'coded', path: excluded, system: undefined, codes: [], not: true })}
          />
        )}
        <AddButton
          label={t('designAddStatus')}
          act={() => add({ kind: 'value', path: 'status', values: [''], not: false })}
        />
        <AddButton label={t('designAddExpression')} act={() => add({ kind: 'text', text: 'true' })} />
      </div>
    </fieldset>
  )
}

const codedElements = (table: Readonly<Record<string, Readonly<Record<string, string>>>>, on: string): string[] =>
  Object.entries(table[on] ?? {}).flatMap(([name, type]) => (type.startsWith('CodeableConcept') ? [name] : []))

interface ClauseProps {
  clause: RecordClause
  on: string
  label: string
  coded: readonly string[]
  change: (clause: RecordClause) => void
}

function ClauseFields({ clause, on, label, coded, change }: ClauseProps) {
  const { t, code } = useWords()
  const not = (value: boolean, yes: string, no: string, put: (not: boolean) => void) => (
    <NativeSelect
      size="xs"
      aria-label={`${label}: ${t('designComparison')}`}
      value={value ? 'not' : 'is'}
      data={[
        { value: 'is', label: yes },
        { value: 'not', label: no },
      ]}
      onChange={(event) => put(event.currentTarget.value === 'not')}
    />
  )
  switch (clause.kind) {
    case 'coded':
      return (
        <>
          <NativeSelect
            size="xs"
            aria-label={`${label}: ${t('designElement')}`}
            value={clause.path}
            data={(coded.includes(clause.path) ? coded : [...coded, clause.path]).map((one) => ({
              value: one,
              label: code('element', one),
            }))}
            onChange={(event) => change({ ...clause, path: event.currentTarget.value })}
          />
          {not(clause.not, t('designIsOneOf'), t('designIsNoneOf'), (value) => change({ ...clause, not: value }))}
          <CodePicker
            label={`${label}: ${t('designCodes')}`}
            codes={clause.codes}
            system={clause.system}
            change={(codes) => change({ ...clause, codes })}
          />
        </>
      )
    case 'value':
      return (
        <>
          <TextInput
            size="xs"
            aria-label={`${label}: ${t('designElement')}`}
            value={clause.path}
            onChange={(event) => change({ ...clause, path: event.currentTarget.value })}
          />
          {not(clause.not, t('designIsOneOf'), t('designIsNoneOf'), (value) => change({ ...clause, not: value }))}
          <WordsField
            label={`${label}: ${t('designValues')}`}
            values={clause.values}
            change={(values) => change({ ...clause, values })}
          />
        </>
      )
    case 'present':
      return (
        <>
          <span className="design-words">
            <code>{clause.path}</code>
          </span>
          {not(clause.not, t('designIsThere'), t('designIsMissing'), (value) => change({ ...clause, not: value }))}
        </>
      )
    case 'about':
      return (
        <span className="design-words">
          <code>{clause.path}</code> {t(clause.whom === 'trigger' ? 'designAboutTrigger' : 'designAboutSubject')}
        </span>
      )
    case 'own-key':
      return <span className="design-words">{t('designOwnKey', { type: on })}</span>
    case 'text':
      return (
        <TextInput
          size="xs"
          className="design-expression"
          aria-label={`${label}: ${t('designExpression')}`}
          value={clause.text}
          onChange={(event) => change({ kind: 'text', text: event.currentTarget.value })}
        />
      )
  }
}

/** Words with commas between them. */
export function WordsField({
  label,
  values,
  change,
  visible = false,
}: {
  label: string
  values: readonly string[]
  change: (values: string[]) => void
  visible?: boolean
}) {
  // A comma that was just typed begins a word that is not there yet.
  const [text, setText] = useState(values.join(', '))
  const said = text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  const shown = said.join() === values.filter((one) => one !== '').join() ? text : values.join(', ')
  return (
    <TextInput
      size="xs"
      {...(visible ? { label } : { 'aria-label': label })}
      value={shown}
      onChange={(event) => {
        setText(event.currentTarget.value)
        const next = event.currentTarget.value
          .split(',')
          .map((one) => one.trim())
          .filter((one) => one !== '')
        change(next.length === 0 ? [''] : next)
      }}
    />
  )
}
