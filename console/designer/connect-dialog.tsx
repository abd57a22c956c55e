import { Button, Modal } from '@mantine/core'
import { useState } from 'react'
import { connect, findStep } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { useDesigner } from './design-context.ts'
import { ChoiceField } from './fields.tsx'
import { useStepWords } from './use-step-words.ts'

/** A line that was drawn: by which end of the one step does the other follow? */
export function ConnectDialog({ from, to, close }: { from: string; to: string; close: () => void }) {
  const { t } = useWords()
  const { design, edit, choose } = useDesigner()
  const words = useStepWords()
  const [outcome, setOutcome] = useState('')
  const sameTrack = findStep(design, from)?.track === findStep(design, to)?.track
  return (
    <Modal opened onClose={close} title={t('designDrawn')} closeButtonProps={{ 'aria-label': t('close') }}>
      <div className="form">
        <p>
          {words.title(from)} → {words.title(to)}
        </p>
        {sameTrack ? (
          <ChoiceField
            label={t('designAfterOutcome')}
            value={outcome}
            path="none"
            options={words.ways(from).map((one) => ({ value: one ?? '', label: words.outcome(from, one) }))}
            change={(value) => setOutcome(value ?? '')}
          />
        ) : (
          <p className="design-fault">{t('designOtherTrack')}</p>
        )}
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button
            variant="filled"
            disabled={!sameTrack}
            onClick={() => {
              edit((before) => connect(before, { from, outcome: outcome === '' ? null : outcome, to }))
              choose({ kind: 'line', from, to })
              close()
            }}
          >
            {t('designConnect')}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
