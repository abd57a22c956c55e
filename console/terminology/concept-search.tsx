import { NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { conceptsQuery, systemsQuery } from '../api/terminology-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useKeys } from '../parts/use-keys.ts'

const pause = 150

/** Looks for a concept by its words or its code, as a picker does. */
export function ConceptSearch() {
  const { t } = useWords()
  const systems = useQuery(systemsQuery)
  const [system, setSystem] = useState('')
  const [text, setText] = useState('')
  const [settled] = useDebouncedValue(text, pause)
  const field = useRef<HTMLInputElement>(null)
  useKeys({ '/': () => field.current?.focus() })
  const urls = new Map((systems.data?.items ?? []).map((one) => [one.url, one.title]))
  const chosen = system === '' ? ([...urls.keys()][0] ?? '') : system
  const found = useQuery({ ...conceptsQuery(chosen, settled), placeholderData: keepPreviousData })
  return (
    <section aria-label={t('findConcept')}>
      <form
        className="filters"
        role="search"
        aria-label={t('findConcept')}
        onSubmit={(event) => event.preventDefault()}
      >
        <NativeSelect
          size="xs"
          label={t('codeSystem')}
          value={chosen}
          data={[...urls].map(([value, label]) => ({ value, label }))}
          onChange={(event) => setSystem(event.currentTarget.value)}
        />
        <TextInput
          ref={field}
          size="xs"
          label={t('wordsOrCode')}
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </form>
      <FormFailure error={found.error} />
      {text.trim() !== '' && found.data?.items.length === 0 && <p className="quiet">{t('foundNothing')}</p>}
      {text.trim() !== '' && found.data && found.data.items.length > 0 && (
        <ul className="lines concepts" aria-label={t('found')}>
          {found.data.items.map((one) => (
            <li key={`${one.code} ${one.matched ?? ''}`} data-testid="concept-row">
              <span>
                <code>{one.code}</code> {one.display}{' '}
                {one.matched !== null && <span className="quiet">({one.matched})</span>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
