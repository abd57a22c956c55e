import { Button, Modal, NumberInput, Textarea } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { Automation, Training as Report } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { useAct } from '../parts/use-act.ts'

/** Of an automation that learns: how its newest fitted version did on days that it had not seen, and a way to fit the next. */
export function Training({ automation }: { automation: Automation }) {
  const { t } = useWords()
  const account = useAccount()
  const [open, setOpen] = useState(false)
  const newest = automation.versions.find(({ training }) => training !== null)
  return (
    <section aria-label={t('training')}>
      <div className="section-head">
        <h2>{t('training')}</h2>
        {account.may('release.manage') && <Button onClick={() => setOpen(true)}>{t('trainDo')}…</Button>}
      </div>
      {newest?.training ? (
        <Fitted version={newest.version} training={newest.training} />
      ) : (
        <p className="quiet">{t('notTrained')}</p>
      )}
      {open && <TrainDialog id={automation.id} close={() => setOpen(false)} />}
    </section>
  )
}

function Fitted({ version, training }: { version: number; training: Report }) {
  const { t, date, number } = useWords()
  const percent = (share: number) => `${number(Math.round(share * 1_000) / 10)} %`
  const two = (value: number) => number(Math.round(value * 100) / 100)
  const { learnt, heldOut } = training
  return (
    <div data-testid="training">
      <dl className="facts">
        <div>
          <dt>{t('version', { n: version })}</dt>
          <dd>{t('learntFrom', { ...learnt, from: date(training.from), until: date(training.heldOutFrom) })}</dd>
        </div>
        <div>
          <dt>{t('judgedOn')}</dt>
          <dd>{t('judgedOnDays', { ...heldOut, from: date(training.heldOutFrom), until: date(training.until) })}</dd>
        </div>
        <div>
          <dt>{t('tellsApart')}</dt>
          <dd>{t('areaAtLeast', { area: two(training.area), atLeast: two(training.atLeast) })}</dd>
        </div>
        <div>
          <dt>{t('calibrated')}</dt>
          <dd>{t('slopeAndRatio', { slope: two(training.slope), ratio: two(training.observedPerExpected) })}</dd>
        </div>
      </dl>
      <div className="table-wrap" tabIndex={0} role="group" aria-label={t('fifths')}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('fifths')}</th>
              <th scope="col">{t('casesN')}</th>
              <th scope="col">{t('foreseen')}</th>
              <th scope="col">{t('happened')}</th>
            </tr>
          </thead>
          <tbody>
            {training.fifths.map((fifth, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: fifths have no other name than their place.
              <tr key={index}>
                <th scope="row">{index + 1}</th>
                <td className="number">{number(fifth.cases)}</td>
                <td className="number">{percent(fifth.foreseen)}</td>
                <td className="number">
                  {fifth.cases === 0 ? '–' : `${number(fifth.happened)} (${percent(fifth.happened / fifth.cases)})`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="quiet">
        {t('goesBy')}{' '}
        {training.weights
          .map(({ name, weight }) => `${name} ${weight > 0 ? '+' : '−'}${two(Math.abs(weight))}`)
          .join(', ')}
        . <code title={training.dataHash}>{training.dataHash.slice(0, 12)}</code>
      </p>
    </div>
  )
}

function TrainDialog({ id, close }: { id: string; close: () => void }) {
  const { t } = useWords()
  const [days, setDays] = useState(180)
  const [heldOutDays, setHeldOutDays] = useState(30)
  const [note, setNote] = useState('')
  const train = useAct(
    () =>
      call('POST', `/api/automations/${encodeURIComponent(id)}/train`, {
        days,
        heldOutDays,
        note: note.trim(),
      }),
    { anew: [['automations']], done: close, quiet: true },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    train.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('trainDo')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={train.error} />
        <p className="quiet">{t('trainHint')}</p>
        <NumberInput
          label={t('trainDays')}
          required
          min={7}
          max={1_100}
          value={days}
          onChange={(value) => setDays(Number(value))}
        />
        <NumberInput
          label={t('heldOutDays')}
          required
          min={3}
          max={370}
          value={heldOutDays}
          onChange={(value) => setHeldOutDays(Number(value))}
        />
        <Textarea
          label={t('note')}
          required
          autosize
          minRows={2}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" loading={train.isPending}>
            {t('trainDo')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
