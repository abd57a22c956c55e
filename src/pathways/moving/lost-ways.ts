import type { MoveReason } from '../../contracts/index.ts'
import { reachable } from '../circles.ts'
import type { CompiledPathway } from '../compile.ts'
import type { JourneyState, LogEntry } from '../state.ts'
import type { Names } from './names.ts'
import { pausePlace } from './pause-place.ts'

interface Moving {
  from: CompiledPathway
  to: CompiledPathway
  before: JourneyState
  after: JourneyState
  names: Names
  log: readonly LogEntry[]
}

const opening = new Set(['opened', 'asked', 'waiting'])

/** What would go wrong with a journey that is moved so, which no mapping alone can tell. Empty when nothing would. */
export function lostWays({ from, to, before, after, names, log }: Moving): MoveReason[] {
  if (after.status !== 'active') return [{ code: 'would-end', step: null }]
  const doubts: MoveReason[] = []
  const by = before.paused?.by ?? null
  if (by !== null && pausePlace(from, to, by) === null) doubts.push({ code: 'resting-rule-gone', step: null })
  for (const line of log) {
    const old = line.step === null ? undefined : names.before(line.step)
    if (old !== undefined && opening.has(line.kind) && (before.open[old] || (before.past[old]?.n ?? 0) > 0))
      doubts.push({ code: 'would-repeat', step: old })
  }
  const follows = reachable(from.definition)
  const ahead = canStillOpen(to, after)
  const began = (state: JourneyState, id: string) => state.open[id] !== undefined || (state.past[id]?.n ?? 0) > 0
  for (const id of Object.keys(before.open)) {
    if (names.after(id) !== undefined) continue
    const next = [...(follows.get(id) ?? [])].flatMap((one) => (began(before, one) ? [] : (names.after(one) ?? [])))
    if (next.length > 0 && !next.some((one) => ahead.has(one) || began(after, one)))
      doubts.push({ code: 'stranded', step: id })
  }
  return doubts
}

/** Steps that may open yet, if everything open ends in whichever way it takes. */
function canStillOpen(pathway: CompiledPathway, state: JourneyState): Set<string> {
  const ahead = new Set([
    ...Object.keys(state.open),
    ...Object.keys(state.repeats ?? {}),
    ...(state.paused?.todo ?? []),
  ])
  for (const track of pathway.tracks)
    if ((track.starts || track.startsMissed.length > 0) && (track.again || !state.tracks.includes(track.id)))
      for (const id of track.first) ahead.add(id)
  for (let again = true; again; ) {
    again = false
    for (const step of Object.values(pathway.steps)) {
      if (ahead.has(step.id) || step.from.length === 0) continue
      const ways = step.from.filter((edge) => state.edges[edge.edge] === true || ahead.has(edge.step))
      if (ways.length < step.needs) continue
      ahead.add(step.id)
      again = true
    }
  }
  return ahead
}
