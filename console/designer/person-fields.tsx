import { Checkbox, TextInput } from '@mantine/core'
import { type DesignStep, freshName, removeOutcome, renameOutcome } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { useDesigner } from './design-context.ts'
import { AddButton, ChoiceField, DurationField, Group, RemoveButton, SaidField, useRoleOptions } from './fields.tsx'

type Due = NonNullable<DesignStep['task']>['due']
type Escalate = NonNullable<DesignStep['task']>['escalate']
type Outcomes = NonNullable<NonNullable<DesignStep['task']>['outcomes']>

const priorities = ['stat', 'asap', 'urgent'] as const

/** The time until due: one for all, or one by priority. */
export function DueFields({ due, change, path }: { due: Due; change: (due: Due) => void; path: string }) {
  const { t, code } = useWords()
  const byPriority = typeof due === 'object'
  const otherwise = byPriority ? due.otherwise : due
  return (
    <div className="design-fields">
      <DurationField
        label={byPriority ? t('designDueOtherwise') : t('designDue')}
        value={otherwise}
        path={byPriority ? `${path}.otherwise` : path}
        change={(value) => change(byPriority && value !== undefined ? { ...due, otherwise: value } : value)}
      />
      {otherwise !== undefined && (
        <Checkbox
          size="xs"
          label={t('designByPriority')}
          checked={byPriority}
          onChange={(event) => change(event.currentTarget.checked ? { urgent: otherwise, otherwise } : otherwise)}
        />
      )}
      {byPriority &&
        priorities.map((priority) => (
          <DurationField
            key={priority}
            label={t('designDueIf', { priority: code('priority', priority) })}
            value={due[priority]}
            path={`${path}.${priority}`}
            placeholder={t('designAsOthers')}
            change={(value) => {
              const { [priority]: _before, ...rest } = due
              change(value === undefined ? rest : { ...rest, [priority]: value })
            }}
          />
        ))}
    </div>
  )
}

/** Who is told, and after which share of the time until due. */
export function EscalationFields({
  escalate = [],
  change,
  path,
}: {
  escalate: Escalate
  change: (escalate: Escalate) => void
  path: string
}) {
  const { t } = useWords()
  const roles = useRoleOptions()
  const put = (next: NonNullable<Escalate>) => change(next.length === 0 ? undefined : next)
  return (
    <Group title={t('designEscalation')}>
      {escalate.map((rung, index) => (
        <div key={index} className="design-rung">
          <TextInput
            size="xs"
            type="number"
            min={1}
            max={200}
            aria-label={t('designShare', { n: index + 1 })}
            value={Number.parseInt(rung.at, 10) || ''}
            rightSection={<span className="quiet">%</span>}
            onChange={(event) =>
              put(escalate.map((one, at) => (at === index ? { ...one, at: `${event.currentTarget.value} %` } : one)))
            }
          />
          <ChoiceField
            hidden
            label={t('designTold', { n: index + 1 })}
            value={rung.to}
            options={roles}
            path={`${path}.${index}`}
            change={(to) => put(escalate.map((one, at) => (at === index ? { ...one, to: to ?? '' } : one)))}
          />
          <RemoveButton
            label={t('designRemoveRung', { n: index + 1 })}
            act={() => put(escalate.filter((_one, at) => at !== index))}
          />
        </div>
      ))}
      {escalate.length < 5 && (
        <AddButton
          label={t('designAddRung')}
          act={() =>
            put([...escalate, { at: escalate.length === 0 ? '100 %' : '150 %', to: roles.at(-1)?.value ?? '' }])
          }
        />
      )}
    </Group>
  )
}

/** The answers that a task offers; each may lead somewhere else. */
export function OutcomeFields({
  id,
  outcomes = [],
  path,
}: {
  id: string
  outcomes: Outcomes | undefined
  path: string
}) {
  const { t, either } = useWords()
  const { edit } = useDesigner()
  const put = (next: Outcomes, about?: string) =>
    edit((design) => {
      const track = Object.entries(design.tracks).find(([, one]) => id in one.steps)?.[0]
      const task = track === undefined ? undefined : design.tracks[track]?.steps[id]?.task
      if (track === undefined || !task) return design
      const copy = structuredClone(design)
      const step = copy.tracks[track]?.steps[id]
      if (step?.task) step.task.outcomes = next
      return copy
    }, about)
  return (
    <Group title={t('designOutcomes')}>
      {outcomes.length === 0 && <p className="quiet">{t('designOutcomesNone')}</p>}
      {outcomes.map((outcome, index) => (
        <div key={index} className="design-outcome">
          <SaidField
            label={t('designOutcome', { n: index + 1 })}
            value={outcome.title}
            path={`${path}.${index}.title`}
            change={(title) =>
              put(
                outcomes.map((one, at) => (at === index ? { ...one, title } : one)),
                `outcome ${id} ${index}`,
              )
            }
          />
          <TextInput
            size="xs"
            label={t('designCode')}
            value={outcome.code}
            onChange={(event) => {
              const to = event.currentTarget.value
              if (!outcomes.some((one) => one.code === to))
                edit((design) => renameOutcome(design, id, outcome.code, to), `code ${id} ${index}`)
            }}
          />
          <RemoveButton
            label={t('designRemoveOutcome', { outcome: either(outcome.title) })}
            act={() => edit((design) => removeOutcome(design, id, outcome.code))}
          />
        </div>
      ))}
      {outcomes.length < 12 && (
        <AddButton
          label={t('designAddOutcome')}
          act={() => {
            const taken = outcomes.map((one) => one.code)
            const fresh = (words: string) => freshName(words, taken)
            // One outcome alone is no choice: the plain "done" stays beside it.
            const first = outcomes.length === 0 ? [{ code: 'done', title: { en: 'Done', fr: 'Fait' } }] : []
            const code = fresh('other')
            put([...outcomes, ...first, { code, title: { en: 'Other', fr: 'Autre' } }])
          }}
        />
      )}
    </Group>
  )
}
