import { Button, Checkbox, Modal, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { TerminologyLoads } from '../../src/contracts/index.ts'
import { call, sendPiece, withQuery } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'

const piece = 4 * 1024 * 1024

/** Loads a terminology: its owner's notice, the file as the owner gives it out, and the load itself. */
export function LoadDialog({ given, close }: { given: TerminologyLoads; close: () => void }) {
  const { t, either, bytes } = useWords()
  const [kind, setKind] = useState(given.kinds[0]?.kind)
  const [file, setFile] = useState(given.files[0]?.name ?? '')
  const [picked, setPicked] = useState<File>()
  const [sent, setSent] = useState(0)
  const [version, setVersion] = useState('')
  const [agreed, setAgreed] = useState(false)
  const chosen = given.kinds.find((one) => one.kind === kind)
  const confirmed = chosen?.confirmed != null
  const load = useAct(
    async () => {
      if (!confirmed) await call('POST', '/api/terminology/licences', { kind, confirmed: true })
      if (picked) await upload(picked, setSent)
      await call('POST', '/api/terminology/loads', {
        kind,
        file: picked?.name ?? file,
        ...(version.trim() === '' ? {} : { version: version.trim() }),
      })
    },
    { anew: [['terminology']], done: close, quiet: true },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    load.mutate()
  }
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      closeOnClickOutside={false}
      title={t('loadTerminology')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form className="form" onSubmit={submit}>
        <FormFailure error={load.error} />
        <NativeSelect
          label={t('codeSystem')}
          data-autofocus
          value={kind}
          data={given.kinds.map((one) => ({ value: one.kind, label: one.title }))}
          onChange={(event) => {
            setKind(given.kinds.find((one) => one.kind === event.currentTarget.value)?.kind)
            setAgreed(false)
          }}
        />
        {chosen && (
          <>
            <p>
              {t('givenOutAt')} <span className="quiet">{chosen.from}</span>
            </p>
            <p className="letter">{either(chosen.notice)}</p>
            {confirmed ? (
              <p className="good-text">{t('licenceConfirmed')}</p>
            ) : (
              <Checkbox
                size="xs"
                label={t('confirmLicence')}
                required
                checked={agreed}
                onChange={(event) => setAgreed(event.currentTarget.checked)}
              />
            )}
          </>
        )}
        <label className="file-field">
          {t('fileHere')}
          <input
            type="file"
            onChange={(event) => {
              setPicked(event.currentTarget.files?.[0])
              setSent(0)
            }}
          />
        </label>
        {!picked && given.files.length > 0 && (
          <NativeSelect
            label={t('orFileThere')}
            value={file}
            data={given.files.map((one) => ({
              value: one.name,
              label: one.folder ? one.name : `${one.name} (${bytes(one.bytes)})`,
            }))}
            onChange={(event) => setFile(event.currentTarget.value)}
          />
        )}
        <TextInput
          label={t('versionHead')}
          description={t('loadVersionHint')}
          maxLength={200}
          value={version}
          onChange={(event) => setVersion(event.currentTarget.value)}
        />
        {picked && load.isPending && (
          <p className="number">
            <progress max={picked.size} value={sent} aria-label={t('uploading')} /> {bytes(sent)} / {bytes(picked.size)}
          </p>
        )}
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button
            type="submit"
            variant="filled"
            disabled={(!confirmed && !agreed) || (!picked && file === '')}
            loading={load.isPending}
          >
            {t('load')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

/** Piece by piece: these files have up to a gigabyte. */
async function upload(file: File, told: (sent: number) => void): Promise<void> {
  const place = `/api/terminology/files/${encodeURIComponent(file.name)}`
  for (let offset = 0; offset < file.size; offset += piece) {
    await sendPiece(withQuery(place, { offset: String(offset) }), file.slice(offset, offset + piece))
    told(Math.min(file.size, offset + piece))
  }
}
