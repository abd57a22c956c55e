import { Button } from '@mantine/core'
import { useState } from 'react'
import type { JourneyDetail } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { Icon, type IconName } from '../parts/icons.tsx'

const signs: Readonly<Record<string, IconName>> = {
  opened: 'task',
  done: 'done',
  skipped: 'skipped',
  waiting: 'waiting',
  escalated: 'up',
  missed: 'late',
  asked: 'message',
  stage: 'open',
  ended: 'end',
  cancelled: 'end',
  started: 'open',
  set: 'decide',
}
const firstShown = 12

interface TimelineProps {
  timeline: JourneyDetail['timeline']
  nodes: JourneyDetail['graph']['nodes']
  /** The step chosen in the picture: only its lines are shown. */
  step: string | undefined
  clear: () => void
}

/** What happened, the newest first. */
export function Timeline({ timeline, nodes, step, clear }: TimelineProps) {
  const { t, either, moment } = useWords()
  const [all, setAll] = useState(false)
  const lines = timeline.filter((line) => step === undefined || line.step === step).toReversed()
  const shown = all ? lines : lines.slice(0, firstShown)
  const node = nodes.find((one) => one.id === step)
  return (
    <section aria-label={t('timeline')}>
      <h2>
        {t('timeline')} <span className="count">{lines.length}</span>
      </h2>
      {node && (
        <p className="quiet">
          {t('onlyStep', { step: either(node.title) })}{' '}
          <button type="button" className="plain-button" onClick={clear}>
            {t('showAll')}
          </button>
        </p>
      )}
      {lines.length === 0 && <p className="quiet">{t('nothingYet')}</p>}
      <ol className="timeline">
        {shown.map((line, index) => (
          <li key={index} data-kind={line.kind}>
            <Icon name={signs[line.kind] ?? 'open'} />
            <time className="quiet number" dateTime={line.at}>
              {moment(line.at)}
            </time>
            <span>{line.sentence}</span>
            <small className="quiet" title={t('ruleEvent', { rule: line.rule, event: line.event })}>
              {t('ruleEvent', { rule: line.rule, event: line.event })}
            </small>
          </li>
        ))}
      </ol>
      {lines.length > shown.length && (
        <Button onClick={() => setAll(true)}>{t('showEarlier', { count: lines.length - shown.length })}</Button>
      )}
    </section>
  )
}
