import type { Tx } from '../db/index.ts'
import type { JourneyState, LogEntry } from '../pathways/index.ts'

/** A journey as the runtime holds it during a batch. */
export interface HeldJourney {
  id: string
  pathway: string
  version: number
  bucket: number
  /** How often this key has begun a journey of this pathway, this one included. */
  entry: number
  /** Lines of the log that are stored already. */
  lines: number
  startedAt: number
  state: JourneyState
}

interface JourneyRow {
  id: string
  pathway: string
  version: number
  bucket: number
  entry: number
  lines: number
  started_at: Date
  state: string
}

const held = (row: JourneyRow): HeldJourney => ({
  id: row.id,
  pathway: row.pathway,
  version: row.version,
  bucket: row.bucket,
  entry: row.entry,
  lines: row.lines,
  startedAt: row.started_at.getTime(),
  state: JSON.parse(row.state),
})

const columns = 'id, pathway, version, bucket, entry, lines, started_at, state'

/**
 * Locks up to `most` of the wanted buckets that no other worker holds. Row locks and not advisory ones: they carry the
 * tenant, so a distributed database keeps them on the tenant's shard; `skip locked` lets workers pass each other.
 */
export async function lockBuckets(tx: Tx, wanted: readonly number[], most: number): Promise<number[]> {
  const rows = await tx.query<{ bucket: number }>({
    name: 'lock-buckets',
    text: 'select bucket from journey_bucket where tenant_id = $1 and bucket = any($2::smallint[]) limit $3 for update skip locked',
    values: [tx.tenant, wanted, most],
  })
  return rows.map((row) => row.bucket)
}

export async function dueBuckets(tx: Tx, now: number): Promise<number[]> {
  const rows = await tx.query<{ bucket: number }>({
    name: 'due-buckets',
    text: 'select distinct bucket from (select bucket from journey_timer where tenant_id = $1 and due <= $2 order by due limit 2000) as soonest',
    values: [tx.tenant, new Date(now)],
  })
  return rows.map((row) => row.bucket)
}

export async function dueTimers(
  tx: Tx,
  buckets: readonly number[],
  now: number,
  limit: number,
): Promise<{ journey: string; timer: string; due: number }[]> {
  const rows = await tx.query<{ journey: string; timer: string; due: Date }>({
    name: 'due-timers',
    text: 'select journey, timer, due from journey_timer where tenant_id = $1 and due <= $2 and bucket = any($3::smallint[]) order by due limit $4',
    values: [tx.tenant, new Date(now), buckets, limit],
  })
  return rows.map((row) => ({ ...row, due: row.due.getTime() }))
}

/** The active journeys of some subjects, and those of some ids, whichever status. */
export async function loadJourneys(
  tx: Tx,
  subjects: readonly string[],
  ids: readonly string[],
): Promise<HeldJourney[]> {
  const rows = await tx.query<JourneyRow>({
    name: 'load-journeys',
    text: `select ${columns} from journey where tenant_id = $1 and ((subject = any($2) and status = 'active') or id = any($3))`,
    values: [tx.tenant, subjects, ids],
  })
  return rows.map(held)
}

/** The last journey that a key has begun. */
export interface LastEntry {
  id: string
  entry: number
  active: boolean
}

/** Of these pathway keys those that have a journey already, ended ones too: their last, by `pathway key`. */
export async function lastEntries(
  tx: Tx,
  keys: readonly { pathway: string; key: string }[],
): Promise<Map<string, LastEntry>> {
  if (keys.length === 0) return new Map()
  const rows = await tx.query<LastEntry & { pathway: string; key: string }>({
    name: 'last-entries',
    text: `select j.pathway, j.key, j.id, j.entry, j.status = 'active' as active
           from unnest($2::text[], $3::text[]) as asked (pathway, key)
           cross join lateral (select pathway, key, id, entry, status from journey j
             where j.tenant_id = $1 and j.pathway = asked.pathway and j.key = asked.key order by entry desc limit 1) j`,
    values: [tx.tenant, keys.map((one) => one.pathway), keys.map((one) => one.key)],
  })
  return new Map(rows.map(({ pathway, key, ...last }) => [`${pathway} ${key}`, last]))
}

/** A journey that moved, with what is to be written of it. */
export interface MovedJourney extends HeldJourney {
  fresh: boolean
  endedAt: number | null
  log: LogEntry[]
  timersBefore: JourneyState['timers']
}

// As text: pg would write each Date in local time, which takes longer than all else that is done for a line of the log.
const moment = (time: number | null | undefined) =>
  time === null || time === undefined ? null : new Date(time).toISOString()

const earliestDue = (state: JourneyState): number | null => {
  let due: number | null = null
  for (const name in state.open) {
    const open = state.open[name]
    if (open?.key && open.due !== undefined && (due === null || open.due < due)) due = open.due
  }
  return due
}

