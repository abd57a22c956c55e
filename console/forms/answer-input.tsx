import { NativeSelect, Textarea, TextInput } from '@mantine/core'
import type { ValueSet } from '@medplum/fhirtypes'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Answer, FilledNode } from '../../src/forms/index.ts'
import { getFhir, withQuery } from '../api/call.ts'
import { useWords } from '../i18n.ts'

interface InputProps {
  node: FilledNode
  /** The answer in this place; undefined while there is none. */
  value: Answer | undefined
  change: (answer: Answer | undefined) => void
  label: string
  invalid: boolean
}

/** One field for one answer, by the type of its question. */
export function AnswerInput({ node, value, change, label, invalid }: InputProps) {
  const { t } = useWords()
  const { item } = node
  const field = { 'aria-label': label, 'aria-invalid': invalid || undefined, size: 'sm' as const }
  switch (item.type) {
    case 'integer':
    case 'decimal': {
      const name = item.type === 'integer' ? 'valueInteger' : 'valueDecimal'
      return (
        <NumberField
          {...field}
          whole={item.type === 'integer'}
          value={value?.[name]}
          change={(number) => change(number === undefined ? undefined : { [name]: number })}
        />
      )
    }
    case 'quantity': {
      const given = value?.valueQuantity
      const unit = given ?? item.units[0] ?? {}
      const { value: _value, ...unitOnly } = { value: undefined, ...unit }
      return (
        <span className="quantity">
          <NumberField
            {...field}
            whole={false}
            value={given?.value}
            change={(number) =>
              change(number === undefined ? undefined : { valueQuantity: { ...unitOnly, value: number } })
            }
          />
          {item.units.length > 1 ? (
            <NativeSelect
              aria-label={t('unit')}
              value={unit.code ?? unit.unit ?? ''}
              data={item.units.map((one) => ({ value: one.code ?? one.unit ?? '', label: one.unit ?? one.code ?? '' }))}
              onChange={(event) => {
                const chosen = item.units.find((one) => (one.code ?? one.unit) === event.currentTarget.value)
                if (chosen && given?.value !== undefined) change({ valueQuantity: { value: given.value, ...chosen } })
              }}
            />
          ) : (
            <span className="quiet">{item.units[0]?.unit}</span>
          )}
        </span>
      )
    }
    case 'date':
      return (
        <TextInput
          {...field}
          type="date"
          value={value?.valueDate ?? ''}
          onChange={(event) =>
            change(event.currentTarget.value === '' ? undefined : { valueDate: event.currentTarget.value })
          }
        />
      )
    case 'dateTime':
      return (
        <TextInput
          {...field}
          type="datetime-local"
          value={localTime(value?.valueDateTime)}
          onChange={(event) => {
            const at = new Date(event.currentTarget.value)
            change(Number.isNaN(at.getTime()) ? undefined : { valueDateTime: at.toISOString() })
          }}
        />
      )
    case 'time':
      return (
        <TextInput
          {...field}
          type="time"
          value={value?.valueTime?.slice(0, 5) ?? ''}
          onChange={(event) =>
            change(event.currentTarget.value === '' ? undefined : { valueTime: `${event.currentTarget.value}:00` })
          }
        />
      )
    case 'text':
      return (
        <Textarea
          {...field}
          autosize
          minRows={3}
          maxRows={12}
          value={value?.valueString ?? ''}
          onChange={(event) =>
            change(event.currentTarget.value === '' ? undefined : { valueString: event.currentTarget.value })
          }
        />
      )
    case 'url':
      return (
        <TextInput
          {...field}
          type="url"
          value={value?.valueUri ?? ''}
          onChange={(event) =>
            change(event.currentTarget.value === '' ? undefined : { valueUri: event.currentTarget.value })
          }
        />
      )
    case 'string':
      return (
        <TextInput
          {...field}
          value={value?.valueString ?? ''}
          onChange={(event) =>
            change(event.currentTarget.value === '' ? undefined : { valueString: event.currentTarget.value })
          }
        />
      )
    case 'choice':
    case 'open-choice':
      return <ValueSetChoice node={node} value={value} change={change} label={label} invalid={invalid} />
    default:
      return <p className="quiet">{t('notAnsweredHere')}</p>
  }
}

/** `2026-03-02T09:00` as this desk's clock has it. */
function localTime(iso: string | undefined): string {
  if (iso === undefined) return ''
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** Keeps what is being typed (`1.`, `-`) while it is no number yet. */
function NumberField({
  value,
  change,
  whole,
  ...field
}: {
  value: number | undefined
  change: (value: number | undefined) => void
  whole: boolean
}) {
  const [text, setText] = useState(value === undefined ? '' : String(value))
  useEffect(() => {
    setText((typed) => (readNumber(typed) === value ? typed : value === undefined ? '' : String(value)))
  }, [value])
  return (
    <TextInput
      {...field}
      inputMode={whole ? 'numeric' : 'decimal'}
      value={text}
      className="number-field"
      onChange={(event) => {
        setText(event.currentTarget.value)
        change(readNumber(event.currentTarget.value))
      }}
    />
  )
}

/** French writes a decimal comma. */
function readNumber(text: string): number | undefined {
  const plain = text.trim().replace(',', '.')
  return /^-?\d+(?:\.\d+)?$/.test(plain) ? Number(plain) : undefined
}

const most = 50

/** A choice among the codes of a value set, which may be many: the server looks them up as somebody types. */
function ValueSetChoice({ node, value, change, label, invalid }: InputProps) {
  const { t } = useWords()
  const [filter, setFilter] = useState('')
  const url = node.item.source.answerValueSet ?? ''
  const found = useQuery({
    queryKey: ['value-set', url, filter],
    queryFn: () => getFhir<ValueSet>(withQuery('ValueSet/$expand', { url, filter, count: String(most) })),
    enabled: url !== '',
    staleTime: 300_000,
    placeholderData: keepPreviousData,
  })
  const codes = found.data?.expansion?.contains ?? []
  const chosen = value?.valueCoding
  const keyOf = (one: { system?: string; code?: string }) => `${one.system ?? ''}|${one.code ?? ''}`
  const all = chosen && !codes.some((one) => keyOf(one) === keyOf(chosen)) ? [chosen, ...codes] : codes
  return (
    <span className="codes-choice">
      {(filter !== '' || codes.length >= most) && (
        <TextInput
          aria-label={t('lookUpCode')}
          placeholder={t('lookUpCode')}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
      )}
      <NativeSelect
        aria-label={label}
        aria-invalid={invalid || undefined}
        value={chosen ? keyOf(chosen) : ''}
        data={[
          { value: '', label: found.error ? t('codesMissing') : t('choose') },
          ...all.map((one) => ({ value: keyOf(one), label: one.display ?? one.code ?? '' })),
        ]}
        onChange={(event) => {
          const code = all.find((one) => keyOf(one) === event.currentTarget.value)
          change(code ? { valueCoding: codingOf(code) } : undefined)
        }}
      />
    </span>
  )
}

const codingOf = ({ system, code, display }: { system?: string; code?: string; display?: string }) => ({
  ...(system === undefined ? {} : { system }),
  ...(code === undefined ? {} : { code }),
  ...(display === undefined ? {} : { display }),
})
