import '@xyflow/react/dist/style.css'
import { useComputedColorScheme } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Controls, MarkerType, ReactFlow } from '@xyflow/react'
import { useMemo } from 'react'
import type { Graph } from '../../src/contracts/index.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Icon, isIcon } from '../parts/icons.tsx'
import { layOut, nodeHeight, nodeWidth } from './layout.ts'
import { type Mark, markSigns, type PictureNode, type StepNode, StepBox, stateIcon } from './step-box.tsx'
import { type StepEdge, StepLine } from './step-line.tsx'

interface PictureProps {
  graph: { nodes: readonly PictureNode[]; edges: readonly (Graph['edges'][number] & { mark?: Mark | undefined })[] }
  label: string
  chosen?: string | undefined
  choose?: (step: string | undefined) => void
}

const nodeTypes = { step: StepBox }
const edgeTypes = { line: StepLine }

/** The picture of a pathway, or of a journey on it; the same steps as a list for those who cannot see a picture. */
export default function Picture({ graph, label, chosen, choose }: PictureProps) {
  const { t, either, code } = useWords()
  const scheme = useComputedColorScheme('light')
  // Two ways from one step to another are one line with both outcomes on it.
  const shape = useMemo(() => {
    const merged = new Map<string, { from: string; to: string; outcomes: string[]; marks: Set<Mark | undefined> }>()
    for (const { from, to, outcome, title, mark } of graph.edges) {
      const key = `${from} ${to}`
      const edge = merged.get(key) ?? { from, to, outcomes: [], marks: new Set() }
      merged.set(key, edge)
      edge.marks.add(mark)
      if (outcome !== null) edge.outcomes.push(title ? either(title) : code('step', outcome))
    }
    return {
      nodes: graph.nodes.map((node) => node.id),
      edges: [...merged.values()].map(({ from, to, outcomes, marks }) => ({
        from,
        to,
        label: outcomes.join(' / '),
        // Of ways that differ in what became of them the line says nothing.
        mark: marks.size === 1 ? [...marks][0] : undefined,
      })),
    }
  }, [graph, code, either])
  const layout = useQuery({
    queryKey: ['picture', shape],
    queryFn: () => layOut(shape),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  })
  const states = useMemo(() => new Map(graph.nodes.map((node) => [node.id, node.state])), [graph])
  const nodes = useMemo(
    () =>
      graph.nodes.flatMap((node): StepNode[] => {
        const position = layout.data?.nodes.get(node.id)
        return position
          ? [
              {
                id: node.id,
                type: 'step',
                position,
                data: { ...node, chosen: node.id === chosen },
                width: nodeWidth,
                height: nodeHeight,
                ariaLabel: either(node.title),
              },
            ]
          : []
      }),
    [graph, layout.data, chosen, either],
  )
  const edges = useMemo(
    () =>
      shape.edges.flatMap((edge, index): StepEdge[] => {
        const line = layout.data?.lines[index]
        if (!line) return []
        const walked =
          states.get(edge.from) === 'done' && !['not-reached', 'skipped', undefined].includes(states.get(edge.to))
        return [
          {
            id: String(index),
            source: edge.from,
            target: edge.to,
            type: 'line',
            focusable: false,
            data: { line, text: edge.label, walked, mark: edge.mark },
            markerEnd: {
              type: MarkerType.ArrowClosed,
              width: 14,
              height: 14,
              color: walked ? 'var(--good)' : 'var(--edge)',
            },
          },
        ]
      }),
    [shape, layout.data, states],
  )
  const marks = [...new Set(graph.nodes.flatMap((node) => (node.mark === undefined ? [] : [node.mark])))]
  const used = [...new Set(graph.nodes.flatMap((node) => (node.state === undefined ? [] : [node.state])))]
  return (
    <>
      <div className="flow" role="region" aria-label={label}>
        {layout.error && <Failure error={layout.error} retry={layout.refetch} />}
        {nodes.length > 0 && (
          <ReactFlow
            nodes={nodes}
            edges={edges}
            nodeTypes={nodeTypes}
            edgeTypes={edgeTypes}
            colorMode={scheme}
            fitView
            fitViewOptions={{ padding: 0.02, maxZoom: 1, minZoom: 0.5 }}
            minZoom={0.2}
            maxZoom={1.6}
            nodesDraggable={false}
            nodesConnectable={false}
            edgesFocusable={false}
            nodesFocusable={choose !== undefined}
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
            <Controls showInteractive={false} position="top-right" />
          </ReactFlow>
        )}
      </div>
      {marks.length > 0 && (
        <p className="legend">
          {marks.map((mark) => (
            <span key={mark} data-mark={mark}>
              {markSigns[mark]} {t(`mark_${mark}`)}
            </span>
          ))}
        </p>
      )}
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
                {node.mark !== undefined && `, ${t(`mark_${node.mark}`)}`}
              </span>
            </li>
          ))}
        </ol>
      </details>
    </>
  )
}
