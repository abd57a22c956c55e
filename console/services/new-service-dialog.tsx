import { Button, Modal, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { ServiceDetail } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { serviceChoicesQuery, servicesQuery } from '../api/service-queries.ts'
import { codeFor } from '../forms/editing.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'

/** A name that begins with a letter and that no other service has. */
function freeName(wanted: string, taken: readonly string[]): string {
  const name = /^[a-z]/.test(wanted) ? wanted : `service-${wanted}`
  for (let n = 1; ; n += 1) {
    const one = n === 1 ? name : `${name}-${n}`
    if (!taken.includes(one)) return one
  }
}

/** Names a new service; the rest is written on its page. */
export function NewServiceDialog({ taken, close }: { taken: readonly string[]; close: () => void }) {
  const { t } = useWords()
  const navigate = useNavigate()
  const choices = useQuery(serviceChoicesQuery)
  const [en, setEn] = useState('')
  const [fr, setFr] = useState('')
  const [kind] = choices.data?.kinds ?? []
  const [place] = choices.data?.jurisdictions ?? []
  const begin = useAct(
    () =>
      call<ServiceDetail>('POST', '/api/services', {
        definition: {
          service: freeName(codeFor(en), taken),
          title: { en: en.trim(), fr: fr.trim() },
          minutes: 20,
          modes: ['video'],
          in: [place?.id],
          hours: 'clinic',
          needs: [{ kind: kind?.id }],
        },
      }),
    {
      anew: [servicesQuery.queryKey],
      quiet: true,
      done: ({ id }) => void navigate({ to: '/services/$id', params: { id } }),
    },
  )
  const ready = en.trim() !== '' && fr.trim() !== '' && kind !== undefined && place !== undefined
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready && !begin.isPending) begin.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('newService')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={begin.error} />
        <TextInput
          label={t('titleEnglish')}
          lang="en"
          required
          data-autofocus
          maxLength={200}
          value={en}
          onChange={(event) => setEn(event.currentTarget.value)}
        />
        <TextInput
          label={t('titleFrench')}
          lang="fr"
          required
          maxLength={200}
          value={fr}
          onChange={(event) => setFr(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" disabled={!ready} loading={begin.isPending}>
            {t('create')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
