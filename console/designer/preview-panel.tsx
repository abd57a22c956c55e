import { Button, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import {
  clockText,
  explain,
  nextOf,
  nextTimer,
  rehearsalBegins,
  sampleResource,
  type ScenarioLine,
  scenarioOf,
  stringifyScenario,
} from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { Icon } from '../parts/icons.tsx'
import { useDesigner } from './design-context.ts'
import { Group } from './fields.tsx'
import { PreviewActs } from './preview-acts.tsx'
import { RecordedButton } from './recorded-dialog.tsx'
import type { Rehearsal } from './use-rehearsal.ts'

/** One made-up case on the same engine as the live one: begin it, answer what it asks, let time pass, go back. */
export function PreviewPanel({ rehearsal, mayWrite }: { rehearsal: Rehearsal; mayWrite: boolean }) {
  const { t, language, moment } = useWords()
  const { surroundings, work, write } = useDesigner()
  const { pathway, played, lines, at, play, go, again } = rehearsal
  const [name, setName] = useState('')
  if (!pathway || !played) return <p className="design-pad quiet">{t('designPreviewErrors')}</p>
  const { state, log, failures } = played.report
  const explaining = {
    definition: pathway.definition,
    version: 1,
    roles: surroundings.roles,
    locale: language,
    zone: surroundings.calendar.zone,
  }
  const due = nextTimer(played)
  const later = (hours: number) => play({ at: clockText(surroundings.calendar, played.now + hours * 3_600_000) })
  const keep = () => {
    const scenario = scenarioOf(pathway, { name: name.trim(), lines: lines.slice(0, at) }, surroundings.calendar)
    const others = work.scenarios.filter((one) => one.name !== scenario.scenario)
    write({ scenarios: [...others, { name: scenario.scenario, source: stringifyScenario(scenario) }] })
    setName('')
  }
  return (
    <div className="design-form design-preview" data-testid="preview">
      <div className="design-time">
        <Button disabled={at === 0} onClick={() => go(at - 1)} aria-label={t('designBack')} title={t('designBack')}>
          ‹
        </Button>
        <input
          type="range"
          min={0}
          max={lines.length}
          value={at}
          aria-label={t('designTimeline')}
          onChange={(event) => go(Number(event.currentTarget.value))}
        />
        <Button
          disabled={at === lines.length}
          onClick={() => go(at + 1)}
          aria-label={t('designForward')}
          title={t('designForward')}
        >
          ›
        </Button>
        <strong className="number">{moment(new Date(played.now).toISOString())}</strong>
        <Button disabled={lines.length === 0} onClick={again}>
          {t('designAgainFromStart')}
        </Button>
      </div>
      {failures.length > 0 && <p className="design-fault">{t('designNotPossible')}</p>}
      {!state && <Begin play={play} />}
      {state && state.status !== 'active' && (
        <p className="good-text" data-testid="preview-ended">
          <Icon name="end" /> {t('designEnded', { outcome: state.outcome ?? '' })}
        </p>
      )}
      {state?.status === 'active' && (
        <>
          <PreviewActs pathway={pathway} state={state} play={play} />
          <Group title={t('designLetTimePass')}>
            <div className="design-row">
              <Button
                disabled={due === undefined}
                onClick={() => due !== undefined && play({ at: clockText(surroundings.calendar, due) })}
              >
                {due === undefined
                  ? t('designNothingDue')
                  : t('designToNext', { at: moment(new Date(due).toISOString()) })}
              </Button>
              <Button onClick={() => later(1)}>{t('designOneHour')}</Button>
              <Button onClick={() => later(24)}>{t('designOneDay')}</Button>
              <Button onClick={() => later(168)}>{t('designOneWeek')}</Button>
            </div>
          </Group>
          <Group title={t('designMustHappen')}>
            <ul className="design-must">
              {nextOf(state, explaining).map((one, index) => (
                <li key={index}>{one.must}</li>
              ))}
            </ul>
          </Group>
        </>
      )}
      {log.length > 0 && (
        <Group title={t('designWhatHappened')}>
          <ol className="design-log" data-testid="preview-log">
            {log.toReversed().map((entry, index) => (
              <li key={log.length - index}>
                <span className="quiet number">{moment(new Date(entry.at).toISOString())}</span>{' '}
                {explain(entry, explaining)}
              </li>
            ))}
          </ol>
        </Group>
      )}
      {mayWrite && at === 0 && (
        <Group title={t('designFromJourney')}>
          <p className="quiet">{t('designFromJourneyHint')}</p>
          <div className="design-row">
            <RecordedButton />
          </div>
        </Group>
      )}
      {mayWrite && at > 0 && (
        <Group title={t('designKeepScenario')}>
          <div className="design-row">
            <TextInput
              size="xs"
              aria-label={t('designScenarioName')}
              placeholder={t('designScenarioName')}
              maxLength={200}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Button disabled={name.trim() === ''} onClick={keep}>
              {t('designKeepScenario')}
            </Button>
          </div>
          <p className="quiet">{t('designKeepHint')}</p>
        </Group>
      )}
    </div>
  )
}

/** What begins the case: made up from the pathway's own condition, and open to be changed. */
function Begin({ play }: { play: (line: ScenarioLine) => void }) {
  const { t } = useWords()
  const { design, surroundings } = useDesigner()
  const [which, setWhich] = useState(0)
  const start = design.starts[which]
  const [text, setText] = useState<string>()
  const [failed, setFailed] = useState(false)
  if (!start) return <p className="quiet">{t('designStartsNone')}</p>
  const sample = JSON.stringify(
    sampleResource(start, surroundings.table, {
      subject: 'Patient/p1',
      trigger: `${start.on}/c1`,
      key: 'c1',
      id: 'c1',
    }),
    null,
    1,
  )
  const begin = (priority?: string) => {
    try {
      const record = JSON.parse(text ?? sample) as Record<string, unknown>
      setFailed(false)
      play({ at: rehearsalBegins, record: priority === undefined ? record : { ...record, priority } })
    } catch {
      setFailed(true)
    }
  }
  return (
    <Group title={t('designBegin')}>
      <p className="quiet">{t('designBeginHint')}</p>
      {design.starts.length > 1 && (
        <div className="design-row">
          {design.starts.map((one, index) => (
            <Button
              key={index}
              aria-pressed={which === index}
              onClick={() => {
                setWhich(index)
                setText(undefined)
              }}
            >
              {index + 1}. {one.on}
            </Button>
          ))}
        </div>
      )}
      <div className="design-row">
        <Button variant="filled" onClick={() => begin()}>
          {t('designBegin')}
        </Button>
        <Button onClick={() => begin('urgent')}>{t('designBeginUrgent')}</Button>
      </div>
      <details className="design-details">
        <summary>{t('designResourceText')}</summary>
        <Textarea
          size="xs"
          rows={8}
          className="design-expression"
          aria-label={t('designResourceText')}
          value={text ?? sample}
          error={failed ? t('designNoJson') : undefined}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </details>
    </Group>
  )
}
