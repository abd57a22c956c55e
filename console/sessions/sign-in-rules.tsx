import { Button, Checkbox, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { SignInPolicy } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { signInPolicyQuery } from '../api/identity-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure, FormFailure } from '../parts/failure.tsx'
import { Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'

/** What this organisation asks of a sign-in. */
export function SignInRules() {
  const { t } = useWords()
  const policy = useQuery(signInPolicyQuery)
  return (
    <section aria-label={t('signInRules')}>
      <div className="section-head">
        <h2>{t('signInRules')}</h2>
      </div>
      {policy.isPending && <Waiting lines={3} />}
      {policy.error && !policy.data && <Failure error={policy.error} retry={policy.refetch} />}
      {policy.data && <Fields policy={policy.data} key={JSON.stringify(policy.data)} />}
    </section>
  )
}

function Fields({ policy }: { policy: SignInPolicy }) {
  const { t } = useWords()
  const [required, setRequired] = useState(policy.secondFactor === 'required')
  const [idle, setIdle] = useState(String(policy.idleMinutes))
  const [absolute, setAbsolute] = useState(String(policy.absoluteHours))
  const save = useAct(
    () =>
      call('PUT', '/api/sign-in-policy', {
        secondFactor: required ? 'required' : 'optional',
        idleMinutes: Number(idle),
        absoluteHours: Number(absolute),
      } satisfies SignInPolicy),
    {
      anew: [signInPolicyQuery.queryKey],
      quiet: true,
      done: () =>
        notifications.show({ color: 'pine', message: t('saved'), closeButtonProps: { 'aria-label': t('close') } }),
    },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <form className="form narrow" onSubmit={submit}>
      <FormFailure error={save.error} />
      <Checkbox
        size="xs"
        label={t('secondFactorRequired')}
        description={t('secondFactorHint')}
        checked={required}
        onChange={(event) => setRequired(event.currentTarget.checked)}
      />
      <TextInput
        label={t('idleMinutes')}
        type="number"
        min={5}
        max={1_440}
        required
        value={idle}
        onChange={(event) => setIdle(event.currentTarget.value)}
      />
      <TextInput
        label={t('absoluteHours')}
        type="number"
        min={1}
        max={168}
        required
        value={absolute}
        onChange={(event) => setAbsolute(event.currentTarget.value)}
      />
      <div>
        <Button type="submit" variant="filled" loading={save.isPending}>
          {t('save')}
        </Button>
      </div>
    </form>
  )
}
