import { Handle, type Node, type NodeProps, Position } from '@xyflow/react'
import type { Graph, JourneyDetail } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { Icon, type IconName, isIcon } from '../parts/icons.tsx'

export type StepState = JourneyDetail['graph']['nodes'][number]['state']
/** What became of a step between two versions, or that no scenario goes through it. */
export type Mark = 'added' | 'removed' | 'changed' | 'uncovered'
export const markSigns: Readonly<Record<Mark, string>> = { added: '+', removed: '−', changed: '≠', uncovered: '○' }
export type PictureNode = Graph['nodes'][number] & { state?: StepState; times?: number; mark?: Mark | undefined }
export type StepNode = Node<PictureNode & { chosen: boolean }, 'step'>

export const stateIcon = (state: StepState): IconName =>
  state === 'overdue' ? 'late' : state === 'stopped' ? 'end' : state

/** One step: what it is, what kind, and how it stands: by colour, sign and word. */
export function StepBox({ data }: NodeProps<StepNode>) {
  const { t, either } = useWords()
  const { state, mark, times = 0 } = data
  return (
    <div className="node" data-state={state} data-mark={mark} data-chosen={data.chosen} data-testid={`step-${data.id}`}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <span className="node-title">{either(data.title)}</span>
      <small>
        <span>
          {isIcon(data.kind) && <Icon name={data.kind} size={11} />}{' '}
          {t(`kind_${data.kind}`, { defaultValue: data.kind })}
        </span>
        {mark !== undefined && (
          <span className="node-state">
            {markSigns[mark]} {t(`mark_${mark}`)}
          </span>
        )}
        {state !== undefined && (
          <span className="node-state">
            <Icon name={stateIcon(state)} size={12} /> {t(`state_${state}`)}
            {times > 1 && ` ×${times}`}
          </span>
        )}
      </small>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  )
}
