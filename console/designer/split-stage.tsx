import { Button, Checkbox, Modal } from '@mantine/core'
import { useState } from 'react'
import { allSteps, splitStage } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { useDesigner } from './design-context.ts'
import { SaidField } from './fields.tsx'
import { titleOfStep } from './titles.ts'

/** Makes two stages of one: names the second, and the steps at which it begins. */
export function SplitStage({ stage, close }: { stage: string; close: () => void }) {
  const { t, either } = useWords()
  const { design, edit } = useDesigner()
  const [title, setTitle] = useState({ en: '', fr: '' })
  const [steps, setSteps] = useState<string[]>([])
  const split = () => {
    edit((before) => splitStage(before, { stage, title, steps }).design)
    close()
  }
  const first = design.stages.find((one) => one.id === stage)?.title
  return (
    <Modal
      opened
      onClose={close}
      title={t('designSplitOf', { stage: first ? either(first) : stage })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <div className="form">
        <SaidField label={t('designSecondStage')} value={title} path="none" change={setTitle} />
        <Checkbox.Group label={t('designBeginsAt')} value={steps} onChange={setSteps}>
          <div className="checks design-steps">
            {allSteps(design).map(({ id, step }) => (
              <Checkbox key={id} size="xs" value={id} label={either(titleOfStep(id, step))} />
            ))}
          </div>
        </Checkbox.Group>
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button
            variant="filled"
            disabled={title.en.trim() === '' || title.fr.trim() === '' || steps.length === 0}
            onClick={split}
          >
            {t('designSplit')}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
