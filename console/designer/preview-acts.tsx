import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import {
  asStep,
  type CompiledPathway,
  type JourneyState,
  outcomesOf,
  sampleResource,
  type ScenarioLine,
} from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { Icon, isIcon } from '../parts/icons.tsx'
import { useDesigner } from './design-context.ts'
import { formNamed } from './forms-at-hand.ts'
import { Group } from './fields.tsx'
import { useStepWords } from './use-step-words.ts'

interface ActsProps {
  pathway: CompiledPathway
  state: JourneyState
  play: (line: ScenarioLine) => void
}

/** For each open step what people, patients and the world may do about it now. */
export function PreviewActs({ pathway, state, play }: ActsProps) {
  const { t } = useWords()
  const { choose, surroundings } = useDesigner()
  const words = useStepWords()
  const reason = t('designRehearsed')
  const about = { subject: state.subject, trigger: state.trigger, key: state.key, id: `n${state.at}` }
  const added = Object.values(pathway.steps).filter((one) => one.step.discretionary === 'add' && !state.open[one.id])
  const { definition } = pathway
  const events = [
    ...(definition.stops ?? []).map((one) => ({ label: one.on, trigger: one, kind: 'designStopNews' as const })),
    ...(definition.pauses ?? []).map((one) => ({
      label: one.on,
      trigger: state.paused ? one.resume : one,
      kind: state.paused ? ('designResumeNews' as const) : ('designPauseNews' as const),
    })),
    ...Object.values(definition.tracks).flatMap((track) => [
      ...(track.starts && 'on' in track.starts
        ? [{ label: track.starts.on, trigger: track.starts, kind: 'designStartNews' as const }]
        : []),
      ...(track.stops ?? []).map((one) => ({ label: one.on, trigger: one, kind: 'designTrackStopNews' as const })),
    ]),
  ]
  return (
    <>
      {Object.keys(state.open).map((id) => {
        const step = pathway.steps[id]
        if (!step) return null
        return (
          <section key={id} className="design-act" aria-label={words.title(id)} data-testid={`act-${id}`}>
            <button type="button" className="plain-button" onClick={() => choose({ kind: 'step', id })}>
              {isIcon(step.kind) && <Icon name={step.kind} size={13} />} {words.title(id)}
            </button>
            <StepActs id={id} pathway={pathway} state={state} play={play} />
            {step.step.discretionary === 'skip' && (
              <Button onClick={() => play({ skip: id, because: reason })}>{t('designSkip')}</Button>
            )}
          </section>
        )
      })}
      {added.length > 0 && (
        <div className="design-row">
          {added.map((one) => (
            <Button key={one.id} onClick={() => play({ add: one.id, because: reason })}>
              {t('designAddNow', { step: words.title(one.id) })}
            </Button>
          ))}
        </div>
      )}
      {events.length > 0 && (
        <Group title={t('designNews')}>
          <div className="design-row">
            {events.map(({ label, trigger, kind }, index) => (
              <Button key={index} onClick={() => play({ record: sampleResource(trigger, surroundings.table, about) })}>
                {t(kind, { what: label })}
              </Button>
            ))}
          </div>
        </Group>
      )}
    </>
  )
}

function StepActs({ id, pathway, state, play }: ActsProps & { id: string }) {
  const { t } = useWords()
  const { surroundings } = useDesigner()
  const words = useStepWords()
  const step = pathway.steps[id]
  const open = state.open[id]
  if (!step || !open) return null
  const { kind } = step
  const definition = step.step
  if (kind === 'message' && open.fallback === undefined)
    return (
      <div className="design-row">
        <Button onClick={() => play({ delivered: id })}>{t('designDelivered')}</Button>
        <Button onClick={() => play({ undeliverable: id })}>{t('designUndeliverable')}</Button>
      </div>
    )
  if (kind === 'message')
    return (
      <div className="design-row">
        <Button onClick={() => play({ complete: id })}>{t('designFallbackDone')}</Button>
      </div>
    )
  if (kind === 'form' && definition.form)
    return <FormActs id={id} questionnaire={definition.form.questionnaire} play={play} />
  if (kind === 'order') return <OrderActs id={id} observed={definition.order?.result === 'Observation'} play={play} />
  if (kind === 'appointment') return <AppointmentActs id={id} play={play} />
  if (kind === 'wait' && definition.wait && 'events' in definition.wait)
    return (
      <div className="design-row">
        {Object.entries(definition.wait.events).map(([name, trigger]) => (
          <NewsButton
            key={name}
            label={words.outcome(id, name)}
            sample={sampleResource(trigger, surroundings.table, {
              subject: state.subject,
              trigger: state.trigger,
              key: state.key,
              id: `n${state.at}`,
            })}
            play={play}
          />
        ))}
      </div>
    )
  if (kind === 'wait') return <p className="quiet">{t('designWaits')}</p>
  const other = surroundings.pathways.find(
    (one) => one.pathway === definition.start?.pathway && one.version === definition.start.version,
  )
  const ways =
    kind === 'start'
      ? (other?.outcomes ?? ['complete'])
      : outcomesOf(asStep(definition)).filter((one) => one !== 'skipped' && one !== 'late')
  return (
    <div className="design-row">
      {ways.map((one) => (
        <Button
          key={one}
          onClick={() => play({ complete: id, ...(one === 'done' && kind === 'task' ? {} : { with: one }) })}
        >
          {words.outcome(id, one)}
        </Button>
      ))}
    </div>
  )
}

