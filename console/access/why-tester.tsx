import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { accountsQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { useAccount } from '../parts/session-context.ts'
import { WhyAnswer } from './why-answer.tsx'

const route = getRouteApi('/access')

/** Why can somebody see something, or not: asked of the policy as it is in force. Ids alone stand in the address. */
export function WhyTester() {
  const { t } = useWords()
  const me = useAccount()
  const { resource = '', account = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const [wanted, setWanted] = useState(resource)
  const [who, setWho] = useState(account)
  const accounts = useQuery({ ...accountsQuery, enabled: me.may('accounts.manage') && me.may('access.review') })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void navigate({ search: { show: 'why', resource: wanted.trim(), ...(who === '' ? {} : { account: who }) } })
  }
  return (
    <>
      <p className="quiet lead">{t('whyLead')}</p>
      <form className="filters" role="search" aria-label={t('access_why')} onSubmit={submit}>
        <TextInput
          size="xs"
          label={t('resource')}
          placeholder="Patient/…"
          required
          pattern="[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}"
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
        {me.may('access.review') &&
          (accounts.data ? (
            <NativeSelect
              size="xs"
              label={t('person')}
              value={who}
              data={[
                { value: '', label: me.name },
                ...accounts.data.items.flatMap((one) => (one.id === me.id ? [] : [{ value: one.id, label: one.name }])),
              ]}
              onChange={(event) => setWho(event.currentTarget.value)}
            />
          ) : (
            <TextInput
              size="xs"
              label={t('person')}
              placeholder={t('accountId')}
              value={who}
              onChange={(event) => setWho(event.currentTarget.value)}
            />
          ))}
        <Button type="submit" variant="filled">
          {t('askWhy')}
        </Button>
      </form>
      {resource !== '' && <WhyAnswer resource={resource} account={account === '' ? undefined : account} />}
    </>
  )
}
