import { Button, Modal } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { TransferList } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { manifestQuery, transfersQuery } from '../api/flow-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Listing } from '../parts/listing.tsx'
import { useAccount } from '../parts/session-context.ts'
import { SureDialog } from '../parts/sure-dialog.tsx'
import { Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'
import { ExportDialog } from './export-dialog.tsx'

type Item = TransferList['items'][number]

const looks: Readonly<Record<Item['status'], string>> = { running: '', done: 'good', failed: 'bad' }

/** Exports and imports of the record in bulk, with how far each is. */
export function Transfers() {
  const { t, moment, bytes } = useWords()
  const account = useAccount()
  const transfers = useQuery(transfersQuery)
  const [asking, setAsking] = useState(false)
  const [files, setFiles] = useState<Item>()
  const [ending, setEnding] = useState<Item>()
  const end = useAct((id: string) => call('DELETE', `/api/transfers/${encodeURIComponent(id)}`), {
    anew: [transfersQuery.queryKey],
    done: () => setEnding(undefined),
    quiet: true,
  })
  return (
    <>
      <Listing
        title={t('transfers')}
        hint={t('transfersHint')}
        empty={t('noTransfers')}
        query={transfers}
        columns={[t('kind'), t('askedFor'), t('letInBy'), t('status'), t('progress'), t('began'), t('kept'), '']}
        {...(account.may('record.export')
          ? { action: <Button onClick={() => setAsking(true)}>{t('newExport')}</Button> }
          : {})}
        row={(one) => (
          <tr key={one.id} data-testid="transfer-row">
            <th scope="row">{t(`transfer_${one.kind}`)}</th>
            <td className="wide">
              <code>{one.asked}</code>
            </td>
            <td>{one.owner}</td>
            <td>
              <span className={`tag ${looks[one.status]}`}>{t(`transfer_${one.status}`)}</span>
              {one.error !== null && <div className="late">{one.error}</div>}
            </td>
            <td className="number">
              <Progress done={one.done} total={one.total} />
              {one.files > 0 && (
                <div className="quiet">{t('filesOf', { count: one.files, size: bytes(one.bytes) })}</div>
              )}
            </td>
            <td className="number">{moment(one.createdAt)}</td>
            <td className="number">{one.expiresAt !== null && moment(one.expiresAt)}</td>
            <td className="buttons end">
              {one.status === 'done' && one.kind === 'export' && (
                <Button onClick={() => setFiles(one)}>{t('files')}</Button>
              )}
              <Button onClick={() => setEnding(one)}>{t(one.status === 'running' ? 'stop' : 'takeAway')}…</Button>
            </td>
          </tr>
        )}
      />
      {asking && <ExportDialog close={() => setAsking(false)} />}
      {files && <Files of={files} close={() => setFiles(undefined)} />}
      {ending && (
        <SureDialog
          title={t(ending.status === 'running' ? 'stop' : 'takeAway')}
          text={t('takeAwayHint')}
          act={t(ending.status === 'running' ? 'stop' : 'takeAway')}
          doing={{ ...end, mutate: () => end.mutate(ending.id) }}
          close={() => setEnding(undefined)}
        />
      )}
    </>
  )
}

/** How far something is: as a bar where the whole is known. */
function Progress({ done, total }: { done: number; total: number | null }) {
  const { t, number } = useWords()
  const said = total === null ? number(done) : t('doneOf', { done: number(done), total: number(total) })
  return (
    <>
      {total !== null && total > 0 && <progress max={total} value={Math.min(done, total)} aria-label={said} />} {said}
    </>
  )
}

function Files({ of, close }: { of: Item; close: () => void }) {
  const { t, number } = useWords()
  const manifest = useQuery(manifestQuery(of.id))
  const files = [...(manifest.data?.output ?? []), ...(manifest.data?.error ?? [])]
  return (
    <Modal opened onClose={close} title={t('files')} closeButtonProps={{ 'aria-label': t('close') }}>
      {manifest.isPending && <Waiting lines={4} />}
      {manifest.error && !manifest.data && <Failure error={manifest.error} retry={manifest.refetch} />}
      {manifest.data && files.length === 0 && <p className="quiet">{t('noFiles')}</p>}
      <ul className="lines">
        {files.map((file) => (
          <li key={file.url}>
            {/* The address is the server's own; only its path is used, so that the page never leaves it. */}
            <a href={new URL(file.url, location.href).pathname} download>
              {file.type ?? 'OperationOutcome'}
            </a>
            <span className="quiet number">{file.count !== undefined && number(file.count)}</span>
          </li>
        ))}
      </ul>
    </Modal>
  )
}
