import { Modal } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { proofQuery } from '../api/queries.ts'
import { useWords } from '../i18n.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Failure } from '../parts/failure.tsx'
import { Waiting } from '../parts/states.tsx'

/** That one event lies under a signed checkpoint: for somebody who checks it without this server. */
export function ProofDialog({ event, close }: { event: string; close: () => void }) {
  const { t } = useWords()
  const proof = useQuery(proofQuery(event))
  const text = proof.data && JSON.stringify(proof.data, undefined, 2)
  return (
    <Modal opened onClose={close} size="xl" title={t('proofTitle')} closeButtonProps={{ 'aria-label': t('close') }}>
      <div className="form">
        <p className="quiet">{t('proofHint')}</p>
        {proof.isPending && <Waiting lines={4} />}
        {proof.error && !proof.data && <Failure error={proof.error} />}
        {text !== undefined && (
          <>
            <pre className="source" tabIndex={0} aria-label={t('proofTitle')}>
              {text.split('\n').map((line, index) => (
                <span key={index}>{line}</span>
              ))}
            </pre>
            <div className="form-end">
              <CopyButton text={text} />
            </div>
          </>
        )}
      </div>
    </Modal>
  )
}
