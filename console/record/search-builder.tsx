import { Button, CloseButton, NativeSelect, TextInput } from '@mantine/core'
import type { CapabilityStatementRestResourceSearchParam } from '@medplum/fhirtypes'
import { type FormEvent, useRef, useState } from 'react'
import { useWords } from '../i18n.ts'
import { useKeys } from '../parts/use-keys.ts'
import { type Condition, emptyCondition, fit, modifiersOf, type ParameterKind, prefixesOf } from './conditions.ts'

interface SearchBuilderProps {
  parameters: readonly CapabilityStatementRestResourceSearchParam[]
  conditions: readonly Condition[]
  sort: string | undefined
  search: (conditions: readonly Condition[], sort: string | undefined) => void
}

/** The parameter that most people look for first. */
const first = ['name', 'patient', 'subject', 'code', 'identifier', '_id']

const sortable: readonly ParameterKind[] = ['date', 'string', 'token', 'uri', 'number', 'quantity']

/** Conditions that must all hold, with what the server says it can search by; and the order of the answers. */
export function SearchBuilder({ parameters, conditions, sort, search }: SearchBuilderProps) {
  const { t } = useWords()
  const names = parameters.map((one) => one.name ?? '')
  const start = first.find((name) => names.includes(name)) ?? '_id'
  const [given, setGiven] = useState<readonly Condition[]>(conditions.length > 0 ? conditions : [emptyCondition(start)])
  const form = useRef<HTMLFormElement>(null)
  useKeys({ '/': () => form.current?.querySelector<HTMLElement>('input')?.focus() })
  const kindOf = (name: string): ParameterKind => parameters.find((one) => one.name === name)?.type ?? 'special'
  const change = (index: number, next: Condition) =>
    setGiven(given.map((one, at) => (at === index ? fit(next, kindOf(next.parameter)) : one)))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    search(
      given.filter((one) => one.value.trim() !== ''),
      sort,
    )
  }
  const sorting = sort ?? '-_lastUpdated'
  return (
    <form ref={form} className="search-builder" role="search" aria-label={t('searchRecord')} onSubmit={submit}>
      {given.map((one, index) => (
        <ConditionRow
          key={index}
          condition={one}
          kind={kindOf(one.parameter)}
          names={names}
          change={(next) => change(index, next)}
          {...(given.length > 1 ? { remove: () => setGiven(given.filter((_none, at) => at !== index)) } : {})}
        />
      ))}
      <div className="search-end">
        <Button type="submit" variant="filled">
          {t('search')}
        </Button>
        <Button onClick={() => setGiven([...given, emptyCondition(start)])}>{t('addCondition')}</Button>
        <NativeSelect
          size="xs"
          aria-label={t('sortBy')}
          value={sorting}
          data={sortsOf(parameters).map((value) => ({
            value,
            label: t(value.startsWith('-') ? 'sortDown' : 'sortUp', { by: value.replace('-', '') }),
          }))}
          onChange={(event) => search(conditions, event.currentTarget.value)}
        />
      </div>
    </form>
  )
}

const sortsOf = (parameters: SearchBuilderProps['parameters']): string[] =>
  parameters.flatMap(({ name, type }) =>
    name !== undefined && sortable.includes(type ?? 'special') ? [`-${name}`, name] : [],
  )

interface ConditionRowProps {
  condition: Condition
  kind: ParameterKind
  names: readonly string[]
  change: (next: Condition) => void
  remove?: () => void
}

function ConditionRow({ condition, kind, names, change, remove }: ConditionRowProps) {
  const { t } = useWords()
  const prefixes = prefixesOf(kind)
  const modifiers = modifiersOf(kind)
  // A comparison and a modifier exclude each other: one field offers both.
  const how = condition.modifier === '' ? condition.prefix : `:${condition.modifier}`
  const hows = [...(prefixes.length > 0 ? prefixes : ['']), ...modifiers.filter(Boolean).map((one) => `:${one}`)]
  return (
    <div className="condition" role="group" aria-label={t('condition', { name: condition.parameter })}>
      <NativeSelect
        size="xs"
        aria-label={t('parameter')}
        value={condition.parameter}
        data={[...names]}
        onChange={(event) => change({ ...condition, parameter: event.currentTarget.value, value: '' })}
      />
      <NativeSelect
        size="xs"
        aria-label={t('how')}
        value={how}
        data={hows.map((one) => ({ value: one, label: t(howWord(one, kind)) }))}
        onChange={(event) => {
          const chosen = event.currentTarget.value
          const modifier = chosen.startsWith(':') ? chosen.slice(1) : ''
          change({
            ...condition,
            modifier,
            prefix: modifier === '' ? chosen : '',
            value: (modifier === 'missing') === (condition.modifier === 'missing') ? condition.value : '',
          })
        }}
      />
      {condition.modifier === 'missing' ? (
        <NativeSelect
          size="xs"
          aria-label={t('value')}
          value={condition.value}
          data={[
            { value: '', label: t('choose') },
            { value: 'true', label: t('isMissing') },
            { value: 'false', label: t('isPresent') },
          ]}
          onChange={(event) => change({ ...condition, value: event.currentTarget.value })}
        />
      ) : (
        <TextInput
          size="xs"
          aria-label={t('value')}
          type={kind === 'date' ? 'date' : kind === 'number' ? 'number' : 'text'}
          {...(kind === 'number' ? { step: 'any' } : {})}
          placeholder={placeholders[kind] ?? ''}
          autoComplete="off"
          value={condition.value}
          onChange={(event) => change({ ...condition, value: event.currentTarget.value })}
        />
      )}
      {remove && <CloseButton size="sm" aria-label={t('removeCondition')} onClick={remove} />}
    </div>
  )
}

/** The forms of a value as FHIR writes them: the same in every language. */
const placeholders: Readonly<Partial<Record<ParameterKind, string>>> = {
  token: 'code, system|code',
  reference: 'Type/id',
  quantity: '5.4|http://unitsofmeasure.org|mg',
  composite: 'a$b',
}

const howWord = (how: string, kind: ParameterKind): string =>
  how === '' ? (kind === 'string' ? 'how_starts' : 'how_is') : `how_${how.replace(':', '')}`
