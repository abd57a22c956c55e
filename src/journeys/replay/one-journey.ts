import type { Tx } from '../../db/index.ts'
import { type AnswerPool, type Calendar, compile, parse, type Replayed, replayPatient } from '../../pathways/index.ts'
import { refuse } from '../errors.ts'
import { assemble } from './assemble.ts'
import { gather, type Gathering } from './gather.ts'
import type { Replay } from './replays.ts'

/** A row of a run: one journey in which something differs. */
export interface ReplayedRow {
  journey: string
  subject: string
  differs: number
  assumed: number
  faithful: boolean | null
  side: 'both' | 'before' | 'after'
  kinds: string[]
}

const columns = 'journey, subject, differs, assumed, faithful, side, kinds'
const page = 50

/**
 * A page of a run's rows, those with most differences first. `kind`: `what change`, as the tally counts them, or
 * `unfaithful`. `seen` is SQL to be and-ed, over the patient's reference `subject`, with the values it binds.
 */
export async function listReplayed(
  tx: Tx,
  asked: { replay: string; kind: string | undefined; after: string | undefined },
  seen: (values: unknown[]) => string,
): Promise<{ rows: ReplayedRow[]; next: string | null }> {
  const values: unknown[] = [tx.tenant, asked.replay]
  const bind = (value: unknown) => `$${values.push(value)}`
  const where = ['tenant_id = $1', 'replay = $2']
  if (asked.kind === 'unfaithful') where.push('faithful = false')
  else if (asked.kind !== undefined) where.push(`${bind(asked.kind)} = any (kinds)`)
  const cut = asked.after?.indexOf(' ') ?? -1
  if (asked.after !== undefined && cut > 0) {
    const differs = Number(asked.after.slice(0, cut))
    if (!Number.isInteger(differs))
      throw refuse('replay-not-found', { faults: [{ path: 'after', message: 'is none' }] })
    const [most, journey] = [bind(differs), bind(asked.after.slice(cut + 1))]
    where.push(`(differs < ${most} or (differs = ${most} and journey > ${journey}))`)
  }
  const rows = await tx.query<ReplayedRow>({
    text: `select ${columns} from replay_journey where ${where.join(' and ')}${seen(values)} order by differs desc, journey limit ${page + 1}`,
    values,
  })
  const last = rows.length > page ? rows[page - 1] : undefined
  return { rows: rows.slice(0, page), next: last ? `${last.differs} ${last.journey}` : null }
}

/** One journey of a run, played once more, with the version it really ran on. Refuses one that the run has no row for. */
export async function oneReplayed(
  tx: Tx,
  { pathways, record, calendar }: Pick<Gathering, 'pathways' | 'record'> & { calendar: Calendar },
  replay: Replay,
  journey: string,
): Promise<Replayed & { subject: string; version: number | null }> {
  const [row] = await tx.query<{ subject: string; pool: AnswerPool | null }>({
    text: `select j.subject, r.pool from replay_journey j join replay r on r.tenant_id = $1 and r.id = j.replay
      where j.tenant_id = $1 and j.replay = $2 and j.journey = $3`,
    values: [tx.tenant, replay.id, journey],
  })
  const { definition } = parse(replay.source)
  if (!row || !definition)
    throw refuse('journey-not-found', { faults: [{ path: 'journey', message: 'is not in this replay' }] })
  const draft = compile(definition, replay.version ?? 0, pathways.surroundings.table).pathway
  const { from, until, assume, clinic } = replay
  const { versions: _sent, ...chunk } = await gather(
    tx,
    { pathways, record, draft, from, until, clinic: clinic ?? undefined },
    [row.subject],
  )
  const compiled = new Map(
    await Promise.all(
      chunk.journeys.map(
        async ({ pathway, version }) =>
          [`${pathway} ${version}`, await pathways.version(tx, pathway, version)] as const,
      ),
    ),
  )
  const versionOf = (pathway: string, version: number) => compiled.get(`${pathway} ${version}`) ?? draft
  for (const patient of assemble({ ...chunk, versions: [] }, draft.id, from, versionOf))
    for (const one of replayPatient(patient, draft, { from, until, calendar, assume, pool: row.pool ?? {} })) {
      if (one.journey !== journey) continue
      const version = chunk.journeys.find(({ id }) => id === journey)?.version ?? null
      return { ...one, subject: row.subject, version }
    }
  throw refuse('journey-not-found', { faults: [{ path: 'journey', message: 'the record has changed since this run' }] })
}
