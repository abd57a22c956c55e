import '@xyflow/react/dist/style.css'
import { useComputedColorScheme } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Controls, MarkerType, MiniMap, ReactFlow, type ReactFlowInstance } from '@xyflow/react'
import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react'
import { asDefinition, pictureOf } from '../../src/pathways/index.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { nodeHeight, nodeWidth } from '../picture/layout.ts'
import type { StepState } from '../picture/step-box.tsx'
import { nearest, placeLanes, waysOfGraph } from './canvas-layout.ts'
import { DesignBox, type DesignEdge, DesignLine, type DesignNode, LaneBox, type LaneNode } from './canvas-parts.tsx'
import { findingsAt, useDesigner } from './design-context.ts'
import { useStepWords } from './use-step-words.ts'

const nodeTypes = { design: DesignBox, lane: LaneBox }
const edgeTypes = { design: DesignLine }
const many = 30
const legible = 0.8

interface CanvasProps {
  /** How each step stands, while a case is played. */
  states: ReadonlyMap<string, StepState> | undefined
  /** What no scenario goes through, `step` and `step.outcome`, while that is looked at. */
  missing: ReadonlySet<string> | undefined
  /** Whether all else stands back. */
  onlyLeftOut: boolean
  comments: ReadonlyMap<string, number>
  mayWrite: boolean
  insert: (line: { from: string; outcomes: readonly (string | null)[]; to: string }) => void
  addAfter: (step: string) => void
  connect: (from: string, to: string) => void
  remove: () => void
  /** Moves the focus into the form of what is chosen. */
  enter: () => void
}

