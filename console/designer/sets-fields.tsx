import { NativeSelect, TextInput } from '@mantine/core'
import { changed } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { useDesigner } from './design-context.ts'
import { AddButton, Group, RemoveButton, useFault } from './fields.tsx'

type Sets = Record<string, string>
type VariableType = 'bool' | 'int' | 'double' | 'string' | 'date' | 'dateTime'

interface SetsFieldsProps {
  label: string
  sets: Sets | undefined
  change: (sets: Sets | undefined) => void
  path: string
  /** Of a form: its questions, each of which may be kept in a variable. */
  questions?: readonly { linkId: string; text: string; type: string }[]
}

const typeOfAnswer: Readonly<Record<string, VariableType>> = {
  boolean: 'bool',
  integer: 'int',
  decimal: 'double',
  date: 'date',
  dateTime: 'dateTime',
}
const elementOfAnswer: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int: 'integer',
  double: 'decimal',
  string: 'string',
  date: 'date',
  dateTime: 'dateTime',
}

const answerOf = (linkId: string, type: VariableType): string =>
  `item.where(linkId = '${linkId}').answer.value.ofType(${elementOfAnswer[type] ?? 'string'})`

/** What of the answer the journey keeps, in which variable. */
export function SetsFields({ label, sets = {}, change, path, questions = [] }: SetsFieldsProps) {
  const { t } = useWords()
  const { design, edit } = useDesigner()
  const entries = Object.entries(sets)
  const put = (next: readonly (readonly [string, string])[]) =>
    change(next.length === 0 ? undefined : Object.fromEntries(next))
  const variables = Object.keys(design.variables ?? {})
  const declare = (name: string, type: VariableType) =>
    edit((before) =>
      changed(before, (copy) => {
        copy.variables = { ...copy.variables, [name]: copy.variables?.[name] ?? type }
      }),
    )
  return (
    <Group title={label}>
      {entries.map(([name, expression], index) => (
        <SetRow
          key={index}
          name={name}
          names={variables}
          expression={expression}
          path={`${path}.${name}`}
          put={(next) => put(entries.map((one, at) => (at === index ? next : one)))}
          remove={() => put(entries.filter((_one, at) => at !== index))}
        />
      ))}
      {questions.length > 0 ? (
        <NativeSelect
          size="xs"
          aria-label={t('designKeepAnswer')}
          value=""
          data={[
            { value: '', label: t('designKeepAnswer') },
            ...questions.map((one) => ({ value: one.linkId, label: one.text })),
          ]}
          onChange={(event) => {
            const question = questions.find((one) => one.linkId === event.currentTarget.value)
            if (!question) return
            const type = typeOfAnswer[question.type] ?? 'string'
            const name = variableName(question.linkId)
            declare(name, type)
            put([...entries, [name, answerOf(question.linkId, type)]])
          }}
        />
      ) : (
        variables.some((name) => !(name in sets)) && (
          <AddButton
            label={t('designKeepMore')}
            act={() => put([...entries, [variables.find((name) => !(name in sets)) ?? '', 'id']])}
          />
        )
      )}
    </Group>
  )
}

/** `pain-score` → `painScore` */
const variableName = (linkId: string): string => {
  const words = linkId.split(/[^A-Za-z0-9]+/).filter((one) => one !== '')
  const name = words
    .map((one, n) => (n === 0 ? one.toLowerCase() : one.charAt(0).toUpperCase() + one.slice(1)))
    .join('')
  return /^[a-z]/.test(name) ? name : `answer${name}`
}

interface SetRowProps {
  name: string
  names: readonly string[]
  expression: string
  path: string
  put: (next: readonly [string, string]) => void
  remove: () => void
}

function SetRow({ name, names, expression, path, put, remove }: SetRowProps) {
  const { t } = useWords()
  const fault = useFault(path)
  return (
    <div className="design-set">
      <NativeSelect
        size="xs"
        aria-label={t('designVariable')}
        value={name}
        data={names.includes(name) ? [...names] : [...names, name]}
        onChange={(event) => put([event.currentTarget.value, expression])}
      />
      <TextInput
        size="xs"
        className="design-expression"
        aria-label={t('designValueOf', { name })}
        value={expression}
        error={fault}
        onChange={(event) => put([name, event.currentTarget.value])}
      />
      <RemoveButton label={t('designRemoveSet', { name })} act={remove} />
    </div>
  )
}
