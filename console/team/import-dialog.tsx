import { Button, FileInput, Modal, Radio, Textarea } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { call } from '../api/call.ts'
import { teamQuery } from '../api/team-queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'

const heads = {
  licences: 'practitioner,credential,place,number,status,from,until,compact,excludes',
  shifts: 'practitioner,kind,from,until,comment',
} as const

/** A table of licences or shifts: a file, or what was pasted. All of it is taken, or nothing. */
export function ImportDialog({ close }: { close: () => void }) {
  const { t } = useWords()
  const [what, setWhat] = useState<keyof typeof heads>('licences')
  const [csv, setCsv] = useState('')
  const send = useAct(() => call<{ rows: number }>('POST', '/api/team/import', { what, csv }), {
    anew: [teamQuery.queryKey],
    done: close,
    quiet: true,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send.mutate()
  }
  return (
    <Modal opened onClose={close} size="lg" title={t('importTable')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={send.error} />
        <Radio.Group
          label={t('importWhat')}
          value={what}
          onChange={(value) => setWhat(value === 'shifts' ? 'shifts' : 'licences')}
        >
          <Radio mt={8} value="licences" label={t('licences')} data-autofocus />
          <Radio mt={8} value="shifts" label={t('shifts')} />
        </Radio.Group>
        <FileInput
          label={t('csvFile')}
          accept=".csv,text/csv"
          onChange={(file) => {
            if (file) void file.text().then(setCsv)
          }}
        />
        <Textarea
          label={t('csvText')}
          description={t('csvColumns', { columns: heads[what] })}
          required
          autosize
          minRows={6}
          maxRows={16}
          maxLength={1_000_000}
          value={csv}
          onChange={(event) => setCsv(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" loading={send.isPending} disabled={csv.trim() === ''}>
            {t('importDo')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
