import { NativeSelect, TextInput } from '@mantine/core'
import {
  type VariableComparison,
  comparisons,
  readVariableCondition,
  type VariableClause,
  writeVariableCondition,
} from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { useDesigner } from './design-context.ts'
import { AddButton, RemoveButton, useFault } from './fields.tsx'
import { useAnswerOptions } from './forms-at-hand.ts'

interface VariableConditionProps {
  label: string
  value: string | undefined
  change: (value: string | undefined) => void
  path: string
}

/** A condition on what the journey knows: built of parts, or as an expression (CEL) where the parts do not say it. */
export function VariableConditionField({ label, value, change, path }: VariableConditionProps) {
  const { t } = useWords()
  const { design } = useDesigner()
  const fault = useFault(path)
  const types: Record<string, string> = { priority: 'string', ...design.variables }
  const { joined, clauses } = readVariableCondition(value ?? '')
  const write = (next: VariableClause[], how = joined) =>
    change(next.length === 0 ? undefined : writeVariableCondition({ joined: how, clauses: next }, types))
  const put = (index: number, clause: VariableClause) => write(clauses.map((one, at) => (at === index ? clause : one)))
  return (
    <fieldset className="design-condition">
      <legend>{label}</legend>
      {clauses.length > 1 && (
        <NativeSelect
          size="xs"
          aria-label={`${label}: ${t('designJoined')}`}
          value={joined}
          data={[
            { value: 'all', label: t('designAllOf') },
            { value: 'any', label: t('designAnyOf') },
          ]}
          onChange={(event) => write(clauses, event.currentTarget.value === 'any' ? 'any' : 'all')}
        />
      )}
      {clauses.map((clause, index) => (
        <div key={index} className="design-clause">
          <div className="design-clause-fields">
            <ClauseFields clause={clause} types={types} label={label} change={(next) => put(index, next)} />
          </div>
          <RemoveButton label={t('removeCondition')} act={() => write(clauses.filter((_one, at) => at !== index))} />
        </div>
      ))}
      {fault !== undefined && (
        <p className="design-fault" role="alert">
          {fault}
        </p>
      )}
      <AddButton label={t('addCondition')} act={() => write([...clauses, firstClause(types)])} />
    </fieldset>
  )
}

function firstClause(types: Readonly<Record<string, string>>): VariableClause {
  const declared = Object.keys(types).find((name) => name !== 'priority')
  return declared === undefined
    ? { kind: 'compares', variable: 'priority', by: '==', value: 'urgent' }
    : clauseFor(declared, types[declared])
}

/** The plainest condition on a variable of a type. */
function clauseFor(variable: string, type: string | undefined): VariableClause {
  if (type === 'bool') return { kind: 'holds', variable, not: false }
  if (type === 'int' || type === 'double') return { kind: 'compares', variable, by: '>', value: 0 }
  if (type === undefined) return { kind: 'text', text: variable }
  return { kind: 'compares', variable, by: '==', value: variable === 'priority' ? 'urgent' : '' }
}

interface ClauseProps {
  clause: VariableClause
  types: Readonly<Record<string, string>>
  label: string
  change: (clause: VariableClause) => void
}

function ClauseFields({ clause, types, label, change }: ClauseProps) {
  const { t, code, either } = useWords()
  const answers = useAnswerOptions()
  if (clause.kind === 'text')
    return (
      <TextInput
        size="xs"
        className="design-expression"
        aria-label={`${label}: ${t('designExpression')}`}
        value={clause.text}
        onChange={(event) => change({ kind: 'text', text: event.currentTarget.value })}
      />
    )
  const { variable } = clause
  const type = types[variable]
  const options = answers.get(variable)
  const names = variable in types ? Object.keys(types) : [...Object.keys(types), variable]
  return (
    <>
      <NativeSelect
        size="xs"
        aria-label={`${label}: ${t('designVariable')}`}
        value={variable}
        data={[
          ...names.map((name) => ({ value: name, label: name === 'priority' ? t('priority') : name })),
          { value: '=', label: t('designExpression') },
        ]}
        onChange={(event) => {
          const name = event.currentTarget.value
          change(name === '=' ? { kind: 'text', text: variable } : clauseFor(name, types[name]))
        }}
      />
      {clause.kind === 'holds' ? (
        <NativeSelect
          size="xs"
          aria-label={`${label}: ${t('designHolds')}`}
          value={clause.not ? 'no' : 'yes'}
          data={[
            { value: 'yes', label: t('designIsTrue') },
            { value: 'no', label: t('designIsNotTrue') },
          ]}
          onChange={(event) => change({ ...clause, not: event.currentTarget.value === 'no' })}
        />
      ) : (
        <>
          <NativeSelect
            size="xs"
            aria-label={`${label}: ${t('designComparison')}`}
            value={clause.by}
            data={comparisons
              .filter((one) => type !== 'string' || one === '==' || one === '!=')
              .map((one) => ({ value: one, label: code('designCompare', comparisonNames[one]) }))}
            onChange={(event) => change({ ...clause, by: event.currentTarget.value as VariableComparison })}
          />
          {variable === 'priority' ? (
            <NativeSelect
              size="xs"
              aria-label={`${label}: ${t('designValue')}`}
              value={String(clause.value)}
              data={['routine', 'urgent', 'asap', 'stat'].map((one) => ({ value: one, label: code('priority', one) }))}
              onChange={(event) => change({ ...clause, value: event.currentTarget.value })}
            />
          ) : options ? (
            <NativeSelect
              size="xs"
              aria-label={`${label}: ${t('designValue')}`}
              value={String(clause.value)}
              data={[
                ...(options.some((one) => one.code === clause.value)
                  ? []
                  : [{ value: String(clause.value), label: String(clause.value) || '–' }]),
                ...options.map((one) => ({ value: one.code, label: either(one.text) })),
              ]}
              onChange={(event) => change({ ...clause, value: event.currentTarget.value })}
            />
          ) : (
            <TextInput
              size="xs"
              aria-label={`${label}: ${t('designValue')}`}
              type={typeof clause.value === 'number' ? 'number' : 'text'}
              step="any"
              value={clause.value}
              onChange={(event) => {
                const text = event.currentTarget.value
                change({ ...clause, value: typeof clause.value === 'number' ? Number(text) : text })
              }}
            />
          )}
        </>
      )}
    </>
  )
}

const comparisonNames: Readonly<Record<VariableComparison, string>> = {
  '==': 'is',
  '!=': 'is-not',
  '>': 'above',
  '>=': 'at-least',
  '<': 'below',
  '<=': 'at-most',
}
