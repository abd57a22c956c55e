import { Button, Modal, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useBeginDraft } from './use-begin-draft.ts'

const nameOf = (title: string) =>
  title
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 60)

/** The least that is a pathway: one task that somebody does, begun by a task of that code. */
const beginning = (name: string, en: string, fr: string) => `pathway: ${name}
title: {en: ${JSON.stringify(en)}, fr: ${JSON.stringify(fr)}}
owner: operations-lead
starts:
  - on: Task
    when: code.coding.code = '${name}'
stages:
  - {id: begun, title: {en: Begun, fr: Commencé}}
tracks:
  main:
    steps:
      first-step:
        stage: begun
        task:
          role: care-coordinator
          title: {en: First step, fr: Première étape}
          due: 2 business days
      finished:
        after: first-step
        end: {outcome: finished, title: {en: Finished, fr: Terminé}}
`

/** Begins a pathway that is new here: a name in both languages, and a first step to go on from. */
export function NewPathwayDialog({ close }: { close: () => void }) {
  const { t } = useWords()
  const [en, setEn] = useState('')
  const [fr, setFr] = useState('')
  const begin = useBeginDraft()
  const name = nameOf(en)
  const ready = name !== '' && fr.trim() !== ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready) begin.mutate({ source: beginning(name, en.trim(), fr.trim()) })
  }
  return (
    <Modal opened onClose={close} title={t('newPathwayTitle')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={begin.error} />
        <TextInput
          label={t('titleEn')}
          required
          maxLength={200}
          data-autofocus
          value={en}
          onChange={(event) => setEn(event.currentTarget.value)}
        />
        <TextInput
          label={t('titleFr')}
          required
          maxLength={200}
          value={fr}
          onChange={(event) => setFr(event.currentTarget.value)}
        />
        <p className="quiet">{name === '' ? t('newPathwayHint') : t('newPathwayName', { name })}</p>
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" disabled={!ready} loading={begin.isPending}>
            {t('beginDraft')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