/** Writes all that moved: one statement for new journeys, one for moved ones, one for the log, two for timers. */
export async function storeMoved(tx: Tx, moved: readonly MovedJourney[]): Promise<void> {
  const fresh = moved.filter((one) => one.fresh)
  const known = moved.filter((one) => !one.fresh)
  const changing = (list: readonly MovedJourney[]) => [
    tx.tenant,
    list.map((one) => one.id),
    list.map((one) => one.state.status),
    list.map((one) => one.state.outcome),
    list.map((one) => one.state.stage),
    list.map((one) => moment(one.state.stageSince)),
    list.map((one) => moment(earliestDue(one.state))),
    list.map((one) => moment(one.endedAt)),
    list.map((one) => one.lines + one.log.length),
    list.map((one) => JSON.stringify(one.state)),
  ]
  const types =
    '$2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[], $9::int[], $10::text[]'
  if (fresh.length > 0)
    await tx.run({
      name: 'insert-journeys',
      text: `insert into journey (tenant_id, id, status, outcome, stage, stage_since, due, ended_at, lines, state, pathway, version, key, subject, bucket, started_at, entry)
             select $1, * from unnest(${types}, $11::text[], $12::int[], $13::text[], $14::text[], $15::smallint[], $16::timestamptz[], $17::int[])`,
      values: [
        ...changing(fresh),
        fresh.map((one) => one.pathway),
        fresh.map((one) => one.version),
        fresh.map((one) => one.state.key),
        fresh.map((one) => one.state.subject),
        fresh.map((one) => one.bucket),
        fresh.map((one) => moment(one.startedAt)),
        fresh.map((one) => one.entry),
      ],
    })
  if (known.length > 0)
    await tx.run({
      name: 'update-journeys',
      text: `update journey j set status = m.status, outcome = m.outcome, stage = m.stage, stage_since = m.stage_since, due = m.due, ended_at = m.ended_at, lines = m.lines, state = m.state
             from unnest(${types}) as m (id, status, outcome, stage, stage_since, due, ended_at, lines, state)
             where j.tenant_id = $1 and j.id = m.id`,
      values: changing(known),
    })
  await storeLog(tx, moved)
  await storeTimers(tx, moved)
}

async function storeLog(tx: Tx, moved: readonly MovedJourney[]): Promise<void> {
  const lines = moved.flatMap((one) =>
    one.log.map((entry, index) => ({ journey: one.id, line: one.lines + index + 1, entry })),
  )
  if (lines.length === 0) return
  await tx.run({
    name: 'insert-journey-events',
    text: `insert into journey_event (tenant_id, journey, line, kind, step, n, rule, event, at, data)
           select $1, * from unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[], $9::timestamptz[], $10::text[])`,
    values: [
      tx.tenant,
      lines.map((one) => one.journey),
      lines.map((one) => one.line),
      lines.map((one) => one.entry.kind),
      lines.map((one) => one.entry.step),
      lines.map((one) => one.entry.n),
      lines.map((one) => one.entry.rule),
      lines.map((one) => one.entry.event),
      lines.map((one) => moment(one.entry.at)),
      lines.map((one) => JSON.stringify(one.entry.data)),
    ],
  })
}

async function storeTimers(tx: Tx, moved: readonly MovedJourney[]): Promise<void> {
  const gone: { journey: string; timer: string }[] = []
  const come: { journey: string; timer: string; bucket: number; due: number }[] = []
  for (const { id, bucket, state, timersBefore } of moved) {
    for (const timer in timersBefore) if (!(timer in state.timers)) gone.push({ journey: id, timer })
    for (const timer in state.timers) {
      const due = state.timers[timer]?.due
      if (due !== undefined && timersBefore[timer]?.due !== due) come.push({ journey: id, timer, bucket, due })
    }
  }
  if (gone.length > 0)
    await tx.run({
      name: 'delete-timers',
      text: 'delete from journey_timer t using unnest($2::text[], $3::text[]) as g (journey, timer) where t.tenant_id = $1 and t.journey = g.journey and t.timer = g.timer',
      values: [tx.tenant, gone.map((one) => one.journey), gone.map((one) => one.timer)],
    })
  if (come.length > 0)
    await tx.run({
      name: 'insert-timers',
      text: `insert into journey_timer (tenant_id, journey, timer, bucket, due) select $1, * from unnest($2::text[], $3::text[], $4::smallint[], $5::timestamptz[])
             on conflict (tenant_id, journey, timer) do update set due = excluded.due`,
      values: [
        tx.tenant,
        come.map((one) => one.journey),
        come.map((one) => one.timer),
        come.map((one) => one.bucket),
        come.map((one) => moment(one.due)),
      ],
    })
}

/** A journey's log, oldest first. */
export async function readLog(tx: Tx, journey: string): Promise<LogEntry[]> {
  const rows = await tx.query<Omit<LogEntry, 'at' | 'data'> & { at: Date; data: string }>({
    text: 'select kind, step, n, rule, event, at, data from journey_event where tenant_id = $1 and journey = $2 order by line',
    values: [tx.tenant, journey],
  })
  return rows.map((row) => ({ ...row, at: row.at.getTime(), data: JSON.parse(row.data) }))
}

/** The version that a journey runs on; undefined when there is no such journey. */
export async function versionOfJourney(
  tx: Tx,
  journey: string,
): Promise<{ pathway: string; version: number } | undefined> {
  const [row] = await tx.query<{ pathway: string; version: number }>({
    name: 'version-of-journey',
    text: 'select pathway, version from journey where tenant_id = $1 and id = $2',
    values: [tx.tenant, journey],
  })
  return row
}
