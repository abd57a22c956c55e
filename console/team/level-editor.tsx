import { Button, Checkbox, NativeSelect, NumberInput, TextInput } from '@mantine/core'
import type { LevelPolicyView, Levels } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { Chosen } from '../services/chosen.tsx'

type Rung = LevelPolicyView['ladder'][number]
const priorities = ['routine', 'urgent', 'asap', 'stat'] as const

interface LevelEditorProps {
  policy: LevelPolicyView
  choices: Levels['choices']
  change: (policy: LevelPolicyView) => void
  remove: () => void
}

/** Everything about one service level. */
export function LevelEditor({ policy, choices, change, remove }: LevelEditorProps) {
  const { t, either } = useWords()
  const put = (part: Partial<LevelPolicyView>) => change({ ...policy, ...part })
  const putTitle = (language: 'en' | 'fr', text: string) => put({ title: { ...policy.title, [language]: text } })
  const limit = (what: 'kinds' | 'services' | 'pathways' | 'roles', ids: string[]) => {
    const { [what]: _former, ...rest } = policy.for
    put({ for: ids.length > 0 ? { ...rest, [what]: ids } : rest })
  }
  const limitPriorities = (ids: string[]) => {
    const { priorities: _former, ...rest } = policy.for
    const chosen = priorities.filter((one) => ids.includes(one))
    put({ for: chosen.length > 0 ? { ...rest, priorities: chosen } : rest })
  }
  const putRung = (index: number, part: Partial<Rung>) =>
    put({ ladder: policy.ladder.map((rung, n) => (n === index ? { ...rung, ...part } : rung)) })
  return (
    <div className="form level-editor" data-testid="level-editor">
      <div className="pair">
        <TextInput
          label={t('titleEnglish')}
          lang="en"
          required
          value={policy.title.en}
          onChange={(event) => putTitle('en', event.currentTarget.value)}
        />
        <TextInput
          label={t('titleFrench')}
          lang="fr"
          required
          value={policy.title.fr}
          onChange={(event) => putTitle('fr', event.currentTarget.value)}
        />
      </div>
      <div className="level-numbers">
        <Minutes label={t('levelGoalShort')} value={policy.goal} least={1} change={(goal) => put({ goal })} />
        <NativeSelect
          label={t('levelHours')}
          value={policy.calendar}
          onChange={(event) => put({ calendar: event.currentTarget.value })}
          data={choices.calendars.map((one) => ({ value: one, label: t(`levelHours_${one}`, { defaultValue: one }) }))}
        />
        <Percent label={t('levelAtRisk')} most={100} value={policy.atRisk} change={(atRisk) => put({ atRisk })} />
        <Minutes
          label={t('levelPause')}
          description={t('levelPauseHint')}
          value={policy.longestPause}
          least={0}
          change={(longestPause) => put({ longestPause })}
        />
      </div>
      {(['kinds', 'services', 'pathways', 'roles'] as const).map((what) => (
        <Chosen
          key={what}
          label={t(`levelFor_${what}`)}
          chosen={policy.for[what] ?? []}
          from={choices[what].map(({ id, title }) => ({ id, label: either(title) }))}
          change={(ids) => limit(what, ids)}
        />
      ))}
      <Chosen
        label={t('levelFor_priorities')}
        chosen={policy.for.priorities ?? []}
        from={priorities.map((id) => ({ id, label: t(`priority_${id}`) }))}
        change={limitPriorities}
      />
      <fieldset className="chosen">
        <legend>{t('levelLadder')}</legend>
        {policy.ladder.map((rung, index) => (
          <div key={index} className="level-rung">
            <Percent label={t('levelRungAt')} most={499} value={rung.at} change={(at) => putRung(index, { at })} />
            <NativeSelect
              label={t('levelRungTo')}
              value={rung.to}
              onChange={(event) => putRung(index, { to: event.currentTarget.value })}
              data={choices.roles.map(({ id, title }) => ({ value: id, label: either(title) }))}
            />
            <Checkbox
              label={t('levelRungOnCall')}
              checked={rung.onCall}
              onChange={(event) => putRung(index, { onCall: event.currentTarget.checked })}
            />
            <NumberInput
              label={t('levelRungAnswer')}
              min={1}
              max={60_000}
              allowDecimal={false}
              value={rung.acknowledge ?? ''}
              onChange={(value) => putRung(index, { acknowledge: typeof value === 'number' ? value : null })}
            />
            <Button
              aria-label={t('removeNamed', { name: `${rung.at} %` })}
              onClick={() => put({ ladder: policy.ladder.toSpliced(index, 1) })}
            >
              {t('remove')}
            </Button>
          </div>
        ))}
        {policy.ladder.length < 6 && (
          <Button
            onClick={() =>
              put({
                ladder: [
                  ...policy.ladder,
                  {
                    at: Math.max(100, policy.ladder.at(-1)?.at ?? 0),
                    to: choices.roles[0]?.id ?? '',
                    onCall: false,
                    acknowledge: null,
                  },
                ],
              })
            }
          >
            {t('levelRungAdd')}
          </Button>
        )}
      </fieldset>
      <div className="form-end">
        <Button color="red.9" onClick={remove}>
          {t('levelRemove')}
        </Button>
      </div>
    </div>
  )
}

interface FigureProps {
  label: string
  value: number
  change: (value: number) => void
}

function Minutes({ label, description, least, value, change }: FigureProps & { description?: string; least: number }) {
  const { span } = useWords()
  return (
    <NumberInput
      label={`${label} (min)`}
      description={[description, value > 59 ? span(value) : undefined].filter(Boolean).join(' ')}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      min={least}
      max={60_000}
      allowDecimal={false}
      value={value}
      onChange={(next) => typeof next === 'number' && change(next)}
    />
  )
}

function Percent({ label, most, value, change }: FigureProps & { most: number }) {
  return (
    <NumberInput
      label={`${label} (%)`}
      min={1}
      max={most}
      allowDecimal={false}
      value={value}
      onChange={(next) => typeof next === 'number' && change(next)}
    />
  )
}
