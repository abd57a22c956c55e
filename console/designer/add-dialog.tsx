import { Button, Modal } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { type AtHand, newStep, type StepKind } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { Icon, isIcon } from '../parts/icons.tsx'
import { useDesigner } from './design-context.ts'
import { formAtHand } from './forms-at-hand.ts'
import { SaidField } from './fields.tsx'
import { titled } from './titles.ts'

const kinds = [
  'task',
  'message',
  'wait',
  'decide',
  'form',
  'order',
  'appointment',
  'start',
  'call',
  'request',
  'end',
] as const

interface AddDialogProps {
  title: string
  /** Where it goes, in words. */
  place: string
  add: (step: ReturnType<typeof newStep>, words: string) => void
  close: () => void
}

/** A new step: its kind, and what it is called in both languages. */
export function AddDialog({ title, place, add, close }: AddDialogProps) {
  const { t, code } = useWords()
  const { surroundings, templates, design } = useDesigner()
  const [kind, setKind] = useState<StepKind>('task')
  const [said, setSaid] = useState({ en: '', fr: '' })
  const other = surroundings.pathways.findLast((one) => one.pathway !== design.pathway)
  const atHand: AtHand = {
    role: surroundings.roles[0]?.id ?? 'role',
    template: templates[0]?.template ?? 'template',
    channels: surroundings.channels,
    form: formAtHand(surroundings.forms),
    connector: surroundings.connectors[0] ?? '',
    pathway: other ? { id: other.pathway, version: other.version } : undefined,
  }
  // What nobody here could perform is not offered.
  const offered = kinds.filter(
    (one) =>
      (one !== 'call' || surroundings.connectors.length > 0) &&
      (one !== 'form' || surroundings.forms.length > 0) &&
      (one !== 'start' || other !== undefined),
  )
  const ready = said.en.trim() !== '' && said.fr.trim() !== ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready) add(titled(newStep(kind, atHand), said), said.en)
  }
  return (
    <Modal opened onClose={close} size={560} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <p className="quiet">{place}</p>
        <div className="design-kinds" role="radiogroup" aria-label={t('designKind')}>
          {offered.map((one) => (
            <label key={one} data-chosen={kind === one}>
              <input type="radio" name="kind" value={one} checked={kind === one} onChange={() => setKind(one)} />
              {isIcon(one) && <Icon name={one} size={15} />}
              <span>
                <strong>{code('kind', one)}</strong>
                <small>{t(`designKind_${one}`)}</small>
              </span>
            </label>
          ))}
        </div>
        <SaidField label={t('designTitle')} value={said} path="none" change={setSaid} />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" disabled={!ready}>
            {t('designAdd')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
