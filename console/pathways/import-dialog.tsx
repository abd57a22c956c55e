import { Button, FileInput, Modal } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { Draft, DraftSaved, PathwayImport } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { pathwaysQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAct } from '../parts/use-act.ts'
import { Findings } from '../source/findings.tsx'

/** Reads a pathway out of FHIR: what it is here, what of it was guessed or left out, and then a draft of it. */
export function ImportDialog({ close }: { close: () => void }) {
  const { t } = useWords()
  const [unread, setUnread] = useState(false)
  const navigate = useNavigate()
  const pathways = useQuery(pathwaysQuery)
  const begin = useAct(
    async (source: string) => {
      const name = /^pathway: (\S+)$/m.exec(source)?.[1] ?? ''
      if (!pathways.data?.items.some(({ id }) => id === name)) return call<Draft>('POST', '/api/drafts', { source })
      // Of a pathway that is published here, its newest version with this text.
      const draft = await call<Draft>('POST', '/api/drafts', { pathway: name })
      await call<DraftSaved>('PUT', `/api/drafts/${draft.id}`, { revision: draft.revision, source })
      return draft
    },
    {
      anew: [['pathways']],
      quiet: true,
      done: ({ id }) => void navigate({ to: '/pathways/drafts/$draft', params: { draft: id } }),
    },
  )
  const look = useAct(
    async (file: File) => {
      let content: unknown
      try {
        content = JSON.parse(await file.text())
      } catch {
        setUnread(true)
        return undefined
      }
      return call<PathwayImport>('POST', '/api/pathways/import', content)
    },
    { anew: [], quiet: true },
  )
  const read = look.data
  return (
    <Modal opened onClose={close} size={820} title={t('importFhir')} closeButtonProps={{ 'aria-label': t('close') }}>
      <div className="form">
        <p className="quiet">{t('importFhirHint')}</p>
        <FileInput
          label={t('importFhirFile')}
          placeholder={t('importFhirChoose')}
          accept="application/json,application/fhir+json,.json"
          error={unread ? t('designNoJson') : undefined}
          onChange={(file) => {
            setUnread(false)
            if (file) look.mutate(file)
          }}
        />
        <FormFailure error={look.error ?? begin.error} />
        {read && (
          <>
            <p data-testid="import-origin">{t(`importOrigin_${read.origin}`)}</p>
            {read.report.length > 0 && (
              <div className="table-wrap" tabIndex={0} role="group" aria-label={t('importReport')}>
                <table className="table">
                  <thead>
                    <tr>
                      <th scope="col">{t('importWhat')}</th>
                      <th scope="col">{t('importWhere')}</th>
                      <th scope="col">{t('importSaid')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {read.report.map((one, index) => (
                      <tr key={index}>
                        <td>{t(`importKind_${one.kind}`)}</td>
                        <td>
                          <code>{one.path}</code>
                        </td>
                        {/* The report's sentences name elements of FHIR and are English. */}
                        <td lang="en">{one.message}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
            {read.source !== null && <Findings findings={read.findings} />}
          </>
        )}
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button
            variant="filled"
            disabled={!read || read.source === null}
            loading={begin.isPending}
            onClick={() => begin.mutate(read?.source ?? '')}
          >
            {t('beginDraft')}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
