import { Button, Modal, Textarea } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { WorkItem } from '../../../src/contracts/index.ts'
import { useWords } from '../../i18n.ts'
import { useClock } from '../../parts/clock.ts'
import { HolderChoice, type Holder } from '../holder-choice.tsx'
import type { AskingAct } from './selection-bar.tsx'
import type { BulkAct } from './use-bulk.ts'
import { OutcomeField, SnoozeField } from '../act-fields.tsx'

/** Asks what one act on many tasks needs. Ctrl+Enter sends. */
export function BulkDialog({
  act,
  chosen,
  close,
  run,
}: {
  act: AskingAct
  chosen: readonly WorkItem[]
  close: () => void
  run: (act: BulkAct) => void
}) {
  const { t } = useWords()
  const { now } = useClock()
  const [text, setText] = useState('')
  const [holder, setHolder] = useState<Holder>()
  const [hours, setHours] = useState('24')
  const [outcome, setOutcome] = useState('')
  const [pending, setPending] = useState('')
  const toSomebody = act === 'reassign' || act === 'hand-off'
  // An outcome can be given to all of them only where all of them know it.
  const [first, ...rest] = chosen
  const outcomes = (first?.outcomes ?? []).filter(({ code }) =>
    rest.every((item) => item.outcomes.some((one) => one.code === code)),
  )
  const mixed = act === 'complete' && outcomes.length === 0 && chosen.some((item) => item.outcomes.length > 0)
  const written = text.trim()
  const bodies = {
    complete: () => ({ note: written, ...(outcome === '' ? {} : { outcome }) }),
    snooze: () => ({ until: new Date(now + Number(hours) * 3_600_000).toISOString(), reason: written }),
    reassign: () => ({ reason: written, ...holder }),
    'hand-off': () => ({
      situation: written,
      ...(pending.trim() === '' ? {} : { pending: pending.trim() }),
      ...holder,
    }),
  }
  const ready =
    written !== '' &&
    (!toSomebody || holder !== undefined) &&
    (act !== 'complete' || outcomes.length === 0 || outcome !== '')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready) run({ do: act, ...bodies[act]() })
  }
  return (
    <Modal
      opened
      onClose={close}
      size={toSomebody ? 'lg' : 'md'}
      title={`${t(act)} · ${t('selectedCount', { count: chosen.length })}`}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form
        className="form"
        onSubmit={submit}
        onKeyDown={(event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && submit(event)}
      >
        {toSomebody && <HolderChoice ids={chosen.map(({ id }) => id)} value={holder} change={setHolder} roles />}
        {act === 'snooze' && <SnoozeField hours={hours} choose={setHours} />}
        {act === 'complete' && outcomes.length > 0 && (
          <OutcomeField outcomes={outcomes} outcome={outcome} choose={setOutcome} />
        )}
        {mixed && <p className="quiet">{t('mixedOutcomes')}</p>}
        <Textarea
          label={t(act === 'hand-off' ? 'situation' : 'reason')}
          required
          autosize
          minRows={3}
          maxRows={10}
          maxLength={2_000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          data-autofocus={act === 'complete' && outcomes.length === 0}
        />
        {act === 'hand-off' && (
          <Textarea
            label={t('pendingWord')}
            autosize
            maxRows={6}
            maxLength={2_000}
            value={pending}
            onChange={(event) => setPending(event.currentTarget.value)}
          />
        )}
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" disabled={!ready}>
            {t(act)}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
