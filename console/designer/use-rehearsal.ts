import { useMemo, useState } from 'react'
import { type CompiledPathway, compile, rehearse, type Rehearsed, type ScenarioLine } from '../../src/pathways/index.ts'
import type { StepState } from '../picture/step-box.tsx'
import type { Designer } from './design-context.ts'

export interface Rehearsal {
  pathway: CompiledPathway | undefined
  lines: readonly ScenarioLine[]
  /** How many of the lines have been played where one stands in time. */
  at: number
  played: Rehearsed | undefined
  /** Plays a line from here on; what came after is forgotten. */
  play(line: ScenarioLine): void
  go(at: number): void
  again(): void
}

/** A made-up case on the draft as it stands, with a way back and forth in time; and how each step stands then. */
export function useStates(designer: Designer, shown: boolean) {
  const { definition, surroundings, checked } = designer
  const [lines, setLines] = useState<readonly ScenarioLine[]>([])
  const [at, setAt] = useState(0)
  const pathway = useMemo(
    () => (shown && definition ? compile(definition, 1, surroundings.table).pathway : undefined),
    [shown, definition, surroundings],
  )
  const played = useMemo(() => {
    if (!pathway) return undefined
    const { calendar } = surroundings
    return rehearse(pathway, lines.slice(0, at), { ...calendar, hours: calendar.hours })
  }, [pathway, lines, at, surroundings])
  const states = useMemo(
    () => (shown && pathway && played ? statesOf(pathway, played) : undefined),
    [shown, pathway, played],
  )
  const rehearsal: Rehearsal = {
    pathway: checked || pathway ? pathway : undefined,
    lines,
    at,
    played,
    play(line) {
      const next = [...lines.slice(0, at), line]
      setLines(next)
      setAt(next.length)
    },
    go: setAt,
    again() {
      setLines([])
      setAt(0)
    },
  }
  return { states, rehearsal }
}

function statesOf(pathway: CompiledPathway, { report: { state, log }, now }: Rehearsed): Map<string, StepState> {
  const skipped = new Set(log.flatMap((entry) => (entry.kind === 'skipped' && entry.step !== null ? [entry.step] : [])))
  return new Map(
    Object.values(pathway.steps).map(({ id, kind }): [string, StepState] => {
      const open = state?.open[id]
      if (open)
        return [
          id,
          open.due !== undefined && open.due < now && kind !== 'wait'
            ? 'overdue'
            : kind === 'wait'
              ? 'waiting'
              : 'open',
        ]
      if (skipped.has(id) && state?.past[id]?.outcome == null) return [id, 'skipped']
      const past = state?.past[id]
      return [id, past ? (past.outcome === null ? 'stopped' : 'done') : 'not-reached']
    }),
  )
}
