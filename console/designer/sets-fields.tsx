import { NativeSelect, TextInput } from '@mantine/core'
import type { AskedQuestion } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { useDesigner } from './design-context.ts'
import { AddButton, Group, RemoveButton, useFault } from './fields.tsx'

type Sets = Record<string, string>

interface SetsFieldsProps {
  label: string
  sets: Sets | undefined
  change: (sets: Sets | undefined) => void
  path: string
  /** Of a form: its questions, each of which may be kept in a variable. */
  questions?: readonly AskedQuestion[]
  keep?: (question: AskedQuestion) => void
}

/** What of the answer the journey keeps, in which variable. */
export function SetsFields({ label, sets = {}, change, path, questions = [], keep }: SetsFieldsProps) {
  const { t, either } = useWords()
  const { design } = useDesigner()
  const entries = Object.entries(sets)
  const put = (next: readonly (readonly [string, string])[]) =>
    change(next.length === 0 ? undefined : Object.fromEntries(next))
  const variables = Object.keys(design.variables ?? {})
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
            ...questions.map((one) => ({ value: one.linkId, label: either(one.text) })),
          ]}
          onChange={(event) => {
            const question = questions.find((one) => one.linkId === event.currentTarget.value)
            if (question) keep?.(question)
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
