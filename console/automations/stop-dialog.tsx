import { Button, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { ReleaseLevel } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'
import { RunbookCard } from './runbook-card.tsx'

interface Stopped {
  incident: string
}

/** The red button: what the automation has queued goes to people at once, and everybody it touched is looked back on. */
export function StopDialog({ id, title, close }: { id: string; title: string; close: () => void }) {
  const { t, code } = useWords()
  const navigate = useNavigate()
  const [reason, setReason] = useState('')
  const [site, setSite] = useState('')
  const [to, setTo] = useState<ReleaseLevel>('shadow')
  const stop = useAct(
    () =>
      call<Stopped>('POST', `/api/automations/${encodeURIComponent(id)}/stop`, {
        scope: site.trim() === '' ? {} : { site: site.trim() },
        to,
        reason: reason.trim(),
      }),
    {
      anew: [['automations'], ['incidents'], ['work']],
      quiet: true,
      done: ({ incident }) => {
        close()
        void navigate({ to: '/incidents/$id', params: { id: incident } })
      },
    },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    stop.mutate()
  }
  return (
    <Modal
      opened
      onClose={close}
      title={t('stopTitle', { name: title })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form className="form" onSubmit={submit}>
        <FormFailure error={stop.error} />
        <p>{t('stopHint')}</p>
        <RunbookCard automation={id} />
        <Textarea
          label={t('stopReason')}
          description={t('stopReasonHint')}
          required
          minLength={3}
          maxLength={1000}
          autosize
          minRows={2}
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <TextInput
          label={t('stopSite')}
          description={t('stopSiteHint')}
          placeholder="Location/…"
          value={site}
          onChange={(event) => setSite(event.currentTarget.value)}
        />
        <NativeSelect
          label={t('stopTo')}
          value={to}
          data={(['shadow', 'off'] as const).map((one) => ({ value: one, label: code('authority', one) }))}
          onChange={(event) => setTo(event.currentTarget.value === 'off' ? 'off' : 'shadow')}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" color="red.9" loading={stop.isPending}>
            {t('stopNow')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
