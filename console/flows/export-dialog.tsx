import { Button, Modal, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { startExport, withQuery } from '../api/call.ts'
import { transfersQuery } from '../api/flow-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'

const levels = ['system', 'patient', 'group'] as const

/** Asks for an export: it runs in the background, and its files are kept for a while. */
export function ExportDialog({ close }: { close: () => void }) {
  const { t } = useWords()
  const [level, setLevel] = useState<(typeof levels)[number]>('patient')
  const [group, setGroup] = useState('')
  const [types, setTypes] = useState('')
  const [since, setSince] = useState('')
  const start = useAct(
    () => {
      const list = types.split(/[\s,]+/).filter((one) => one !== '')
      const place = { system: '', patient: 'Patient/', group: `Group/${encodeURIComponent(group.trim())}/` }[level]
      return startExport(
        withQuery(`${place}$export`, {
          _type: list.join(','),
          _since: since === '' ? undefined : new Date(since).toISOString(),
        }),
      )
    },
    { anew: [transfersQuery.queryKey], done: close, quiet: true },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    start.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('newExport')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={start.error} />
        <NativeSelect
          label={t('exportOf')}
          value={level}
          data-autofocus
          data={levels.map((one) => ({ value: one, label: t(`level_${one}`) }))}
          onChange={(event) => setLevel(levels.find((one) => one === event.currentTarget.value) ?? 'patient')}
        />
        {level === 'group' && (
          <TextInput
            label={t('groupId')}
            required
            pattern="[A-Za-z0-9.\-]{1,64}"
            value={group}
            onChange={(event) => setGroup(event.currentTarget.value)}
          />
        )}
        <TextInput
          label={t('exportTypes')}
          description={t('exportTypesHint')}
          placeholder="Patient, Observation"
          value={types}
          onChange={(event) => setTypes(event.currentTarget.value)}
        />
        <TextInput
          label={t('changedSince')}
          type="datetime-local"
          value={since}
          onChange={(event) => setSince(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" loading={start.isPending}>
            {t('startExport')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
