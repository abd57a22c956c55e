import { Button, Modal } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { Draft, WentLive } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { SureDialog } from '../parts/sure-dialog.tsx'
import { useAct } from '../parts/use-act.ts'
import { type ChosenClinics, ClinicChoice } from './clinic-choice.tsx'
import { NoteDialog } from './note-dialog.tsx'

type Act = 'ask' | 'approve' | 'send-back' | 'publish' | 'discard' | 'reopen'

/** What can be done with a draft now; what cannot, and why, stands beside the buttons. */
export function DraftActs({ draft }: { draft: Draft }) {
  const { t } = useWords()
  const [act, setAct] = useState<Act>()
  const { may, status } = draft
  const close = () => setAct(undefined)
  // Somebody else's turn: told in place, so that nobody looks for a button.
  const turn =
    status === 'in-review' && may.approve !== true
      ? may.approve
      : status === 'approved' && may.publish !== true
        ? may.publish
        : undefined
  return (
    <div className="head-right">
      {turn !== undefined && <span className="quiet">{t(`turn_${turn}`)}</span>}
      {may.discard === true && <Button onClick={() => setAct('discard')}>{t('discardDraft')}</Button>}
      {may.reopen === true && <Button onClick={() => setAct('reopen')}>{t('reopenDraft')}</Button>}
      {may.sendBack === true && <Button onClick={() => setAct('send-back')}>{t('sendBack')}</Button>}
      {may.ask === true && (
        <Button variant="filled" onClick={() => setAct('ask')}>
          {t('askForReview')}
        </Button>
      )}
      {may.approve === true && (
        <Button variant="filled" onClick={() => setAct('approve')}>
          {t('approve')}
        </Button>
      )}
      {may.publish === true && (
        <Button variant="filled" onClick={() => setAct('publish')}>
          {t('goLive')}
        </Button>
      )}
      {act === 'publish' && <GoLive draft={draft} close={close} />}
      {(act === 'ask' || act === 'approve' || act === 'send-back') && <Noted draft={draft} act={act} close={close} />}
      {(act === 'discard' || act === 'reopen') && <Sure draft={draft} act={act} close={close} />}
    </div>
  )
}

const anew = [['pathways']] as const

function Noted({ draft, act, close }: { draft: Draft; act: 'ask' | 'approve' | 'send-back'; close: () => void }) {
  const { t } = useWords()
  const doing = useAct(
    (note: string) =>
      call('POST', `/api/drafts/${draft.id}/${act}`, {
        note,
        ...(act === 'send-back' ? {} : { revision: draft.revision }),
      }),
    { anew, done: close, quiet: true },
  )
  const words = {
    ask: { title: t('askForReview'), hint: t('askHint'), label: t('publishNote'), act: t('askForReview') },
    approve: { title: t('approve'), hint: t('approveHint'), label: t('noteOptional'), act: t('approve') },
    'send-back': { title: t('sendBack'), hint: t('sendBackHint'), label: t('whatToChange'), act: t('sendBack') },
  }[act]
  return <NoteDialog {...words} optional={act === 'approve'} doing={doing} close={close} />
}

function GoLive({ draft, close }: { draft: Draft; close: () => void }) {
  const { t } = useWords()
  const navigate = useNavigate()
  const [clinics, setClinics] = useState<ChosenClinics>()
  const publish = useAct(
    () =>
      call<WentLive>('POST', `/api/drafts/${draft.id}/publish`, {
        revision: draft.revision,
        ...(clinics === undefined ? {} : { clinics }),
      }),
    {
      anew,
      quiet: true,
      done: ({ pathway, version }) =>
        void navigate({ to: '/pathways/$id', params: { id: pathway }, search: { version } }),
    },
  )
  return (
    <Modal opened onClose={close} title={t('goLive')} closeButtonProps={{ 'aria-label': t('close') }}>
      <div className="form">
        <FormFailure error={publish.error} />
        <p>{t('goLiveHint')}</p>
        <p>
          <strong>{draft.note}</strong>
        </p>
        <ClinicChoice chosen={clinics} choose={setClinics} />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button
            variant="filled"
            disabled={clinics?.length === 0}
            loading={publish.isPending}
            onClick={() => publish.mutate()}
          >
            {t('setLive')}
          </Button>
        </div>
      </div>
    </Modal>
  )
}

function Sure({ draft, act, close }: { draft: Draft; act: 'discard' | 'reopen'; close: () => void }) {
  const { t } = useWords()
  const doing = useAct(() => call('POST', `/api/drafts/${draft.id}/${act}`), { anew, done: close, quiet: true })
  return <SureDialog title={t(`${act}Draft`)} text={t(`${act}Hint`)} act={t(`${act}It`)} doing={doing} close={close} />
}
