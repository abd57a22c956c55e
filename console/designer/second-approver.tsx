import { Button, Modal } from '@mantine/core'
import { useState } from 'react'
import { findStep, secondApprover } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { useDesigner } from './design-context.ts'
import { ChoiceField, SaidField, useRoleOptions } from './fields.tsx'
import { useStepWords } from './use-step-words.ts'

/** Asks a second person after one outcome of a task. */
export function SecondApprover({ id }: { id: string }) {
  const { t } = useWords()
  const { design, edit, choose } = useDesigner()
  const words = useStepWords()
  const roles = useRoleOptions()
  const task = findStep(design, id)?.step.task
  const [opened, setOpened] = useState(false)
  const [role, setRole] = useState('')
  const [outcome, setOutcome] = useState('')
  const [title, setTitle] = useState({ en: '', fr: '' })
  const outcomes = task?.outcomes?.map((one) => one.code) ?? ['done']
  const begin = () => {
    setRole(task?.role ?? '')
    setOutcome(outcomes[0] ?? 'done')
    setTitle({ en: `Second approval: ${task?.title.en ?? ''}`, fr: `Seconde approbation : ${task?.title.fr ?? ''}` })
    setOpened(true)
  }
  const add = () => {
    const added = secondApprover(design, { step: id, outcome, role, title })
    edit((before) => secondApprover(before, { step: id, outcome, role, title }).design)
    choose({ kind: 'step', id: added.id })
    setOpened(false)
  }
  return (
    <>
      <Button onClick={begin}>{t('designSecondApprover')}</Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={t('designSecondApprover')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <div className="form">
          <p className="quiet">{t('designSecondHint')}</p>
          <ChoiceField
            label={t('designAfterOutcome')}
            value={outcome}
            path="none"
            options={outcomes.map((one) => ({ value: one, label: words.outcome(id, one) }))}
            change={(value) => setOutcome(value ?? '')}
          />
          <ChoiceField
            label={t('role')}
            value={role}
            path="none"
            options={roles}
            change={(value) => setRole(value ?? '')}
          />
          <SaidField label={t('designTitle')} value={title} path="none" change={setTitle} />
          <div className="form-end">
            <Button onClick={() => setOpened(false)}>{t('cancel')}</Button>
            <Button variant="filled" disabled={title.en === '' || title.fr === ''} onClick={add}>
              {t('designAdd')}
            </Button>
          </div>
        </div>
      </Modal>
    </>
  )
}
