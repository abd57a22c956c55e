import '@xyflow/react/dist/style.css'
import { useComputedColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Background, Controls, type Edge, MarkerType, ReactFlow } from '@xyflow/react'
import { useMemo } from 'react'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { layOut, nodeHeight, nodeWidth } from './layout.ts'
import { type PictureNode, type StepNode, StepBox, stateIcon } from './step-box.tsx'
import { Icon, isIcon } from '../parts/icons.tsx'

interface PictureProps {
  graph: { nodes: readonly PictureNode[]; edges: readonly { from: string; to: string; outcome: string | null }[] }
  label: string
  chosen?: string | undefined
  choose?: (step: string | undefined) => void
}

const nodeTypes = { step: StepBox }

/** The picture of a pathway, or of a journey on it; the same steps as a list for those who cannot see a picture. */
export default function Picture({ graph, label, chosen, choose }: PictureProps) {
  const { t, either, code } = useWords()
  const scheme = useComputedColorScheme('light')
  const shape = useMemo(() => ({ nodes: [...graph.nodes], edges: [...graph.edges] }), [graph])
  const places = useQuery({
    queryKey: ['picture', shape.nodes.map((node) => node.id), shape.edges],
    queryFn: () => layOut(shape),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const states = useMemo(() => new Map(graph.nodes.map((node) => [node.id, node.state])), [graph])
  const nodes = useMemo(
    () =>
      graph.nodes.flatMap((node): StepNode[] => {
        const position = places.data?.get(node.id)
        return position
          ? [
              {
                id: node.id,
                type: 'step',
                position,
                data: { ...node, chosen: node.id === chosen },
                width: nodeWidth,
                height: nodeHeight,
                draggable: false,
                connectable: false,
                ariaLabel: either(node.title),
              },
            ]
          : []
      }),
    [graph, places.data, chosen, either],
  )
  const edges = useMemo(
    () =>
      graph.edges.map((edge, index): Edge => {
        const walked =
          states.get(edge.from) === 'done' && !['not-reached', 'skipped', undefined].includes(states.get(edge.to))
        return {
          id: String(index),
          source: edge.from,
          target: edge.to,
          type: 'smoothstep',
          focusable: false,
          className: walked ? 'walked' : '',
          markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14 },
          ...(edge.outcome === null
            ? {}
            : { label: code('step', edge.outcome), labelBgPadding: [4, 1] as [number, number] }),
        }
      }),
    [graph, states, code],
  )
  const used = [...new Set(graph.nodes.flatMap((node) => (node.state === undefined ? [] : [node.state])))]
  return (
    <>
      <div className="flow" role="region" aria-label={label}>
        {places.error && <Failure error={places.error} retry={places.refetch} />}
        {nodes.length > 0 && (
          <ReactFlow
            nodes={nodes}
            edges={edges}
            nodeTypes={nodeTypes}
            colorMode={scheme}
            fitView
            fitViewOptions={{ padding: 0.04, maxZoom: 1 }}
            minZoom={0.2}
            maxZoom={1.6}
            nodesDraggable={false}
            nodesConnectable={false}
            edgesFocusable={false}
            zoomOnScroll={false}
            preventScrolling={false}
            proOptions={{ hideAttribution: true }}
            onNodeClick={(_event, node) => choose?.(node.id === chosen ? undefined : node.id)}
            onPaneClick={() => choose?.(undefined)}
            ariaLabelConfig={{
              'controls.zoomIn.ariaLabel': t('zoomIn'),
              'controls.zoomOut.ariaLabel': t('zoomOut'),
              'controls.fitView.ariaLabel': t('zoomFit'),
              'controls.ariaLabel': t('zoom'),
              'node.a11yDescription.default': t('pictureNodeHint'),
            }}
          >
            <Background gap={20} size={1} />
            <Controls showInteractive={false} position="top-right" />
          </ReactFlow>
        )}
      </div>
      {used.length > 0 && (
        <p className="legend">
          {used.map((state) => (
            <span key={state} data-state={state}>
              <Icon name={stateIcon(state)} size={13} /> {t(`state_${state}`)}
            </span>
          ))}
        </p>
      )}
      <details className="steps-list">
        <summary>{t('stepsAsList')}</summary>
        <ol>
          {graph.nodes.map((node) => (
            <li key={node.id}>
              {isIcon(node.kind) && <Icon name={node.kind} />} {either(node.title)}{' '}
              <span className="quiet">
                {t(`kind_${node.kind}`, { defaultValue: node.kind })}
                {node.state !== undefined && `, ${t(`state_${node.state}`)}`}
              </span>
            </li>
          ))}
        </ol>
      </details>
    </>
  )
}
