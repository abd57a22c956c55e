import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import type { Draft, ScenarioReport, ScenariosRan } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { FormFailure } from '../parts/failure.tsx'
import { SourceEditor } from '../source/source-editor.tsx'
import { SaveBar } from './save-bar.tsx'
import { Scenarios } from './scenarios.tsx'
import { useSaveDraft } from './use-save-draft.ts'

type Scenario = Draft['scenarios'][number]

const beginning = (pathway: string, title: string) => `scenario: ${JSON.stringify(title)}
pathway: ${pathway}
lines:
  - at: 2026-03-02 09:00
    record: {resourceType: Task, id: t1, status: requested, intent: order, for: {reference: Patient/p1}}
`

/** All scenarios as one text, so that two can be told apart and compared line by line. */
const asText = (list: readonly Scenario[]) => list.map(({ name, source }) => `# ${name}\n${source}`).join('\n')

/** The draft's scenarios: played as they are written, one edited at a time, saved together. */
export function DraftScenarios({ draft, report }: { draft: Draft; report: ScenarioReport | null }) {
  const { t } = useWords()
  const queries = useQueryClient()
  const [written, setWritten] = useState<readonly Scenario[]>()
  const [from, setFrom] = useState(draft.revision)
  const [chosen, setChosen] = useState<number>()
  const scenarios = written ?? draft.scenarios
  const play = useMutation({
    mutationFn: () =>
      call<ScenariosRan>('POST', '/api/pathways/scenarios/run', {
        source: draft.source,
        templates: draft.templates,
        scenarios,
      }),
  })
  const save = useSaveDraft(draft, 'scenarios', {
    saved(revision) {
      setFrom(revision)
      setWritten(undefined)
      play.reset()
    },
  })
  const shown = play.data ? play.data.report : written === undefined ? report : null
  if (draft.may.save !== true) return <Scenarios scenarios={draft.scenarios} report={report} />
  const write = (next: readonly Scenario[]) => {
    if (written === undefined) setFrom(draft.revision)
    setWritten(next)
    play.reset()
  }
  const changed = asText(scenarios) !== asText(draft.scenarios)
  const value = [...scenarios]
  return (
    <div className="two-wide">
      <div>
        <Scenarios scenarios={scenarios} report={shown} />
        <SaveBar
          changed={changed}
          mine={asText(scenarios)}
          theirs={asText(draft.scenarios)}
          by={draft.parts.scenarios}
          saving={save}
          save={() => save.mutate({ value, revision: from })}
          keepMine={() => save.mutate({ value, revision: draft.revision })}
          takeTheirs={() => {
            setWritten(undefined)
            setChosen(undefined)
            save.reset()
            void queries.invalidateQueries({ queryKey: ['pathways', 'draft', draft.id] })
          }}
        />
      </div>
      <section aria-label={t('editScenario')}>
        <h2>{t('editScenario')}</h2>
        <div className="acts">
          {scenarios.map(({ name }, index) => (
            <Button
              key={index}
              size="xs"
              variant={index === chosen ? 'filled' : 'default'}
              aria-pressed={index === chosen}
              onClick={() => setChosen(index === chosen ? undefined : index)}
            >
              {name}
            </Button>
          ))}
          <Button
            size="xs"
            onClick={() => {
              const name = t('scenarioNamed', { n: scenarios.length + 1 })
              write([...scenarios, { name, source: beginning(draft.pathway, name) }])
              setChosen(scenarios.length)
            }}
          >
            {t('addScenario')}
          </Button>
        </div>
        {chosen !== undefined && scenarios[chosen] && (
          <OneScenario
            scenario={scenarios[chosen]}
            report={shown}
            change={(next) => write(scenarios.map((one, index) => (index === chosen ? next : one)))}
            remove={() => {
              write(scenarios.filter((_one, index) => index !== chosen))
              setChosen(undefined)
            }}
          />
        )}
        <FormFailure error={play.error} />
        <div className="form-end">
          <Button loading={play.isPending} disabled={scenarios.length === 0} onClick={() => play.mutate()}>
            {t('playScenarios')}
          </Button>
        </div>
      </section>
    </div>
  )
}

function OneScenario({
  scenario,
  report,
  change,
  remove,
}: {
  scenario: Scenario
  report: ScenarioReport | null
  change: (next: Scenario) => void
  remove: () => void
}) {
  const { t } = useWords()
  const editor = useRef<HTMLTextAreaElement>(null)
  const result = report?.results.find((one) => one.name === scenario.name)
  return (
    <div className="form short">
      <TextInput
        label={t('scenarioName')}
        maxLength={200}
        value={scenario.name}
        onChange={(event) => change({ ...scenario, name: event.currentTarget.value })}
      />
      <SourceEditor
        ref={editor}
        value={scenario.source}
        change={(source) => change({ ...scenario, source })}
        findings={result?.findings ?? []}
      />
      <div className="form-end">
        <Button onClick={remove}>{t('removeScenario')}</Button>
      </div>
    </div>
  )
}
