import { Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { addStage, changed, type Design, editTop, freshName, removeStage } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { useDesigner } from './design-context.ts'
import {
  AddButton,
  ChoiceField,
  DurationField,
  Group,
  RemoveButton,
  SaidField,
  useFault,
  useRoleOptions,
} from './fields.tsx'
import { RecordConditionField } from './record-condition.tsx'
import { ResourceField } from './resource-field.tsx'
import { SetsFields } from './sets-fields.tsx'
import { SplitStage } from './split-stage.tsx'
import { without } from './step-form.tsx'

/** What the whole pathway says: whom it takes in, its stages, what it knows, and what ends or rests it. */
export function PathwayForm() {
  const { t, either } = useWords()
  const { design, edit } = useDesigner()
  const roles = useRoleOptions()
  const [splitting, setSplitting] = useState<string>()
  const top = (change: Partial<Design>, about: string) => edit((before) => editTop(before, change), `pathway ${about}`)
  return (
    <div className="design-form" data-testid="pathway-form">
      <header className="design-head">
        <p className="quiet">{t('pathway')}</p>
        <h2>{either(design.title)}</h2>
      </header>
      <SaidField
        label={t('designTitle')}
        value={design.title}
        path="title"
        change={(title) => top({ title }, 'title')}
      />
      <SaidField
        label={t('designDescription')}
        lines={2}
        value={design.description}
        path="description"
        change={(description) =>
          top({ description: description.en === '' && description.fr === '' ? undefined : description }, 'description')
        }
      />
      <ChoiceField
        label={t('designOwner')}
        value={design.owner}
        options={roles}
        path="owner"
        change={(owner) => top({ owner: owner ?? '' }, 'owner')}
      />
      <Starts />
      <Group title={t('designEnrolment')}>
        <ChoiceField
          label={t('designEnrolmentNow')}
          value={design.enrolment ?? 'open'}
          options={[
            { value: 'open', label: t('designEnrolmentOpen') },
            { value: 'paused', label: t('designEnrolmentPaused') },
          ]}
          path="enrolment"
          change={(value) => top({ enrolment: value === 'paused' ? 'paused' : undefined }, 'enrolment')}
        />
        <Checkbox
          size="xs"
          label={t('designAgain')}
          checked={design.again === 'after-end'}
          onChange={(event) => top({ again: event.currentTarget.checked ? 'after-end' : undefined }, 'again')}
        />
        <ChoiceField
          label={t('designZone')}
          value={design.zone ?? 'clinic'}
          options={[
            { value: 'clinic', label: t('designZoneClinic') },
            { value: 'patient', label: t('designZonePatient') },
          ]}
          path="zone"
          change={(value) => top({ zone: value === 'patient' ? 'patient' : undefined }, 'zone')}
        />
      </Group>
      <Group title={t('designStages')}>
        {design.stages.map((stage, index) => (
          <div key={index} className="design-outcome">
            <SaidField
              label={t('designStageN', { n: index + 1 })}
              value={stage.title}
              path={`stages.${index}.title`}
              change={(title) =>
                edit(
                  (before) =>
                    changed(before, (copy) => {
                      const one = copy.stages[index]
                      if (one) one.title = title
                    }),
                  `stage ${index}`,
                )
              }
            />
            <button type="button" className="plain-button" onClick={() => setSplitting(stage.id)}>
              {t('designSplit')}
            </button>
            {design.stages.length > 1 && (
              <RemoveButton
                label={t('designRemoveStage', { stage: either(stage.title) })}
                act={() => edit((before) => removeStage(before, stage.id))}
              />
            )}
          </div>
        ))}
        <AddButton
          label={t('designAddStage')}
          act={() => edit((before) => addStage(before, { en: 'New stage', fr: 'Nouvelle étape' }).design)}
        />
      </Group>
      {splitting !== undefined && <SplitStage stage={splitting} close={() => setSplitting(undefined)} />}
      <Variables />
      <Follows />
      <Stops />
      <Pauses />
    </div>
  )
}

function Starts() {
  const { t } = useWords()
  const { design, edit } = useDesigner()
  const fault = useFault('starts', false)
  const put = (starts: Design['starts'], about: string) =>
    edit((before) => editTop(before, { starts }), `starts ${about}`)
  return (
    <Group title={t('designStarts')}>
      {design.starts.length === 0 && <p className="quiet">{t('designStartsNone')}</p>}
      {fault !== undefined && <p className="design-fault">{fault}</p>}
      {design.starts.map((start, index) => {
        const set = (next: Design['starts'][number], about: string) =>
          put(
            design.starts.map((one, at) => (at === index ? next : one)),
            `${index} ${about}`,
          )
        return (
          <div key={index} className="design-block">
            <div className="design-row">
              <ResourceField
                value={start.on}
                path={`starts.${index}.on`}
                change={(on) => set({ ...start, on }, 'on')}
              />
              <RemoveButton
                label={t('designRemoveStart', { n: index + 1 })}
                act={() =>
                  put(
                    design.starts.filter((_one, at) => at !== index),
                    'remove',
                  )
                }
              />
            </div>
            <RecordConditionField
              exclude
              label={t('designOnlyThose')}
              on={start.on}
              value={start.when}
              path={`starts.${index}.when`}
              change={(when) => set(without(start, 'when', when), 'when')}
            />
            <SetsFields
              label={t('designKeeps')}
              sets={start.set}
              path={`starts.${index}.set`}
              change={(sets) => set(without(start, 'set', sets), 'set')}
            />
            <details className="design-details">
              <summary>{t('designKey')}</summary>
              <TextInput
                size="xs"
                aria-label={t('designKey')}
                description={t('designKeyHint')}
                value={start.key ?? 'id'}
                onChange={(event) => set({ ...start, key: event.currentTarget.value }, 'key')}
              />
            </details>
          </div>
        )
      })}
      <AddButton
        label={t('designAddStart')}
        act={() => put([...design.starts, { on: 'ServiceRequest', when: "status = 'active'", key: 'id' }], 'add')}
      />
    </Group>
  )
}

const types = ['bool', 'int', 'double', 'string', 'date', 'dateTime'] as const

function Variables() {
  const { t, code } = useWords()
  const { design, edit } = useDesigner()
  const [name, setName] = useState('')
  const entries = Object.entries(design.variables ?? {})
  const put = (variables: NonNullable<Design['variables']>) => edit((before) => editTop(before, { variables }))
  const good = /^[a-z][A-Za-z0-9]{0,59}$/.test(name) && !entries.some(([one]) => one === name)
  return (
    <Group title={t('designVariables')}>
      <p className="quiet">{t('designVariablesHint')}</p>
      {entries.map(([one, type]) => (
        <div key={one} className="design-rung">
          <code>{one}</code>
          <NativeSelect
            size="xs"
            aria-label={t('designTypeOf', { name: one })}
            value={type}
            data={types.map((value) => ({ value, label: code('designType', value) }))}
            onChange={(event) =>
              put({ ...design.variables, [one]: types.find((value) => value === event.currentTarget.value) ?? type })
            }
          />
          <RemoveButton
            label={t('designRemoveSet', { name: one })}
            act={() => put(Object.fromEntries(entries.filter(([other]) => other !== one)))}
          />
        </div>
      ))}
      <div className="design-row">
        <TextInput
          size="xs"
          aria-label={t('designNewVariable')}
          placeholder={t('designNewVariable')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <AddButton
          label={t('designAdd')}
          act={() => {
            if (!good) return
            put({ ...design.variables, [name]: 'bool' })
            setName('')
          }}
        />
      </div>
    </Group>
  )
}

type Follow = NonNullable<Design['follows']>[number]

function Follows() {
  const { t } = useWords()
  const { design, edit } = useDesigner()
  const follows = design.follows ?? []
  const put = (next: Follow[], about: string) =>
    edit((before) => editTop(before, { follows: next.length === 0 ? undefined : next }), `follows ${about}`)
  const variable = Object.keys(design.variables ?? {})[0]
  return (
    <Group title={t('designFollows')}>
      {follows.map((one, index) => {
        const set = (next: Follow, about: string) =>
          put(
            follows.map((other, at) => (at === index ? next : other)),
            `${index} ${about}`,
          )
        return (
          <div key={index} className="design-block">
            <div className="design-row">
              <ResourceField value={one.on} path={`follows.${index}.on`} change={(on) => set({ ...one, on }, 'on')} />
              <RemoveButton
                label={t('designRemoveEvent', { name: one.on })}
                act={() =>
                  put(
                    follows.filter((_one, at) => at !== index),
                    'remove',
                  )
                }
              />
            </div>
            <RecordConditionField
              label={t('designOnlyThose')}
              on={one.on}
              value={one.when}
              path={`follows.${index}.when`}
              change={(when) => set(without(one, 'when', when), 'when')}
            />
            <SetsFields
              label={t('designKeeps')}
              sets={one.set}
              path={`follows.${index}.set`}
              change={(sets) => set({ ...one, set: sets ?? {} }, 'set')}
            />
          </div>
        )
      })}
      {variable !== undefined && (
        <AddButton
          label={t('designAddFollow')}
          act={() => put([...follows, { on: 'Appointment', set: { [variable]: 'id' } }], 'add')}
        />
      )}
    </Group>
  )
}

type Stop = NonNullable<Design['stops']>[number]

function Stops() {
  const { t } = useWords()
  const { design, edit } = useDesigner()
  const stops = design.stops ?? []
  const put = (next: Stop[], about: string) =>
    edit((before) => editTop(before, { stops: next.length === 0 ? undefined : next }), `stops ${about}`)
  return (
    <Group title={t('designStops')}>
      {stops.map((stop, index) => {
        const set = (next: Stop, about: string) =>
          put(
            stops.map((one, at) => (at === index ? next : one)),
            `${index} ${about}`,
          )
        return (
          <div key={index} className="design-block">
            <div className="design-row">
              <ResourceField value={stop.on} path={`stops.${index}.on`} change={(on) => set({ ...stop, on }, 'on')} />
              <RemoveButton
                label={t('designRemoveStop', { n: index + 1 })}
                act={() =>
                  put(
                    stops.filter((_one, at) => at !== index),
                    'remove',
                  )
                }
              />
            </div>
            <RecordConditionField
              label={t('designOnlyThose')}
              on={stop.on}
              value={stop.when}
              path={`stops.${index}.when`}
              change={(when) => set(without(stop, 'when', when), 'when')}
            />
            <SaidField
              label={t('designEndsAs')}
              value={stop.title}
              path={`stops.${index}.title`}
              change={(title) => set({ ...stop, title }, 'title')}
            />
          </div>
        )
      })}
      <AddButton
        label={t('designAddStop')}
        act={() => {
          const outcome = freshName(
            'stopped',
            stops.map((one) => one.outcome),
          )
          put([...stops, { on: 'Flag', outcome, title: { en: 'Stopped', fr: 'Arrêté' } }], 'add')
        }}
      />
    </Group>
  )
}

type Pause = NonNullable<Design['pauses']>[number]

function Pauses() {
  const { t } = useWords()
  const { design, edit } = useDesigner()
  const pauses = design.pauses ?? []
  const put = (next: Pause[], about: string) =>
    edit((before) => editTop(before, { pauses: next.length === 0 ? undefined : next }), `pauses ${about}`)
  return (
    <Group title={t('designPauses')}>
      {pauses.map((pause, index) => {
        const set = (next: Pause, about: string) =>
          put(
            pauses.map((one, at) => (at === index ? next : one)),
            `${index} ${about}`,
          )
        const path = `pauses.${index}`
        return (
          <div key={index} className="design-block">
            <SaidField
              label={t('designTitle')}
              value={pause.title}
              path={`${path}.title`}
              change={(title) => set({ ...pause, title }, 'title')}
            />
            <div className="design-row">
              <ResourceField value={pause.on} path={`${path}.on`} change={(on) => set({ ...pause, on }, 'on')} />
              <RemoveButton
                label={t('designRemovePause', { n: index + 1 })}
                act={() =>
                  put(
                    pauses.filter((_one, at) => at !== index),
                    'remove',
                  )
                }
              />
            </div>
            <RecordConditionField
              label={t('designOnlyThose')}
              on={pause.on}
              value={pause.when}
              path={`${path}.when`}
              change={(when) => set(without(pause, 'when', when), 'when')}
            />
            <p className="quiet">{t('designResumes')}</p>
            <ResourceField
              value={pause.resume.on}
              path={`${path}.resume.on`}
              change={(on) => set({ ...pause, resume: { ...pause.resume, on } }, 'resume')}
            />
            <RecordConditionField
              label={t('designResumesOnly')}
              on={pause.resume.on}
              value={pause.resume.when}
              path={`${path}.resume.when`}
              change={(when) => set({ ...pause, resume: without(pause.resume, 'when', when) }, 'resume-when')}
            />
            <DurationField
              label={t('designAtMost')}
              value={pause['at-most']}
              path={`${path}.at-most`}
              change={(value) => set(without(pause, 'at-most', value), 'at-most')}
            />
          </div>
        )
      })}
      <AddButton
        label={t('designAddPause')}
        act={() =>
          put(
            [
              ...pauses,
              {
                on: 'Encounter',
                when: "status = 'in-progress'",
                title: { en: 'In hospital', fr: 'À l’hôpital' },
                resume: { on: 'Encounter', when: "status = 'finished'" },
                'at-most': '30 days',
              },
            ],
            'add',
          )
        }
      />
    </Group>
  )
}
