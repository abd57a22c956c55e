import type { Tx } from '../../db/index.ts'
import { versionsOf } from '../../fhir/index.ts'
import {
  type Calendar,
  type CompiledPathway,
  type Evidence,
  type JourneyState,
  LogFit,
  type LogEntry,
  type Settings,
} from '../../pathways/index.ts'
import { logsOf } from '../replay/assemble.ts'
import { linesOfPage } from '../replay/gather.ts'

// More would not make the fit better, and all of it passes through this process.
const mostPages = 10
const mostTasks = 2_000

/** What the journeys that began in a period suggest for a simulation of the pathway, and what each step's model rests on. */
export async function fittedSettings(
  tx: Tx,
  pathway: CompiledPathway,
  calendar: Calendar,
  period: { from: number; until: number },
): Promise<{ settings: Settings; evidence: Evidence[]; journeys: number }> {
  const fit = new LogFit()
  const done = new Map<string, { step: string; at: number }>()
  let journeys = 0
  let after: { at: number; id: string } | undefined
  for (let page = 0; page < mostPages; page += 1) {
    const { lines, after: next } = await linesOfPage(tx, { pathway: pathway.id, ...period }, after)
    const logs = logsOf(lines)
    const priorities = await prioritiesOf(tx, [...logs.keys()])
    for (const [journey, log] of logs) {
      journeys += 1
      fit.add(priorities.get(journey) ?? 'routine', log)
      for (const line of log) if (done.size < mostTasks) noteDone(done, line)
    }
    if (!next) break
    after = next
  }
  // Whoever had begun a task worked at it from then on.
  for (const { type, id, version, at, content } of await versionsOf(tx, [...done.keys()])) {
    const end = done.get(`${type}/${id}/${version}`)
    const task = content === null ? undefined : (JSON.parse(content) as { status?: string })
    if (end && task?.status === 'in-progress' && end.at > at) fit.worked(end.step, (end.at - at) / 3_600_000)
  }
  return { ...fit.settings(pathway, calendar, period), journeys }
}

/** Of a task that was done, the version before it. */
function noteDone(done: Map<string, { step: string; at: number }>, { kind, step, at, event }: LogEntry): void {
  const [, id, version] = /^Task\/([^/]+)\/(\d+)$/.exec(event) ?? []
  if (kind === 'done' && step !== null && id !== undefined && Number(version) > 1)
    done.set(`Task/${id}/${Number(version) - 1}`, { step, at })
}

async function prioritiesOf(tx: Tx, journeys: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ id: string; state: string }>({
    text: 'select id, state from journey where tenant_id = $1 and id = any ($2::text[])',
    values: [tx.tenant, journeys],
  })
  return new Map(rows.map(({ id, state }) => [id, (JSON.parse(state) as JourneyState).priority]))
}
