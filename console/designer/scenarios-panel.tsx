import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import { rehearsalBegins, sampleResource, type ScenariosReport, stringifyScenario } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { Icon } from '../parts/icons.tsx'
import { useFindingWords } from '../source/finding-words.ts'
import { AddButton, RemoveButton } from './fields.tsx'
import { useDesigner } from './design-context.ts'
import { RecordedButton } from './recorded-dialog.tsx'
import { ScenarioMending } from './scenario-mending.tsx'
import { useStepWords } from './use-step-words.ts'

/** The draft's scenarios, played as it stands: what fails, and what none of them goes through. */
export function ScenariosPanel({
  mayWrite,
  report,
  leftOut,
}: {
  mayWrite: boolean
  report: ScenariosReport | undefined
  /** Whether the picture shows only what no scenario goes through, and what turns that on and off. */
  leftOut: { shown: boolean; show: (shown: boolean) => void }
}) {
  const { t } = useWords()
  const { work, write, design, surroundings, choose } = useDesigner()
  const say = useFindingWords()
  const words = useStepWords()
  const [shown, setShown] = useState<string>()
  const put = (name: string, source: string) =>
    write(
      { scenarios: work.scenarios.map((one) => (one.name === name ? { ...one, source } : one)) },
      `scenario ${name}`,
    )
  return (
    <div className="design-form" data-testid="scenarios">
      {work.scenarios.length === 0 && <p className="quiet">{t('designNoScenarios')}</p>}
      {!report && <p className="design-fault">{t('designPreviewErrors')}</p>}
      <ul className="design-scenarios">
        {work.scenarios.map((one) => {
          const result = report?.results.find((other) => other.name === one.name)
          return (
            <li key={one.name} data-ok={result?.ok} data-testid="scenario">
              <div className="design-row">
                {result && (
                  <span className={result.ok ? 'good-text' : 'late'}>
                    <Icon name={result.ok ? 'done' : 'late'} size={13} />{' '}
                    {t(result.ok ? 'designPasses' : 'designFails')}
                  </span>
                )}
                <button
                  type="button"
                  className="plain-button"
                  aria-expanded={shown === one.name}
                  onClick={() => setShown(shown === one.name ? undefined : one.name)}
                >
                  {one.name}
                </button>
                {mayWrite && (
                  <RemoveButton
                    label={t('designRemoveScenario', { name: one.name })}
                    act={() => write({ scenarios: work.scenarios.filter((other) => other !== one) })}
                  />
                )}
              </div>
              {result && !result.ok && (
                <ul className="design-fault">
                  {result.findings.map((finding, index) => (
                    <li key={index}>
                      {finding.line !== undefined && `${t('line', { n: finding.line })}: `}
                      {say(finding)}
                    </li>
                  ))}
                  {result.failures.map((failure, index) => (
                    <li key={index}>
                      {t('designFailure', {
                        line: failure.line,
                        path: failure.path,
                        expected: JSON.stringify(failure.expected),
                        found: JSON.stringify(failure.found ?? null),
                      })}
                    </li>
                  ))}
                </ul>
              )}
              {mayWrite && result && (
                <ScenarioMending scenario={one} failures={result.failures} take={(source) => put(one.name, source)} />
              )}
              {shown === one.name && (
                <Textarea
                  size="xs"
                  rows={12}
                  className="design-expression"
                  aria-label={one.name}
                  readOnly={!mayWrite}
                  value={one.source}
                  onChange={(event) => put(one.name, event.currentTarget.value)}
                />
              )}
            </li>
          )
        })}
      </ul>
      {mayWrite && (
        <AddButton
          label={t('designWriteScenario')}
          act={() => {
            const name = freshScenario(t('designNewScenario'), work.scenarios)
            const [start] = design.starts
            const record = start
              ? sampleResource(start, surroundings.table, {
                  subject: 'Patient/p1',
                  trigger: `${start.on}/c1`,
                  key: 'c1',
                  id: 'c1',
                })
              : undefined
            const lines = [
              { at: rehearsalBegins, ...(record ? { record } : {}) },
              { expect: { status: 'active' as const } },
            ]
            const scenario = { scenario: name, pathway: design.pathway, patient: 'Patient/p1', lines }
            write({ scenarios: [...work.scenarios, { name, source: stringifyScenario(scenario) }] })
            setShown(name)
          }}
        />
      )}
      {mayWrite && (
        <div className="design-row">
          <RecordedButton />
        </div>
      )}
      {report && report.missing.length > 0 && (
        <section aria-label={t('designMissing')}>
          <h3>
            {t('designMissing')}{' '}
            <span className="count">
              {report.missing.length} / {report.branches.length}
            </span>
          </h3>
          <Button size="xs" aria-pressed={leftOut.shown} onClick={() => leftOut.show(!leftOut.shown)}>
            {t('designShowLeftOut')}
          </Button>
          <ul className="design-missing">
            {report.missing.map((branch) => {
              const [step = '', outcome] = branch.split('.')
              return (
                <li key={branch}>
                  <button type="button" className="plain-button" onClick={() => choose({ kind: 'step', id: step })}>
                    {words.title(step)}
                    {outcome !== undefined && `: ${words.outcome(step, outcome)}`}
                  </button>
                </li>
              )
            })}
          </ul>
        </section>
      )}
      {report && report.missing.length === 0 && work.scenarios.length > 0 && (
        <p className="good-text">{t('designAllCovered')}</p>
      )}
    </div>
  )
}

function freshScenario(words: string, scenarios: readonly { name: string }[]): string {
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? words : `${words} ${n}`
    if (!scenarios.some((one) => one.name === name)) return name
  }
}
