import type { Tx } from '../db/index.ts'
import type { CallContext } from '../kernel/index.ts'
import type { Explaining, LogEntry } from '../pathways/index.ts'
import { type DeskDependencies, explaining } from './desk.ts'

/** With what each line of a log is told: the version that the journey was on when it was written. */
export async function explainingEach(
  tx: Tx,
  dependencies: DeskDependencies,
  context: CallContext,
  { pathway, version }: { pathway: string; version: number },
  log: readonly LogEntry[],
): Promise<(entry: LogEntry) => Explaining> {
  const moves = ({ kind }: LogEntry) => kind === 'moved' || kind === 'moved-back'
  const known = new Map<number, Explaining>()
  const by = new Map<LogEntry, Explaining>()
  const now = await explaining(tx, dependencies, context, pathway, version)
  known.set(version, now)
  let on = Number(log.find(moves)?.data['from'] ?? version)
  for (const entry of log) {
    if (moves(entry)) on = Number(entry.data['to'])
    const how = known.get(on) ?? (await explaining(tx, dependencies, context, pathway, on))
    known.set(on, how)
    by.set(entry, how)
  }
  return (entry) => by.get(entry) ?? now
}
