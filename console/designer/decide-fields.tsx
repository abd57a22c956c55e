import { TextInput } from '@mantine/core'
import { type DesignStep, renameOutcome } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { useDesigner } from './design-context.ts'
import { AddButton, ChoiceField, DurationField, Group, RemoveButton } from './fields.tsx'
import type { KindProps } from './kind-fields.tsx'
import { without } from './step-form.tsx'
import { VariableConditionField } from './variable-condition.tsx'

type Decide = NonNullable<DesignStep['decide']>
type Rules = Extract<Decide, { rules: unknown }>

/** Rules in order; the first that holds gives the answer. */
export function DecideFields({ id, decide, path, put }: KindProps & { decide: Decide }) {
  const { t } = useWords()
  const { surroundings, edit } = useDesigner()
  const at = `${path}.decide`
  const set = (next: Decide, field: string) => put((before) => ({ ...before, decide: next }), field)
  const answer = (label: string, value: string, change: (value: string) => void) => (
    <TextInput size="xs" label={label} value={value} onChange={(event) => change(event.currentTarget.value)} />
  )
  if (!('rules' in decide))
    return (
      <>
        <ChoiceField
          label={t('designAutomation')}
          value={decide.automation}
          options={surroundings.automations.map((one) => ({ value: one, label: one }))}
          path={`${at}.automation`}
          change={(automation) => set({ ...decide, automation: automation ?? '' }, 'automation')}
        />
        <DurationField
          label={t('designAtMost')}
          value={decide['at-most']}
          path={`${at}.at-most`}
          change={(value) => set(without(decide, 'at-most', value), 'at-most')}
        />
        {answer(t('designOtherwise'), decide.otherwise, (otherwise) => set({ ...decide, otherwise }, 'otherwise'))}
      </>
    )
  const { rules } = decide
  const putRules = (next: Rules['rules'], field: string) => set({ ...decide, rules: next }, field)
  // An answer that only one rule gives may be followed: what follows it follows its new name.
  const rename = (index: number, to: string) => {
    const from = rules[index]?.gives ?? ''
    const shared = decide.otherwise === from || rules.some((one, other) => other !== index && one.gives === from)
    if (shared || from === '' || to === '')
      return putRules(
        rules.map((one, other) => (other === index ? { ...one, gives: to } : one)),
        `gives ${index}`,
      )
    edit((before) => renameOutcome(before, id, from, to), `${id} gives ${index}`)
  }
  return (
    <Group title={t('designRules')}>
      {rules.map((rule, index) => (
        <div key={index} className="design-rule">
          <VariableConditionField
            label={t('designRule', { n: index + 1 })}
            value={rule.when}
            path={`${at}.rules.${index}.when`}
            change={(when) =>
              putRules(
                rules.map((one, other) => (other === index ? { ...one, when: when ?? 'true' } : one)),
                `rule ${index}`,
              )
            }
          />
          <div className="design-row">
            {answer(t('designGives'), rule.gives, (to) => rename(index, to))}
            {rules.length > 1 && (
              <RemoveButton
                label={t('designRemoveRule', { n: index + 1 })}
                act={() =>
                  putRules(
                    rules.filter((_one, other) => other !== index),
                    'rules',
                  )
                }
              />
            )}
          </div>
        </div>
      ))}
      <AddButton
        label={t('designAddRule')}
        act={() => putRules([...rules, { when: "priority == 'urgent'", gives: `answer-${rules.length + 1}` }], 'rules')}
      />
      {answer(t('designOtherwise'), decide.otherwise, (to) => {
        const shared = rules.some((one) => one.gives === decide.otherwise)
        if (shared || to === '' || decide.otherwise === '') set({ ...decide, otherwise: to }, 'otherwise')
        else edit((before) => renameOutcome(before, id, decide.otherwise, to), `${id} otherwise`)
      })}
    </Group>
  )
}
