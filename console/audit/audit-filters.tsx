import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { type FormEvent, useRef, useState } from 'react'
import { accountsQuery, type AuditFilter } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { useAccount } from '../parts/session-context.ts'
import { useKeys } from '../parts/use-keys.ts'

const route = getRouteApi('/audit')

/** What to look for. It stands in the address: ids, codes and days, and nobody's name. */
export function AuditFilters({ codes }: { codes: readonly string[] }) {
  const { t } = useWords()
  const account = useAccount()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [given, setGiven] = useState<AuditFilter>(search)
  const accounts = useQuery({ ...accountsQuery, enabled: account.may('accounts.manage') })
  const first = useRef<HTMLInputElement>(null)
  useKeys({ '/': () => first.current?.focus() })
  const field = (name: keyof AuditFilter) => ({
    size: 'xs' as const,
    value: given[name] ?? '',
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget
      setGiven((before) => ({ ...before, [name]: value.trim() === '' ? undefined : value.trim() }))
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void navigate({
      search: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    })
  }
  return (
    <form className="filters" role="search" aria-label={t('searchAudit')} onSubmit={submit}>
      <TextInput ref={first} label={t('touched')} placeholder="Patient/…" {...field('entity')} />
      {accounts.data ? (
        <NativeSelect
          label={t('actor')}
          data={[
            { value: '', label: t('everybody') },
            ...accounts.data.items.map((one) => ({ value: one.id, label: one.name })),
          ]}
          {...field('actor')}
        />
      ) : (
        <TextInput label={t('actor')} placeholder={t('accountId')} {...field('actor')} />
      )}
      <TextInput label={t('actCode')} list="audit-codes" {...field('code')} />
      <datalist id="audit-codes">
        {codes.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <NativeSelect
        label={t('outcomeHead')}
        data={[
          { value: '', label: t('any') },
          { value: 'success', label: t('success') },
          { value: 'failure', label: t('failure') },
        ]}
        {...field('outcome')}
      />
      <TextInput label={t('fromDay')} type="date" {...field('from')} />
      <TextInput label={t('untilDay')} type="date" {...field('until')} />
      <Button type="submit" variant="filled">
        {t('search')}
      </Button>
      {Object.keys(search).length > 0 && <Link to="/audit">{t('clearFilters')}</Link>}
    </form>
  )
}