/** The picture that is worked on: lanes of steps and the lines between them, by mouse and by keyboard. */
export default function Canvas({
  states,
  missing,
  onlyLeftOut,
  comments,
  mayWrite,
  insert,
  addAfter,
  connect,
  remove,
  enter,
}: CanvasProps) {
  const { t, either } = useWords()
  const { design, chosen, choose, findings, readable } = useDesigner()
  const scheme = useComputedColorScheme('light')
  const flow = useRef<ReactFlowInstance<DesignNode | LaneNode, DesignEdge>>(null)
  const playing = states !== undefined || !mayWrite
  const { outcome } = useStepWords()
  const graph = useMemo(() => pictureOf(asDefinition(design)), [design])
  const ways = useMemo(() => {
    const known = new Set(graph.nodes.map((node) => node.id))
    return waysOfGraph({ edges: graph.edges.filter((edge) => known.has(edge.from)) }, outcome)
  }, [graph, outcome])
  const shape = useMemo(
    () => ({
      tracks: Object.keys(design.tracks),
      nodes: graph.nodes.map(({ id, track }) => ({ id, track })),
      ways,
    }),
    [design, graph, ways],
  )
  const layout = useQuery({
    queryKey: ['design-picture', shape],
    queryFn: () => placeLanes(shape.tracks, shape.nodes, shape.ways),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  })
  const stages = useMemo(() => new Map(design.stages.map((stage) => [stage.id, either(stage.title)])), [design, either])
  const nodes = useMemo(() => {
    const lanes = (layout.data?.lanes ?? []).map(
      (lane): LaneNode => ({
        id: `lane ${lane.id}`,
        type: 'lane',
        position: { x: lane.x, y: 0 },
        width: lane.width,
        height: lane.height,
        zIndex: -1,
        selectable: false,
        focusable: false,
        draggable: false,
        data: {
          title: either(design.tracks[lane.id]?.title ?? { en: lane.id, fr: lane.id }),
          chosen: chosen.kind === 'track' && chosen.id === lane.id,
          choose: () => choose({ kind: 'track', id: lane.id }),
        },
      }),
    )
    const steps = graph.nodes.flatMap((node): DesignNode[] => {
      const position = layout.data?.nodes.get(node.id)
      if (!position) return []
      const found = findingsAt(findings, `tracks.${node.track}.steps.${node.id}`)
      return [
        {
          id: node.id,
          type: 'design',
          position,
          width: nodeWidth,
          height: nodeHeight,
          draggable: false,
          data: {
            title: either(node.title),
            kind: node.kind,
            stage: node.stage === null ? null : (stages.get(node.stage) ?? node.stage),
            chosen: chosen.kind === 'step' && chosen.id === node.id,
            mark: found.some((one) => one.severity === 'error') ? 'error' : found.length > 0 ? 'warning' : undefined,
            comments: comments.get(node.id) ?? 0,
            state: states?.get(node.id),
            covered: missing && !missing.has(node.id),
            connectable: readable && !playing,
          },
        },
      ]
    })
    return [...lanes, ...steps]
  }, [
    layout.data,
    graph,
    design,
    chosen,
    findings,
    comments,
    states,
    missing,
    either,
    stages,
    readable,
    playing,
    choose,
  ])
  const edges = useMemo(
    () =>
      (layout.data?.ways ?? []).flatMap((way): DesignEdge[] => {
        if (!way.line) return []
        const picked = chosen.kind === 'line' && chosen.from === way.from && chosen.to === way.to
        return [
          {
            id: `${way.from} ${way.to}`,
            source: way.from,
            target: way.to,
            type: 'design',
            focusable: false,
            data: {
              line: way.line,
              label: way.label,
              chosen: picked,
              covered:
                missing && !way.outcomes.some((one) => missing.has(one === null ? way.from : `${way.from}.${one}`)),
              insert: readable && !playing ? () => insert(way) : undefined,
              insertLabel: t('designAddBetween'),
            },
            markerEnd: {
              type: MarkerType.ArrowClosed,
              width: 14,
              height: 14,
              color: picked ? 'var(--pine)' : 'var(--edge)',
            },
          },
        ]
      }),
    [layout.data, chosen, missing, readable, playing, insert, t],
  )
  // What is chosen elsewhere comes into view; what is in view already stays where it is.
  const picked = chosen.kind === 'step' ? chosen.id : undefined
  const places = layout.data?.nodes
  useEffect(() => {
    const place = picked === undefined ? undefined : places?.get(picked)
    const instance = flow.current
    const frame = document.querySelector('.design-canvas')?.getBoundingClientRect()
    if (!place || !instance || !frame) return
    const { x, y, zoom } = instance.getViewport()
    const [left, top] = [place.x * zoom + x, place.y * zoom + y]
    const inView =
      left > 0 && top > 0 && left + nodeWidth * zoom < frame.width && top + nodeHeight * zoom < frame.height
    if (!inView) void instance.setCenter(place.x + nodeWidth / 2, place.y + nodeHeight / 2, { zoom })
  }, [picked, places])

  const press = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLElement && event.target.closest('input, textarea, select')) return
    const directions = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' } as const
    const direction = event.key in directions ? directions[event.key as keyof typeof directions] : undefined
    const act =
      event.metaKey || event.ctrlKey || event.altKey
        ? undefined
        : direction && places
          ? () => {
              const next = nearest(places, picked ?? '', direction)
              if (next !== undefined) choose({ kind: 'step', id: next })
            }
          : event.key === 'Enter'
            ? enter
            : event.key.toLowerCase() === 'a' && picked !== undefined && !playing
              ? () => addAfter(picked)
              : (event.key === 'Delete' || event.key === 'Backspace') && !playing
                ? remove
                : event.key === 'Escape'
                  ? () => choose({ kind: 'pathway' })
                  : event.key === '0'
                    ? () => void flow.current?.fitView({ padding: 0.03, maxZoom: 1 })
                    : undefined
    if (!act) return
    event.preventDefault()
    event.stopPropagation()
    act()
  }
  const now = picked === undefined ? undefined : graph.nodes.find((node) => node.id === picked)
  return (
    <div
      className="design-canvas"
      data-left-out={missing !== undefined && onlyLeftOut}
      role="application"
      aria-label={t('designCanvas')}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the picture is gone through by the arrow keys
      tabIndex={0}
      onKeyDown={press}
    >
      <p className="unseen" aria-live="polite">
        {now ? either(now.title) : ''}
      </p>
      {layout.error && <Failure error={layout.error} retry={layout.refetch} />}
      {layout.data && (
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          onInit={(instance) => {
            flow.current = instance
            // A tall picture is begun at its top, in a size that can be read.
            const frame = document.querySelector('.design-canvas')?.getBoundingClientRect()
            const width = Math.max(...layout.data.lanes.map((lane) => lane.x + lane.width), 1)
            const height = Math.max(...layout.data.lanes.map((lane) => lane.height), 1)
            if (!frame || height * legible <= frame.height) return
            const zoom = Math.max(Math.min(1, (frame.width - 60) / width), legible)
            void instance.setViewport({ x: Math.max(12, (frame.width - width * zoom) / 2), y: 10, zoom })
          }}
          colorMode={scheme}
          fitView
          fitViewOptions={{ padding: 0.03, maxZoom: 1 }}
          minZoom={0.15}
          maxZoom={1.6}
          nodesFocusable={false}
          edgesFocusable={false}
          deleteKeyCode={null}
          selectionKeyCode={null}
          multiSelectionKeyCode={null}
          disableKeyboardA11y
          proOptions={{ hideAttribution: true }}
          onConnect={({ source, target }) => connect(source, target)}
          onNodeClick={(_event, node) => {
            if (node.type === 'design') choose({ kind: 'step', id: node.id })
          }}
          onEdgeClick={(_event, edge) => choose({ kind: 'line', from: edge.source, to: edge.target })}
          onPaneClick={() => choose({ kind: 'pathway' })}
          ariaLabelConfig={{
            'controls.zoomIn.ariaLabel': t('zoomIn'),
            'controls.zoomOut.ariaLabel': t('zoomOut'),
            'controls.fitView.ariaLabel': t('zoomFit'),
            'controls.ariaLabel': t('zoom'),
          }}
        >
          <Controls showInteractive={false} position="top-right" />
          {graph.nodes.length > many && <MiniMap pannable zoomable ariaLabel={t('designMap')} />}
        </ReactFlow>
      )}
    </div>
  )
}