/** News as made up from the wait's own condition; what else the resource says may be added. */
function NewsButton({
  label,
  sample,
  play,
}: {
  label: string
  sample: Record<string, unknown>
  play: (line: ScenarioLine) => void
}) {
  const { t } = useWords()
  const [value, setValue] = useState('')
  const numeric = sample['resourceType'] === 'Observation'
  return (
    <span className="design-news">
      <Button
        onClick={() => play({ record: value === '' ? sample : { ...sample, valueQuantity: { value: Number(value) } } })}
      >
        {label}
      </Button>
      {numeric && (
        <TextInput
          size="xs"
          type="number"
          step="any"
          aria-label={t('designWithValue', { what: label })}
          placeholder={t('designValue')}
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
      )}
    </span>
  )
}

function OrderActs({ id, observed, play }: { id: string; observed: boolean; play: (line: ScenarioLine) => void }) {
  const { t } = useWords()
  const [value, setValue] = useState('')
  return (
    <div className="design-row">
      {observed && (
        <TextInput
          size="xs"
          type="number"
          step="any"
          aria-label={t('designResultValue')}
          placeholder={t('designResultValue')}
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
      )}
      <Button
        onClick={() =>
          play({ complete: id, ...(value === '' ? {} : { saying: { valueQuantity: { value: Number(value) } } }) })
        }
      >
        {t('designResultComes')}
      </Button>
      <Button onClick={() => play({ complete: id, with: 'declined' })}>{t('designDeclined')}</Button>
    </div>
  )
}

function AppointmentActs({ id, play }: { id: string; play: (line: ScenarioLine) => void }) {
  const { t } = useWords()
  const [start, setStart] = useState('')
  return (
    <div className="design-row">
      <TextInput
        size="xs"
        type="datetime-local"
        aria-label={t('designBookedFor')}
        value={start}
        onChange={(event) => setStart(event.currentTarget.value)}
      />
      <Button
        onClick={() =>
          play({ complete: id, ...(start === '' ? {} : { saying: { start: new Date(start).toISOString() } }) })
        }
      >
        {t('designBooked')}
      </Button>
      <Button onClick={() => play({ complete: id, with: 'declined' })}>{t('designDeclined')}</Button>
    </div>
  )
}

const answerKey: Readonly<Record<string, string>> = {
  boolean: 'valueBoolean',
  integer: 'valueInteger',
  decimal: 'valueDecimal',
  date: 'valueDate',
  dateTime: 'valueDateTime',
  choice: 'valueCoding',
}

/** Answers a form's questions. */
function FormActs({
  id,
  questionnaire,
  play,
}: {
  id: string
  questionnaire: string
  play: (line: ScenarioLine) => void
}) {
  const { t, either } = useWords()
  const { surroundings } = useDesigner()
  const [answers, setAnswers] = useState<Readonly<Record<string, string>>>({})
  const questions = (formNamed(surroundings.forms, questionnaire)?.version.questions ?? []).filter(
    (one) => one.type !== 'group',
  )
  const answer = () => {
    const item = questions.flatMap(({ linkId, type }) => {
      const said = answers[linkId] ?? ''
      if (said === '') return []
      const value =
        type === 'boolean'
          ? said === 'true'
          : type === 'integer' || type === 'decimal'
            ? Number(said)
            : type === 'choice'
              ? { code: said }
              : said
      return [{ linkId, answer: [{ [answerKey[type] ?? 'valueString']: value }] }]
    })
    play({ complete: id, ...(item.length === 0 ? {} : { saying: { item } }) })
  }
  return (
    <div className="design-fields">
      {questions.map(({ linkId, text: both, type, options }) => {
        const text = either(both)
        const set = (said: string) => setAnswers((before) => ({ ...before, [linkId]: said }))
        return type === 'boolean' ? (
          <NativeSelect
            key={linkId}
            size="xs"
            label={text}
            value={answers[linkId] ?? ''}
            data={[
              { value: '', label: '–' },
              { value: 'true', label: t('yes') },
              { value: 'false', label: t('no') },
            ]}
            onChange={(event) => set(event.currentTarget.value)}
          />
        ) : type === 'choice' ? (
          <NativeSelect
            key={linkId}
            size="xs"
            label={text}
            value={answers[linkId] ?? ''}
            data={[{ value: '', label: '–' }, ...options.map((one) => ({ value: one.code, label: either(one.text) }))]}
            onChange={(event) => set(event.currentTarget.value)}
          />
        ) : (
          <TextInput
            key={linkId}
            size="xs"
            label={text}
            type={type === 'integer' || type === 'decimal' ? 'number' : type === 'date' ? 'date' : 'text'}
            value={answers[linkId] ?? ''}
            onChange={(event) => set(event.currentTarget.value)}
          />
        )
      })}
      <div className="design-row">
        <Button onClick={answer}>{t('designAnswer')}</Button>
      </div>
    </div>
  )
}
