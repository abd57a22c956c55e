import { NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useState } from 'react'
import { conceptsQuery, systemsQuery } from '../api/terminology-queries.ts'
import { useWords } from '../i18n.ts'
import { RemoveButton } from './fields.tsx'

const pause = 150

interface CodePickerProps {
  label: string
  codes: readonly string[]
  /** The code system that the codes are of, where the condition names it. */
  system: string | undefined
  change: (codes: string[]) => void
}

/** Codes, found by their words in the loaded code systems, or typed. */
export function CodePicker({ label, codes, system, change }: CodePickerProps) {
  const { t } = useWords()
  const [text, setText] = useState('')
  const add = (code: string) => {
    const plain = code.trim()
    if (plain !== '' && !codes.includes(plain)) change([...codes, plain])
    setText('')
  }
  return (
    <div className="design-codes">
      {codes.map((code) => (
        <span key={code} className="tag">
          {code}
          <RemoveButton
            label={t('designRemoveCode', { code })}
            act={() => change(codes.filter((one) => one !== code))}
          />
        </span>
      ))}
      <ConceptField
        label={label}
        text={text}
        setText={setText}
        system={system}
        pick={(found) => add(found.code)}
        enter={add}
      />
    </div>
  )
}

interface ConceptFieldProps {
  label: string
  text: string
  setText: (text: string) => void
  system: string | undefined
  pick: (found: { code: string; display: string; system: string }) => void
  /** What was typed and found nowhere. */
  enter: (text: string) => void
}

/** Looks for a concept while one types; Enter takes what was typed. */
export function ConceptField({ label, text, setText, system, pick, enter }: ConceptFieldProps) {
  const { t } = useWords()
  const systems = useQuery(systemsQuery).data?.items ?? []
  const urls = [...new Map(systems.map((one) => [one.url, one.title]))]
  const [chosen, setChosen] = useState<string>()
  const within = system ?? chosen ?? urls[0]?.[0] ?? ''
  const [settled] = useDebouncedValue(text, pause)
  const found = useQuery({ ...conceptsQuery(within, settled), placeholderData: keepPreviousData })
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    enter(text)
  }
  return (
    <div className="design-concept">
      <div className="design-row">
        <TextInput
          size="xs"
          aria-label={label}
          placeholder={t('wordsOrCode')}
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={press}
        />
        {system === undefined && text.trim() !== '' && urls.length > 1 && (
          <NativeSelect
            size="xs"
            aria-label={`${label}: ${t('codeSystem')}`}
            value={within}
            data={urls.map(([value, title]) => ({ value, label: title }))}
            onChange={(event) => setChosen(event.currentTarget.value)}
          />
        )}
      </div>
      {text.trim() !== '' && (
        <ul className="design-found" aria-label={t('found')}>
          {(found.data?.items ?? []).slice(0, 6).map((one) => (
            <li key={one.code}>
              <button
                type="button"
                onClick={() => {
                  pick({ code: one.code, display: one.display, system: within })
                  setText('')
                }}
              >
                <code>{one.code}</code> {one.display}
              </button>
            </li>
          ))}
          <li>
            <button type="button" onClick={() => enter(text)}>
              {t('designTakeCode', { code: text.trim() })}
            </button>
          </li>
        </ul>
      )}
    </div>
  )
}
