import { useBlocker } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import type { DesignSurroundings, Draft } from '../../src/contracts/index.ts'
import {
  addStep,
  addTrack,
  disconnect,
  findStep,
  insertStep,
  afterOf,
  removeStep,
  pasteSteps,
} from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { useAccount } from '../parts/session-context.ts'
import { Waiting } from '../parts/states.tsx'
import { AddDialog } from './add-dialog.tsx'
import { CommentsPanel, useComments } from './comments-panel.tsx'
import { ConnectDialog } from './connect-dialog.tsx'
import { DesignContext, type Work } from './design-context.ts'
import { FindingsPanel } from './findings-panel.tsx'
import { LineForm } from './line-form.tsx'
import { Outline } from './outline.tsx'
import { PathwayForm } from './pathway-form.tsx'
import { PreviewPanel } from './preview-panel.tsx'
import { ScenariosPanel } from './scenarios-panel.tsx'
import { StaleDialog } from './stale-dialog.tsx'
import { StepForm } from './step-form.tsx'
import { TextPanel } from './text-panel.tsx'
import { titleOfStep } from './titles.ts'
import { TitleBar } from './title-bar.tsx'
import { TrackForm } from './track-form.tsx'
import { useAutosave } from './use-draft.ts'
import { useDesign } from './use-design.ts'
import { useReport } from './use-report.ts'
import { useStates } from './use-rehearsal.ts'

const Canvas = lazy(() => import('./canvas.tsx'))

export const panels = ['form', 'findings', 'text', 'preview', 'scenarios', 'comments'] as const
export type Panel = (typeof panels)[number]

type Adding =
  | { kind: 'between'; line: { from: string; outcomes: readonly (string | null)[]; to: string } }
  | { kind: 'after'; step: string }
  | { kind: 'track'; track: string }

interface WorkbenchProps {
  draft: Draft
  surroundings: DesignSurroundings
  reload: () => unknown
}

