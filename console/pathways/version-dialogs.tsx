import { Checkbox, Textarea } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { PathwayList, RolledBack } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { useAct } from '../parts/use-act.ts'
import { type ChosenClinics, ClinicChoice } from './clinic-choice.tsx'
import { NoteDialog } from './note-dialog.tsx'

const anew = [['pathways']] as const
const pathOf = (pathway: string, rest: string) => `/api/pathways/${encodeURIComponent(pathway)}/${rest}`
const at = (clinics: ChosenClinics) => (clinics === undefined ? {} : { clinics })

/** Ends what is live: for all, or for clinics that have a version of their own. */
export function RetireDialog({ pathway, close }: { pathway: PathwayList['items'][number]; close: () => void }) {
  const { t } = useWords()
  const [only, setOnly] = useState<string[]>([])
  const retire = useAct(
    (note: string) => call('POST', pathOf(pathway.id, 'retire'), { note, ...at(only.length > 0 ? only : undefined) }),
    { anew, done: close, quiet: true },
  )
  return (
    <NoteDialog
      title={t('retire')}
      hint={t(only.length > 0 ? 'retireSomeHint' : 'retireHint')}
      label={t('publishNote')}
      act={t('retireIt')}
      doing={retire}
      close={close}
    >
      {pathway.clinics.length > 0 && (
        <Checkbox.Group label={t('retireOnly')} value={only} onChange={setOnly}>
          {pathway.clinics.map(({ clinic, version }) => (
            <Checkbox key={clinic} value={clinic} label={`${clinic} (${t('version', { n: version })})`} />
          ))}
        </Checkbox.Group>
      )}
    </NoteDialog>
  )
}

/** Brings an old version back: through a review, or in an emergency at once. */
export function RollBackDialog({ pathway, version, close }: { pathway: string; version: number; close: () => void }) {
  const { t } = useWords()
  const navigate = useNavigate()
  const [urgent, setUrgent] = useState(false)
  const [reason, setReason] = useState('')
  const [clinics, setClinics] = useState<ChosenClinics>()
  const back = useAct(
    (note: string) =>
      call<RolledBack>('POST', pathOf(pathway, 'roll-back'), {
        version,
        note,
        ...(urgent ? { emergency: reason.trim(), ...at(clinics) } : {}),
      }),
    {
      anew,
      quiet: true,
      done({ draft, version: made }) {
        close()
        if (draft !== null) void navigate({ to: '/pathways/drafts/$draft', params: { draft } })
        else void navigate({ to: '/pathways/$id', params: { id: pathway }, search: made ? { version: made } : {} })
      },
    },
  )
  return (
    <NoteDialog
      title={t('rollBackTo', { n: version })}
      hint={t(urgent ? 'rollBackUrgentHint' : 'rollBackHint')}
      label={t('publishNote')}
      act={t(urgent ? 'rollBackNow' : 'askForReview')}
      ready={!urgent || (reason.trim() !== '' && clinics?.length !== 0)}
      doing={back}
      close={close}
    >
      <Checkbox
        label={t('rollBackUrgent')}
        checked={urgent}
        onChange={(event) => setUrgent(event.currentTarget.checked)}
      />
      {urgent && (
        <>
          <Textarea
            label={t('emergencyReason')}
            required
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <ClinicChoice chosen={clinics} choose={setClinics} />
        </>
      )}
    </NoteDialog>
  )
}

/** Sets a version that is live for some live for more. */
export function LiveDialog({ pathway, version, close }: { pathway: string; version: number; close: () => void }) {
  const { t } = useWords()
  const [clinics, setClinics] = useState<ChosenClinics>()
  const widen = useAct(
    (note: string) => call('POST', pathOf(pathway, `versions/${version}/live`), { note, ...at(clinics) }),
    { anew, done: close, quiet: true },
  )
  return (
    <NoteDialog
      title={t('goLiveMoreOf', { n: version })}
      hint={t('goLiveHint')}
      label={t('publishNote')}
      act={t('setLive')}
      ready={clinics?.length !== 0}
      doing={widen}
      close={close}
    >
      <ClinicChoice chosen={clinics} choose={setClinics} />
    </NoteDialog>
  )
}

/** Says that what one person did in an emergency was right. */
export function SecondDialog({ pathway, version, close }: { pathway: string; version: number; close: () => void }) {
  const { t } = useWords()
  const second = useAct((note: string) => call('POST', pathOf(pathway, `versions/${version}/second`), { note }), {
    anew,
    done: close,
    quiet: true,
  })
  return (
    <NoteDialog
      title={t('second')}
      hint={t('secondHint')}
      label={t('note')}
      act={t('secondIt')}
      doing={second}
      close={close}
    />
  )
}
