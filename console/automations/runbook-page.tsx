import { Button, Modal, NumberInput, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { Drill } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { runbookQuery } from '../api/release-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure, FormFailure } from '../parts/failure.tsx'
import { Listing } from '../parts/listing.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'
import { useRoleTitles } from '../parts/use-role-titles.ts'
import { RunbookCard } from './runbook-card.tsx'
import { scopeWords } from './scope-words.ts'

const route = getRouteApi('/automations/$id/runbook')

/** What to do when it fails, and the drills that showed that it works. */
export function RunbookPage() {
  const { id } = route.useParams()
  const words = useWords()
  const { t, either, code, date, moment } = words
  const account = useAccount()
  const titleOf = useRoleTitles()
  const page = useQuery(runbookQuery(id))
  const [open, setOpen] = useState<'write' | 'drill'>()
  const close = () => setOpen(undefined)
  if (page.isPending) return <Waiting />
  if (!page.data) return <Failure error={page.error} retry={page.refetch} />
  const one = page.data
  const manages = account.may('release.manage')
  return (
    <div className="page">
      <Link to="/automations/$id" params={{ id }} className="back">
        ← {either(one.title)}
      </Link>
      <div className="page-head flat">
        <h1>{t('runbookOf', { name: either(one.title) })}</h1>
        <div className="head-right">
          {manages && <Button onClick={() => setOpen('write')}>{t('writeRunbook')}…</Button>}
        </div>
      </div>
      <RunbookCard automation={id} />
      {one.runbook && (
        <p className="quiet">
          {t('runbookBy', { n: one.runbook.version, by: one.runbook.by, day: date(one.runbook.at) })}
        </p>
      )}
      <Listing
        title={t('drillsWord')}
        hint={t('drillsHint', { levels: one.gates.map((level) => code('authority', level)).join(', ') })}
        empty={t('noDrills')}
        query={{ ...page, data: { items: one.drills } }}
        columns={[t('where'), t('since'), t('reachedWord'), t('resultWord'), '']}
        action={manages && <Button onClick={() => setOpen('drill')}>{t('startDrill')}…</Button>}
        row={(drill) => (
          <tr key={drill.id} data-testid="drill-row">
            <th scope="row">
              {scopeWords(words, drill.scope)}
              <br />
              <span className="quiet">{drill.reason}</span>
            </th>
            <td>
              <span className="number">{moment(drill.startedAt)}</span>
              <br />
              <span className="quiet">{drill.by}</span>
            </td>
            <td className="number">
              {drill.result &&
                t('reachedSays', {
                  reached: drill.result.reached,
                  cases: drill.result.cases,
                  role: titleOf(drill.fallbackRole),
                  taken: drill.result.taken,
                  seconds: drill.result.slowestSeconds,
                })}
            </td>
            <td>
              <Result drill={drill} />
            </td>
            <td className="end">
              {drill.result === null && account.may('release.stop') && <EndDrill id={drill.id} />}
            </td>
          </tr>
        )}
      />
      {open === 'write' && <RunbookDialog id={id} source={one.runbook?.source ?? ''} close={close} />}
      {open === 'drill' && <DrillDialog id={id} close={close} />}
    </div>
  )
}

function Result({ drill: { result, until } }: { drill: Drill }) {
  const { t, code, date, moment } = useWords()
  if (result === null) return <span className="tag urgent">{t('drillRuns', { at: moment(until) })}</span>
  if (result.findings.length === 0)
    return (
      <span className="tag">
        {t('drillPassed', { day: result.countsUntil === null ? '' : date(result.countsUntil) })}
      </span>
    )
  return (
    <>
      {result.findings.map((finding) => (
        <span key={finding} className="tag bad">
          {code('drillFinding', finding)}
        </span>
      ))}
    </>
  )
}

function EndDrill({ id }: { id: string }) {
  const { t } = useWords()
  const end = useAct(() => call('POST', `/api/automations/drills/${id}/end`), { anew: [['automations']] })
  return (
    <Button loading={end.isPending} onClick={() => end.mutate()}>
      {t('endDrill')}
    </Button>
  )
}

function DrillDialog({ id, close }: { id: string; close: () => void }) {
  const { t } = useWords()
  const [site, setSite] = useState('')
  const [step, setStep] = useState('')
  const [minutes, setMinutes] = useState<number | string>(30)
  const [reason, setReason] = useState('')
  const start = useAct(
    () =>
      call('POST', `/api/automations/${encodeURIComponent(id)}/drills`, {
        scope: {
          ...(site.trim() === '' ? {} : { site: site.trim() }),
          ...(step.trim() === '' ? {} : { step: step.trim() }),
        },
        minutes: Number(minutes),
        reason: reason.trim(),
      }),
    { anew: [['automations']], done: close, quiet: true },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    start.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('startDrill')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={start.error} />
        <p>{t('startDrillHint')}</p>
        <TextInput
          label={t('stopSite')}
          placeholder="Location/…"
          value={site}
          onChange={(event) => setSite(event.currentTarget.value)}
        />
        <TextInput
          label={t('drillStep')}
          description={t('drillStepHint')}
          value={step}
          onChange={(event) => setStep(event.currentTarget.value)}
        />
        <NumberInput label={t('drillMinutes')} required min={5} max={240} value={minutes} onChange={setMinutes} />
        <Textarea
          label={t('reason')}
          required
          minLength={3}
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" loading={start.isPending}>
            {t('startDrill')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

function RunbookDialog({ id, source, close }: { id: string; source: string; close: () => void }) {
  const { t } = useWords()
  const [text, setText] = useState(source)
  const [note, setNote] = useState('')
  const keep = useAct(
    () => call('POST', `/api/automations/${encodeURIComponent(id)}/runbook`, { source: text, note: note.trim() }),
    { anew: [['automations']], done: close, quiet: true },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    keep.mutate()
  }
  return (
    <Modal opened onClose={close} size="xl" title={t('writeRunbook')} closeButtonProps={{ 'aria-label': t('close') }}>
      <form className="form" onSubmit={submit}>
        <FormFailure error={keep.error} />
        <p className="quiet">{t('writeRunbookHint')}</p>
        <Textarea
          label={t('source')}
          required
          autosize
          minRows={12}
          maxRows={24}
          spellCheck={false}
          styles={{ input: { fontFamily: 'monospace' } }}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <TextInput label={t('note')} required value={note} onChange={(event) => setNote(event.currentTarget.value)} />
        <div className="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" variant="filled" loading={keep.isPending}>
            {t('keepRunbook')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