/** A draft on the bench: outline, picture, and beside them what is chosen, what is wrong, the text, a case that is played. */
export function Workbench({ draft, surroundings, reload }: WorkbenchProps) {
  const { t, either } = useWords()
  const account = useAccount()
  const initial = useMemo(
    (): Work => ({ source: draft.source, templates: draft.templates, scenarios: draft.scenarios }),
    [draft],
  )
  const designer = useDesign(initial, surroundings)
  const { design, chosen, choose, edit, readable } = designer
  const mayWrite = draft.status === 'draft' && account.may('pathways.write')
  const saving = useAutosave(draft, designer.work, mayWrite)
  const [panel, setPanel] = useState<Panel>('form')
  const [at, setAt] = useState<{ line: number; column: number }>()
  const [adding, setAdding] = useState<Adding>()
  const [joining, setJoining] = useState<{ from: string; to: string }>()
  const side = useRef<HTMLElement>(null)
  const comments = useComments(draft.id)
  const { states, rehearsal } = useStates(designer, panel === 'preview')
  const report = useReport(designer, panel === 'scenarios')
  const missing = useMemo(() => report && new Set(report.missing), [report])
  const [onlyLeftOut, setOnlyLeftOut] = useState(false)
  const [outlined, setOutlined] = useState(false)

  const unsaved = mayWrite && saving.state !== 'saved'
  useBlocker({
    shouldBlockFn: async () => unsaved && !(await saving.save()) && !window.confirm(t('designLeave')),
    enableBeforeUnload: () => unsaved,
  })
  // What somebody sees chosen, they mean to work on.
  const before = useRef(chosen)
  useEffect(() => {
    if (before.current === chosen) return
    before.current = chosen
    setPanel((one) => (one === 'text' || one === 'preview' || one === 'comments' ? one : 'form'))
  }, [chosen])

  const { undo, redo } = designer
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || document.querySelector('[role="dialog"]')) return
      const key = event.key.toLowerCase()
      const act = key === 'z' ? (event.shiftKey ? redo : undo) : key === 'y' ? redo : undefined
      if (!act) return
      event.preventDefault()
      act()
    }
    document.addEventListener('keydown', press, true)
    return () => document.removeEventListener('keydown', press, true)
  }, [undo, redo])
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      if (
        !mayWrite ||
        (event.target instanceof HTMLElement && event.target.closest('input, textarea, [role="dialog"]'))
      )
        return
      const track =
        chosen.kind === 'step'
          ? findStep(design, chosen.id)?.track
          : chosen.kind === 'track'
            ? chosen.id
            : Object.keys(design.tracks)[0]
      const pasted = pasteSteps(design, track ?? '', event.clipboardData?.getData('text/plain') ?? '')
      if (!pasted) return
      event.preventDefault()
      edit(() => pasted.design)
      choose({ kind: 'step', id: pasted.ids[0] ?? '' })
    }
    document.addEventListener('paste', paste)
    return () => document.removeEventListener('paste', paste)
  }, [mayWrite, chosen, design, edit, choose])

  const remove = () => {
    if (!mayWrite) return
    if (chosen.kind === 'step') {
      edit((one) => removeStep(one, chosen.id))
      choose({ kind: 'pathway' })
    }
    if (chosen.kind === 'line') {
      const step = findStep(design, chosen.to)?.step
      const gone = (step ? afterOf(step).from : []).filter((edge) => edge.split('.')[0] === chosen.from)
      edit((one) =>
        gone.reduce(
          (was, edge) => disconnect(was, { from: chosen.from, outcome: edge.split('.')[1] ?? null, to: chosen.to }),
          one,
        ),
      )
    }
  }
  const add = (step: Parameters<typeof addStep>[1]['step'], words: string) => {
    if (!adding) return
    const added =
      adding.kind === 'between'
        ? insertStep(design, adding.line, { step, words })
        : addStep(design, {
            track: adding.kind === 'after' ? (findStep(design, adding.step)?.track ?? '') : adding.track,
            step,
            words,
            after: adding.kind === 'after' ? adding.step : undefined,
          })
    edit(() => added.design)
    choose({ kind: 'step', id: added.id })
    setPanel('form')
    setAdding(undefined)
  }
  const titleOf = (id: string): string => {
    const found = findStep(design, id)
    return found ? either(titleOfStep(id, found.step)) : id
  }
  const newTrack = () => {
    const added = addTrack(design, { en: 'New track', fr: 'Nouveau volet' })
    edit(() => added.design)
    choose({ kind: 'track', id: added.id })
  }
  const goTo = (line: number, column: number) => {
    setAt({ line, column })
    setPanel('text')
  }
  return (
    <DesignContext value={designer}>
      <div className="designer" data-panel={panel} data-outlined={outlined}>
        <TitleBar
          draft={draft}
          saving={saving}
          panel={panel}
          show={setPanel}
          mayWrite={mayWrite}
          openComments={comments.open}
          outlined={outlined}
          outline={setOutlined}
          addStep={() =>
            setAdding(
              chosen.kind === 'step'
                ? { kind: 'after', step: chosen.id }
                : { kind: 'track', track: chosen.kind === 'track' ? chosen.id : (Object.keys(design.tracks)[0] ?? '') },
            )
          }
        />
        <Outline addTrack={newTrack} mayWrite={mayWrite} />
        <Suspense fallback={<Waiting lines={8} />}>
          <Canvas
            states={states}
            missing={missing}
            onlyLeftOut={onlyLeftOut}
            comments={comments.bySteps}
            mayWrite={mayWrite}
            insert={(line) => setAdding({ kind: 'between', line })}
            addAfter={(step) => setAdding({ kind: 'after', step })}
            connect={(from, to) => setJoining({ from, to })}
            remove={remove}
            enter={() => {
              setPanel('form')
              requestAnimationFrame(() => side.current?.querySelector<HTMLElement>('input, select, textarea')?.focus())
            }}
          />
        </Suspense>
        <aside ref={side} className="design-side" aria-label={t(`designPanel_${panel}`)}>
          {panel === 'form' && (
            <fieldset className="design-bare" disabled={!readable || !mayWrite}>
              {chosen.kind === 'pathway' && <PathwayForm />}
              {chosen.kind === 'track' && <TrackForm key={chosen.id} id={chosen.id} />}
              {chosen.kind === 'step' && <StepForm key={chosen.id} id={chosen.id} />}
              {chosen.kind === 'line' && (
                <LineForm
                  from={chosen.from}
                  to={chosen.to}
                  add={() => {
                    const step = findStep(design, chosen.to)?.step
                    const edges = (step ? afterOf(step).from : []).filter((edge) => edge.split('.')[0] === chosen.from)
                    setAdding({
                      kind: 'between',
                      line: {
                        from: chosen.from,
                        outcomes: edges.map((edge) => edge.split('.')[1] ?? null),
                        to: chosen.to,
                      },
                    })
                  }}
                />
              )}
            </fieldset>
          )}
          {panel === 'findings' && <FindingsPanel goTo={goTo} />}
          {panel === 'text' && <TextPanel at={at} mayWrite={mayWrite} />}
          {panel === 'preview' && <PreviewPanel rehearsal={rehearsal} mayWrite={mayWrite} />}
          {panel === 'scenarios' && (
            <ScenariosPanel
              mayWrite={mayWrite}
              report={report}
              leftOut={{ shown: onlyLeftOut, show: setOnlyLeftOut }}
            />
          )}
          {panel === 'comments' && <CommentsPanel draft={draft.id} />}
        </aside>
      </div>
      {adding && (
        <AddDialog
          title={t('designAddStep')}
          place={
            adding.kind === 'between'
              ? t('designBetween', { from: titleOf(adding.line.from), to: titleOf(adding.line.to) })
              : adding.kind === 'after'
                ? t('designAfterStep', { step: titleOf(adding.step) })
                : t('designFirst')
          }
          add={add}
          close={() => setAdding(undefined)}
        />
      )}
      {joining && <ConnectDialog {...joining} close={() => setJoining(undefined)} />}
      {saving.state === 'stale' && (
        <StaleDialog refusal={saving.refusal} overwrite={saving.overwrite} reload={reload} />
      )}
    </DesignContext>
  )
}
