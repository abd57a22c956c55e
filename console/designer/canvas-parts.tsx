import {
  BaseEdge,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  Handle,
  type Node,
  type NodeProps,
  Position,
} from '@xyflow/react'
import type { StepKind } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { Icon, isIcon } from '../parts/icons.tsx'
import type { Line, Point } from '../picture/layout.ts'
import { markSigns, stateIcon, type StepState } from '../picture/step-box.tsx'
import { pathOf } from '../picture/step-line.tsx'

export type DesignNode = Node<
  {
    title: string
    kind: StepKind
    stage: string | null
    chosen: boolean
    mark: 'error' | 'warning' | undefined
    comments: number
    state: StepState | undefined
    /** Whether some scenario goes through it; undefined while nobody asks. */
    covered: boolean | undefined
    connectable: boolean
  },
  'design'
>
export type LaneNode = Node<{ title: string; chosen: boolean; choose: () => void }, 'lane'>
export type DesignEdge = Edge<
  {
    line: Line
    label: string
    chosen: boolean
    covered: boolean | undefined
    insert: (() => void) | undefined
    insertLabel: string
  },
  'design'
>

/** A step as it is worked on: its kind, its stage where it begins one, and what the checker says of it. */
export function DesignBox({ data, id }: NodeProps<DesignNode>) {
  const { t, code } = useWords()
  const { title, kind, stage, chosen, mark, comments, state, covered, connectable } = data
  return (
    <>
      {stage !== null && <span className="design-stage">{stage}</span>}
      <div
        className="node"
        data-kind={kind}
        data-chosen={chosen}
        data-state={state}
        data-mark={mark}
        data-covered={covered}
        data-testid={`node-${id}`}
      >
        <Handle type="target" position={Position.Top} isConnectable={connectable} />
        <span className="node-title">{title}</span>
        <small>
          <span>
            {isIcon(kind) && <Icon name={kind} size={11} />} {code('kind', kind)}
          </span>
          <span className="node-state">
            {state !== undefined && (
              <>
                <Icon name={stateIcon(state)} size={12} /> {t(`state_${state}`)}
              </>
            )}
            {covered !== undefined && (
              <>
                {covered ? '✓' : markSigns.uncovered} {t(covered ? 'designCovered' : 'designUncovered')}
              </>
            )}
            {comments > 0 && (
              <>
                {' '}
                <Icon name="message" size={12} /> {comments}
              </>
            )}
            {mark !== undefined && (
              <span className="design-mark" data-severity={mark}>
                <Icon name={mark === 'error' ? 'late' : 'clock'} size={12} />
                <span className="unseen">{t(mark)}</span>
              </span>
            )}
          </span>
        </small>
        <Handle type="source" position={Position.Bottom} isConnectable={connectable} />
      </div>
    </>
  )
}

/** A track as a lane behind its steps. */
export function LaneBox({ data }: NodeProps<LaneNode>) {
  return (
    <div className="design-lane" data-chosen={data.chosen}>
      <button type="button" tabIndex={-1} onClick={data.choose}>
        {data.title}
      </button>
    </div>
  )
}

/** A line, with a button on it that puts a step between. */
export function DesignLine({ data, markerEnd, id }: EdgeProps<DesignEdge>) {
  const { t } = useWords()
  if (!data) return null
  const { line, label, chosen, covered, insert, insertLabel } = data
  const plus = middleOfLast(line.points)
  return (
    <>
      <BaseEdge
        id={id}
        path={pathOf(line.points)}
        interactionWidth={14}
        {...(markerEnd === undefined ? {} : { markerEnd })}
        className={`${chosen ? 'design-line-chosen' : ''} ${covered === undefined ? '' : covered ? 'covered' : 'uncovered'}`}
      />
      <EdgeLabelRenderer>
        {line.label && (
          <div
            className="edge-label"
            data-covered={covered}
            style={{ transform: `translate(-50%, -50%) translate(${line.label.x}px, ${line.label.y}px)` }}
          >
            {covered === false && (
              <>
                <span aria-hidden="true">{markSigns.uncovered} </span>
                <span className="unseen">{t('mark_uncovered')}: </span>
              </>
            )}
            {label}
          </div>
        )}
        {insert && plus && (
          <button
            type="button"
            tabIndex={-1}
            className="design-plus nodrag nopan"
            aria-label={insertLabel}
            title={insertLabel}
            style={{ transform: `translate(-50%, -50%) translate(${plus.x}px, ${plus.y}px)` }}
            onClick={insert}
          >
            <Icon name="add" size={10} />
          </button>
        )}
      </EdgeLabelRenderer>
    </>
  )
}

/** A place for the button: just before the end, where lines that go together have parted. */
function middleOfLast(points: readonly Point[]): Point | undefined {
  const end = points.at(-1)
  const before = points.at(-2)
  if (!end || !before) return undefined
  return { x: end.x, y: Math.max((end.y + before.y) / 2, end.y - 16) }
}
