import type { Tx } from '../../db/index.ts'
import type { ResourceWrite, WrittenResource } from '../../fhir/index.ts'
import type { CallContext } from '../../kernel/index.ts'
import { type CompiledPathway, type Effect, type JourneyState, moveBack, planMove } from '../../pathways/index.ts'
import type { Batch } from '../batch.ts'
import { loadBatch } from '../load-batch.ts'
import { type BatchDependencies, type BatchLimits, perform } from '../move-batch.ts'
import { lockBuckets } from '../store.ts'
import {
  type MoveRow,
  readMove,
  type RowChange,
  rowsToMove,
  type StoredMove,
  storeRows,
  storeVersions,
  type WrittenByMove,
} from './store-moves.ts'

/** The id of the event by which a move, or its undoing, changes a journey. */
export const moveEvent = (move: string, journey: string): string => `move/${move}/${journey}`

/** One journey in the hands of this batch. */
interface Taken {
  row: MoveRow
  move: StoredMove
  change: RowChange
  /** Ids of resources that its effects make or change. */
  touches: ReadonlySet<string>
  moved?: { before: JourneyState; after: JourneyState; effects: readonly Effect[] }
  version?: number
}

/**
 * One transaction of all moves: locks buckets of `wanted` as any worker does, and moves some of the journeys that wait for it
 * there, that have come to a safe point, or that are to go back. Each journey is wholly before or wholly after. A journey with
 * events or timers still to be taken is left until they have been. Gives how many it looked at; 0 when there was nothing to do.
 */
export async function moveJourneys(
  tx: Tx,
  context: CallContext,
  dependencies: BatchDependencies,
  limits: BatchLimits,
  wanted: readonly number[],
): Promise<number> {
  const { record, pathways } = dependencies
  const locked = await lockBuckets(tx, wanted, limits.buckets)
  // Looked at once the locks are held: what came before belongs before the move.
  const pending = new Set(locked.length > 0 ? await record.pendingBuckets(tx) : [])
  const rows = await rowsToMove(
    tx,
    locked.filter((bucket) => !pending.has(bucket)),
    limits.events,
  )
  if (rows.length === 0) return 0

  const moves = new Map<string, StoredMove>()
  for (const { move } of rows)
    if (!moves.has(move)) {
      const found = await readMove(tx, move)
      if (found) moves.set(move, found)
    }
  const batch = await loadBatch(tx, context, dependencies, {
    changes: [],
    journeys: [...new Set(rows.map((row) => row.journey))],
    versions: [...moves.values()].map(({ pathway, to }) => ({ pathway, version: to })),
  })
  const now = context.clock.now()
  const current = await currentVersions(
    tx,
    rows.flatMap(({ written }) => (written ?? []).map((one) => one.reference)),
  )
  const seen = new Set<string>()
  const taken: Taken[] = []
  for (const row of rows) {
    const move = moves.get(row.move)
    // Two moves of one journey: the second one looks at it when the first is done.
    if (!move || seen.has(row.journey)) continue
    seen.add(row.journey)
    const versions = {
      from: await pathways.version(tx, move.pathway, move.from),
      to: await pathways.version(tx, move.pathway, move.to),
    }
    const one =
      row.status === 'undoing'
        ? takeBack(batch, context, row, move, versions, current)
        : takeAlong(batch, context, row, move, versions)
    if (one) taken.push(one)
  }
  const written = await perform(tx, context, dependencies, batch)
  await restore(tx, context, dependencies, taken)
  await storeVersions(
    tx,
    taken.flatMap(({ row, version }) => (version === undefined ? [] : [{ id: row.journey, version }])),
  )
  await storeRows(
    tx,
    now,
    taken.map((one) => (one.moved ? { ...one.change, journal: journalOf(one, written) } : one.change)),
  )
  return rows.length

  async function currentVersions(inTx: Tx, references: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const found = references.length > 0 ? await record.readMany(inTx, [...new Set(references)]) : new Map()
    return new Map([...found].map(([reference, resource]) => [reference, Number(resource.meta?.versionId)]))
  }
}

interface Versions {
  from: CompiledPathway
  to: CompiledPathway
}

function takeAlong(
  batch: Batch,
  { clock }: CallContext,
  row: MoveRow,
  move: StoredMove,
  { from, to }: Versions,
): Taken | undefined {
  const now = clock.now()
  const standing = batch.standing(row.journey, now)
  if (!standing) return undefined
  // Its timers fire first, in this transaction; it is moved in the next.
  if (standing.stirred) return undefined
  const { state, lines } = standing
  const change = { move: row.move, journey: row.journey, seen: lines }
  const left = (status: RowChange['status'], reasons: RowChange['reasons']): Taken => ({
    row,
    move,
    change: { ...change, status, reasons },
    touches: new Set(),
  })
  if (standing.version !== move.from) return left('kept', [{ code: 'elsewhere', step: null }])
  let plan: ReturnType<typeof planMove>
  try {
    const context = { event: moveEvent(move.id, row.journey), now, calendar: batch.calendar }
    plan = planMove(from, to, state, move.mapping, context, row.decision ?? undefined)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return left('failed', [{ code: 'failed', step: null }])
  }
  if (plan.fate === 'keep') return left('kept', plan.reasons)
  if (plan.fate === 'ask') return left('ask', plan.reasons)
  if (plan.fate === 'later' || !plan.moved) return left('later', plan.reasons)
  const { moved } = plan
  batch.moveTo(row.journey, to, moved, now)
  return {
    row,
    move,
    change: { ...change, status: 'moved', seen: lines + moved.log.length, reasons: [] },
    touches: touchedBy(moved.effects),
    moved: { before: state, after: moved.state, effects: moved.effects },
    version: to.version,
  }
}

