import type { ScenarioReport } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { Icon } from '../parts/icons.tsx'
import { Empty } from '../parts/states.tsx'
import { useFindingWords } from '../source/finding-words.ts'

/** How a pathway's scenarios came out, each with its text, and what none of them goes through. */
export function Scenarios({
  scenarios,
  report,
}: {
  scenarios: readonly { name: string; source: string }[]
  report: ScenarioReport | null
}) {
  const { t } = useWords()
  const results = new Map(report?.results.map((one) => [one.name, one]))
  return (
    <section aria-label={t('scenarios')}>
      <h2>
        {t('scenarios')} <span className="count">{scenarios.length}</span>
      </h2>
      {report ? <Coverage report={report} /> : <p className="quiet">{t('scenariosWait')}</p>}
      {scenarios.length === 0 && <Empty title={t('noScenarios')} hint={t('noScenariosHint')} />}
      {scenarios.map(({ name, source }) => {
        const result = results.get(name)
        return (
          <details key={name} className="scenario" data-testid="scenario" open={result?.ok === false}>
            <summary>
              {result && (
                <span className={result.ok ? 'good-text' : 'late'}>
                  <Icon name={result.ok ? 'done' : 'late'} size={13} /> {t(result.ok ? 'passes' : 'fails')}
                </span>
              )}
              <strong>{name}</strong>
            </summary>
            {result && !result.ok && <Wrong result={result} />}
            <pre className="source" tabIndex={0} aria-label={name}>
              {source
                .replace(/\n$/, '')
                .split('\n')
                .map((line, index) => (
                  <span key={index}>{line === '' ? ' ' : line}</span>
                ))}
            </pre>
          </details>
        )
      })}
    </section>
  )
}

function Coverage({ report }: { report: ScenarioReport }) {
  const { t } = useWords()
  const { branches, missing } = report
  return (
    <>
      <p className={missing.length === 0 ? 'good-text' : 'soon'}>
        {t('coverage', { covered: branches.length - missing.length, all: branches.length })}
      </p>
      {missing.length > 0 && (
        <p className="quiet">
          {t('leftOut')}{' '}
          {missing.map((one, index) => (
            <span key={one}>
              {index > 0 && ', '}
              <code>{one}</code>
            </span>
          ))}
        </p>
      )}
    </>
  )
}

function Wrong({ result }: { result: ScenarioReport['results'][number] }) {
  const { t } = useWords()
  const say = useFindingWords()
  const told = (value: unknown) => JSON.stringify(value) ?? t('nothing')
  return (
    <ul className="findings plain">
      {result.findings.map((finding, index) => (
        <li key={`f${index}`} data-severity={finding.severity}>
          {finding.line !== undefined && <span className="number">{t('line', { n: finding.line })}</span>}
          <span>{say(finding)}</span>
        </li>
      ))}
      {result.failures.map((failure, index) => (
        <li key={index} data-severity="error">
          <span className="number">{t('entry', { n: failure.line })}</span>
          <span>
            {t('expectedFound', { what: failure.path, expected: told(failure.expected), found: told(failure.found) })}
          </span>
        </li>
      ))}
    </ul>
  )
}
