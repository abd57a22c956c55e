import { Button, NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import type { Move, MoveEditor, MoveMapping, StepMove } from '../../src/contracts/index.ts'
import { call } from '../api/call.ts'
import { moveEditorQuery } from '../api/move-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure, FormFailure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { useAct } from '../parts/use-act.ts'

const Picture = lazy(() => import('../picture/picture.tsx'))

/** Which step of the old version goes on as which of the new one: those without a counterpart first. */
export function MappingEditor({ move }: { move: Move }) {
  const { t } = useWords()
  const editor = useQuery(moveEditorQuery(move.id))
  return (
    <section aria-label={t('mapping')}>
      <h2>{t('mapping')}</h2>
      <p className="quiet lead">{t('mappingHint')}</p>
      {editor.isPending && <Waiting lines={6} />}
      {editor.error && !editor.data && <Failure error={editor.error} retry={editor.refetch} />}
      {editor.data && <Table move={move} editor={editor.data} />}
    </section>
  )
}

function Table({ move, editor }: { move: Move; editor: MoveEditor }) {
  const { t, either, number, code } = useWords()
  const account = useAccount()
  const [mapping, setMapping] = useState<MoveMapping>(move.mapping)
  const may = move.status === 'draft' && account.may('pathways.write')
  const save = useAct(() => call('PUT', `/api/moves/${encodeURIComponent(move.id)}/mapping`, mapping), {
    anew: [['moves']],
    quiet: true,
  })
  const taken = new Set(Object.values(mapping.steps).flatMap((one) => (one.do === 'pair' ? [one.to] : [])))
  const change = (step: string, to: StepMove) => {
    const steps = { ...mapping.steps, [step]: to }
    const paired = new Set(Object.values(steps).flatMap((one) => (one.do === 'pair' ? [one.to] : [])))
    const added = Object.fromEntries(
      editor.newSteps.flatMap(({ id }) =>
        paired.has(id) ? [] : [[id, mapping.added[id] ?? ('if-not-passed' as const)]],
      ),
    )
    setMapping({ ...mapping, steps, added })
  }
  const dirty = JSON.stringify(mapping) !== JSON.stringify(move.mapping)
  const title = (id: string) => either(editor.newSteps.find((one) => one.id === id)?.title ?? { en: id, fr: id })
  const rows = editor.steps.toSorted(
    (a, b) => Number(mapping.steps[a.id]?.do === 'pair') - Number(mapping.steps[b.id]?.do === 'pair'),
  )
  return (
    <>
      <FormFailure error={save.error} />
      <div className="table-wrap" tabIndex={0} role="group" aria-label={t('mapping')}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('moveStep')}</th>
              <th scope="col" className="end">
                {t('moveOpenNow')}
              </th>
              <th scope="col">{t('moveBecomes')}</th>
              <th scope="col">{t('moveTimes')}</th>
              <th scope="col">{t('moveRole')}</th>
              <th scope="col">{t('moveBecause')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((step) => {
              const choice = mapping.steps[step.id] ?? { do: 'ask' }
              const pair = choice.do === 'pair' ? choice : undefined
              const because = editor.pairs.find((one) => one.from === step.id && one.to === pair?.to)?.because
              const free = (editor.fits[step.id] ?? []).filter((id) => id === pair?.to || !taken.has(id))
              const work = step.kind === 'task' || step.kind === 'form'
              return (
                <tr key={step.id}>
                  <th scope="row">
                    {either(step.title)}
                    <br />
                    <code className="quiet">{step.id}</code>
                  </th>
                  <td className="end number">{number(step.running)}</td>
                  <td>
                    <NativeSelect
                      size="xs"
                      aria-label={`${either(step.title)}: ${t('moveBecomes')}`}
                      disabled={!may}
                      value={pair ? `to ${pair.to}` : choice.do}
                      data={[
                        ...free.map((id) => ({ value: `to ${id}`, label: title(id) })),
                        { value: 'keep', label: t('moveKeep') },
                        ...(step.kind === 'start' ? [] : [{ value: 'withdraw', label: t('moveWithdraw') }]),
                        { value: 'ask', label: t('moveAsk') },
                      ]}
                      onChange={(event) => change(step.id, chosen(event.currentTarget.value, pair))}
                    />
                  </td>
                  <td>
                    {pair && (
                      <NativeSelect
                        size="xs"
                        aria-label={`${either(step.title)}: ${t('moveTimes')}`}
                        disabled={!may}
                        value={pair.times}
                        data={[
                          { value: 'keep', label: t('moveTimesKeep') },
                          { value: 'follow', label: t('moveTimesFollow') },
                        ]}
                        onChange={(event) =>
                          change(step.id, {
                            ...pair,
                            times: event.currentTarget.value === 'follow' ? 'follow' : 'keep',
                          })
                        }
                      />
                    )}
                  </td>
                  <td>
                    {pair && work && (
                      <NativeSelect
                        size="xs"
                        aria-label={`${either(step.title)}: ${t('moveRole')}`}
                        disabled={!may}
                        value={pair.role}
                        data={[
                          { value: 'follow', label: t('moveRoleFollow') },
                          { value: 'keep', label: t('moveRoleKeep') },
                        ]}
                        onChange={(event) =>
                          change(step.id, { ...pair, role: event.currentTarget.value === 'keep' ? 'keep' : 'follow' })
                        }
                      />
                    )}
                  </td>
                  <td className="quiet">{because ? either(because) : pair ? t('moveByPerson') : ''}</td>
                </tr>
              )
            })}
            {Object.entries(mapping.added).map(([id, choice]) => (
              <tr key={`+${id}`}>
                <th scope="row">
                  {title(id)} <span className="tag">{t('moveNew')}</span>
                  <br />
                  <code className="quiet">{id}</code>
                </th>
                <td />
                <td colSpan={4}>
                  <NativeSelect
                    size="xs"
                    aria-label={`${title(id)}: ${t('moveNew')}`}
                    disabled={!may}
                    value={choice}
                    data={(['if-not-passed', 'open', 'pass'] as const).map((value) => ({
                      value,
                      label: code('moveAdded', value),
                    }))}
                    onChange={(event) => {
                      const { value } = event.currentTarget
                      if (value === 'if-not-passed' || value === 'open' || value === 'pass')
                        setMapping({ ...mapping, added: { ...mapping.added, [id]: value } })
                    }}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {may && (
        <div className="form-end">
          {dirty && <Button onClick={() => setMapping(move.mapping)}>{t('cancel')}</Button>}
          <Button variant="filled" disabled={!dirty} loading={save.isPending} onClick={() => save.mutate()}>
            {t('saveMapping')}
          </Button>
        </div>
      )}
      <Pictures move={move} editor={editor} />
    </>
  )
}

function chosen(value: string, before: Extract<StepMove, { do: 'pair' }> | undefined): StepMove {
  if (value === 'keep' || value === 'withdraw' || value === 'ask') return { do: value }
  return { do: 'pair', times: before?.times ?? 'keep', role: before?.role ?? 'follow', to: value.slice('to '.length) }
}

function Pictures({ move, editor }: { move: Move; editor: MoveEditor }) {
  const { t, either } = useWords()
  const [shown, setShown] = useState(false)
  return (
    <details className="more" onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>{t('movePictures')}</summary>
      {shown && (
        <div className="move-sides">
          {(['from', 'to'] as const).map((side) => (
            <section key={side} aria-label={t('version', { n: move[side] })}>
              <h3>{t('version', { n: move[side] })}</h3>
              <Suspense fallback={<Waiting />}>
                <Picture
                  graph={editor.graphs[side]}
                  label={t('pictureOf', { name: `${either(move.title)}, ${t('version', { n: move[side] })}` })}
                />
              </Suspense>
            </section>
          ))}
        </div>
      )}
    </details>
  )
}