/** Ids of what effects make or change. */
function touchedBy(effects: readonly Effect[]): Set<string> {
  return new Set(
    effects.map((effect) => {
      if (effect.kind === 'cancel') return effect.resource
      return 'task' in effect ? effect.task : effect.key
    }),
  )
}

function journalOf({ moved, touches }: Taken, written: readonly WrittenResource[]): NonNullable<RowChange['journal']> {
  const own = written.filter((one) => touches.has(one.id))
  return {
    before: JSON.stringify(moved?.before),
    after: JSON.stringify(moved?.after),
    effects: moved?.effects ?? [],
    written: own.map(
      ({ resourceType, id, version, former }): WrittenByMove => ({
        reference: `${resourceType}/${id}`,
        version,
        former: former ?? null,
      }),
    ),
  }
}

/** Puts a journey back as it stood before the move, if nothing has happened to it since. */
function takeBack(
  batch: Batch,
  { clock }: CallContext,
  row: MoveRow,
  move: StoredMove,
  { from, to }: Versions,
  current: ReadonlyMap<string, number>,
): Taken | undefined {
  const now = clock.now()
  const standing = batch.standing(row.journey, now)
  if (!standing || standing.stirred) return undefined
  const { state, lines } = standing
  const written = row.written ?? []
  const change = { move: row.move, journey: row.journey, seen: lines }
  const refused = (code: RowChange['reasons'][number]['code'], step: string | null = null): Taken => ({
    row,
    move,
    change: { ...change, status: 'not-undone', reasons: [{ code, step }] },
    touches: new Set(),
  })
  if (state.status !== 'active') return refused('ended')
  if (standing.version !== to.version || row.stateBefore === null || JSON.stringify(state) !== row.stateAfter)
    return refused('went-on')
  const changed = written.find((one) => current.get(one.reference) !== one.version)
  if (changed) return refused('resource-changed', changed.reference)
  if (written.some((one) => one.former !== null && one.reference.startsWith('Communication/')))
    return refused('message-stopped')
  const before: JourneyState = JSON.parse(row.stateBefore)
  // A journey of its own that the move began would be left without the one that waits for it.
  const begun = Object.entries(state.open).some(
    ([name, open]) =>
      to.steps[name]?.kind === 'start' && !Object.values(before.open).some((one) => one.key === open.key),
  )
  if (begun) return refused('journey-begun')
  const restored = moveBack(before, state)
  const effects = written.flatMap((one): Effect[] => {
    const [what, id] = one.reference.split('/')
    if (one.former !== null || id === undefined || !withdrawable(what)) return []
    restored.effects += 1
    const key = `${row.journey}.${restored.effects}`
    return [{ key, step: 'move', n: 1, kind: 'cancel', what, resource: id, reason: 'moved-back' }]
  })
  const log = [
    {
      kind: 'moved-back' as const,
      step: null,
      n: 0,
      rule: 'version',
      event: `${moveEvent(move.id, row.journey)}/undo`,
      at: now,
      data: { from: to.version, to: from.version },
    },
  ]
  batch.moveTo(row.journey, from, { state: restored, effects, log }, now)
  return {
    row,
    move,
    change: { ...change, status: 'undone', seen: lines + 1, reasons: [] },
    touches: new Set(),
    version: from.version,
  }
}

const withdrawable = (what: string | undefined): what is 'Task' | 'Communication' | 'Appointment' | 'ServiceRequest' =>
  what === 'Task' || what === 'Communication' || what === 'Appointment' || what === 'ServiceRequest'

/** What a move had changed in the record becomes again what it was. */
async function restore(
  tx: Tx,
  context: CallContext,
  { record, audit }: BatchDependencies,
  taken: readonly Taken[],
): Promise<void> {
  const writes = taken.flatMap(({ row, change }) =>
    change.status === 'undone'
      ? (row.written ?? []).flatMap((one): ResourceWrite[] =>
          one.former === null ? [] : [{ interaction: 'update', resource: withoutMeta(one.former) }],
        )
      : [],
  )
  if (writes.length === 0) return
  // No news to the journey: it stands as it stood when these were so.
  const written = await record.write(tx, context, writes, { validate: false, quiet: true })
  await audit(
    tx,
    context,
    written.map((one) => `${one.resourceType}/${one.id}`),
  )
}

type Kept = Extract<ResourceWrite, { interaction: 'update' }>['resource']

function withoutMeta(former: unknown): Kept {
  const { meta, ...resource } = former as Kept
  const { versionId: _version, lastUpdated: _time, ...rest } = meta ?? {}
  return Object.keys(rest).length > 0 ? { ...resource, meta: rest } : resource
}
