import { NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { afterOf, allSteps, connect, edgeOf, findStep, follow, type Needs } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { useDesigner } from './design-context.ts'
import { AddButton, Group, RemoveButton, useFault } from './fields.tsx'
import { useStepWords } from './use-step-words.ts'

const parts = (edge: string): { from: string; outcome: string | null } => {
  const [from = '', outcome] = edge.split('.')
  return { from, outcome: outcome ?? null }
}

/** What a step comes after, and what comes after it. */
export function OrderGroup({ id, track }: { id: string; track: string }) {
  const { t } = useWords()
  const { design, edit, choose } = useDesigner()
  const words = useStepWords()
  const fault = useFault(`tracks.${track}.steps.${id}.after`)
  const [adding, setAdding] = useState(false)
  const step = findStep(design, id)?.step
  if (!step) return null
  const after = afterOf(step)
  const steps = allSteps(design).filter((one) => one.track === track)
  const next = steps.flatMap((one) =>
    afterOf(one.step)
      .from.map(parts)
      .filter(({ from }) => from === id)
      .map(({ outcome }) => ({ to: one.id, outcome })),
  )
  const put = (from: string[], needs: Needs = after.needs) => edit((before) => follow(before, id, { needs, from }))
  const waysData = (from: string, outcome: string | null) => {
    const ways = words.ways(from)
    return [...ways, ...(ways.includes(outcome) ? [] : [outcome])].map((one) => ({
      value: one ?? '',
      label: words.outcome(from, one),
    }))
  }
  return (
    <Group title={t('designOrder')}>
      {after.from.length === 0 && <p className="quiet">{t('designFirst')}</p>}
      {after.from.length > 1 && (
        <NeedsField needs={after.needs} most={after.from.length} change={(needs) => put(after.from, needs)} />
      )}
      {after.from.map((edge, index) => {
        const { from, outcome } = parts(edge)
        return (
          <div key={edge} className="design-edge">
            <button type="button" className="plain-button" onClick={() => choose({ kind: 'step', id: from })}>
              {words.title(from)}
            </button>
            <NativeSelect
              size="xs"
              aria-label={t('designOutcomeOf', { step: words.title(from) })}
              value={outcome ?? ''}
              data={waysData(from, outcome)}
              onChange={(event) => {
                const way = event.currentTarget.value
                put(after.from.map((one, at) => (at === index ? edgeOf(from, way === '' ? null : way) : one)))
              }}
            />
            <RemoveButton
              label={t('designUnlink', { step: words.title(from) })}
              act={() => put(after.from.filter((_one, at) => at !== index))}
            />
          </div>
        )
      })}
      {fault !== undefined && (
        <p className="design-fault" role="alert">
          {fault}
        </p>
      )}
      {adding ? (
        <NativeSelect
          size="xs"
          aria-label={t('designAddBefore')}
          value=""
          data={[
            { value: '', label: t('designChooseStep') },
            ...steps
              .filter((one) => one.id !== id && words.ways(one.id).length > 0)
              .map((one) => ({ value: one.id, label: words.title(one.id) })),
          ]}
          onChange={(event) => {
            const from = event.currentTarget.value
            if (from !== '') edit((before) => connect(before, { from, outcome: null, to: id }))
            setAdding(false)
          }}
        />
      ) : (
        <AddButton label={t('designAddBefore')} act={() => setAdding(true)} />
      )}
      {next.length > 0 && (
        <ul className="design-next" aria-label={t('designNext')}>
          {next.map(({ to, outcome }) => (
            <li key={`${to} ${outcome}`}>
              <span className="quiet">{words.outcome(id, outcome)} →</span>{' '}
              <button type="button" className="plain-button" onClick={() => choose({ kind: 'step', id: to })}>
                {words.title(to)}
              </button>
            </li>
          ))}
        </ul>
      )}
    </Group>
  )
}

function NeedsField({ needs, most, change }: { needs: Needs; most: number; change: (needs: Needs) => void }) {
  const { t } = useWords()
  return (
    <div className="design-row">
      <NativeSelect
        size="xs"
        aria-label={t('designJoined')}
        value={typeof needs === 'number' ? 'some' : needs}
        data={[
          { value: 'any', label: t('designAfterAny') },
          { value: 'all', label: t('designAfterAll') },
          { value: 'some', label: t('designAfterSome') },
        ]}
        onChange={(event) => {
          const value = event.currentTarget.value
          change(value === 'some' ? Math.min(2, most) : value === 'all' ? 'all' : 'any')
        }}
      />
      {typeof needs === 'number' && (
        <TextInput
          size="xs"
          type="number"
          min={1}
          max={most}
          aria-label={t('designHowMany')}
          value={needs}
          onChange={(event) => change(Math.max(1, Number(event.currentTarget.value)))}
        />
      )}
    </div>
  )
}
