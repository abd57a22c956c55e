import type { LogEntry } from '../state.ts'

/** What a row of a comparison is about. */
export type Subject =
  | 'task'
  | 'message'
  | 'request'
  | 'automation'
  | 'call'
  | 'pathway'
  | 'wait'
  | 'escalation'
  | 'stage'
  | 'end'

/** How one differs from the other: `slower` and `faster` say when it was done, `later` and `earlier` when it was asked. */
export type Change = 'added' | 'removed' | 'later' | 'earlier' | 'due' | 'whom' | 'outcome' | 'slower' | 'faster'

/** One thing that was asked, waited for or reached in one run of a journey. Times in milliseconds. */
export interface Side {
  at: number
  /** A role, a recipient, a kind of request. */
  whom: string | null
  due: number | null
  doneAt: number | null
  outcome: string | null
  /** Whether its answer is assumed. */
  assumed: boolean
  /** Place in the log of the line that opened it. */
  line: number
}

export interface Difference {
  what: Subject
  step: string | null
  n: number
  changes: Change[]
  before: Side | null
  after: Side | null
}

interface Row {
  what: Subject
  step: string | null
  n: number
  side: Side
}

/** Rows that two logs can be held beside each other by. */
export function rowsOf(log: readonly LogEntry[]): Map<string, Row> {
  const rows = new Map<string, Row>()
  const open = new Map<string, Row>()
  const stages = new Map<string, number>()
  const put = (key: string, what: Subject, entry: LogEntry, line: number, whom: string | null): Row => {
    const { due } = entry.data
    const side: Side = {
      at: entry.at,
      whom,
      due: typeof due === 'number' ? due : null,
      doneAt: null,
      outcome: null,
      assumed: false,
      line,
    }
    const row = { what, step: entry.step, n: entry.n, side }
    rows.set(key, row)
    return row
  }
  for (const [line, entry] of log.entries()) {
    const { kind, step, n, rule, data } = entry
    const place = `${step}#${n}`
    switch (kind) {
      case 'opened': {
        const way = /\.fallback\.\d+$/.exec(rule)?.[0] ?? ''
        open.set(place, put(`task ${place}${way}`, 'task', entry, line, text(data['role'])))
        break
      }
      case 'asked': {
        const what = asking(rule)
        open.set(place, put(`${what} ${place}`, what, entry, line, whomOf(data)))
        break
      }
      case 'waiting':
        open.set(place, put(`wait ${place}`, 'wait', entry, line, null))
        break
      case 'escalated':
        put(`escalation ${place} ${data['share']}`, 'escalation', entry, line, text(data['role']))
        break
      case 'stage': {
        const name = String(data['stage'])
        const times = (stages.get(name) ?? 0) + 1
        stages.set(name, times)
        put(`stage ${name} ${times}`, 'stage', entry, line, name)
        break
      }
      case 'done':
      case 'withdrawn': {
        const row = open.get(place)
        open.delete(place)
        if (!row) break
        row.side.doneAt = entry.at
        row.side.outcome = kind === 'done' ? String(data['outcome']) : 'withdrawn'
        row.side.assumed = entry.event.startsWith('assumed/')
        break
      }
      case 'cancelled':
      case 'ended':
        put('end', 'end', entry, line, null).side.outcome = String(data['outcome'])
        break
      case 'started':
      case 'skipped':
      case 'missed':
      case 'set':
      case 'added':
      case 'paused':
      case 'resumed':
        break
    }
  }
  return rows
}

const text = (value: LogEntry['data'][string] | undefined): string | null => (typeof value === 'string' ? value : null)

function asking(rule: string): Subject {
  const kind = rule.slice(rule.lastIndexOf('.') + 1)
  switch (kind) {
    case 'message':
    case 'form':
      return 'message'
    case 'call':
      return 'call'
    case 'start':
      return 'pathway'
    case 'decide':
      return 'automation'
    default:
      return 'request'
  }
}

function whomOf(data: LogEntry['data']): string | null {
  if (typeof data['template'] === 'string') return `${data['to']} ${data['template']}`
  return text(data['resource'] ?? data['pathway'] ?? data['connector'] ?? data['automation'] ?? null)
}

/** What differs between two logs of a journey, by step and occurrence, in order of time. */
export function differences(before: readonly LogEntry[], after: readonly LogEntry[]): Difference[] {
  const [left, right] = [rowsOf(before), rowsOf(after)]
  const found: Difference[] = []
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const [a, b] = [left.get(key), right.get(key)]
    const changes = changesOf(a?.side, b?.side)
    const row = a ?? b
    if (row && changes.length > 0)
      found.push({
        what: row.what,
        step: row.step,
        n: row.n,
        changes,
        before: a?.side ?? null,
        after: b?.side ?? null,
      })
  }
  return found.toSorted((a, b) => timeOf(a) - timeOf(b) || lineOf(a) - lineOf(b))
}

const timeOf = ({ before, after }: Difference): number =>
  Math.min(before?.at ?? Number.POSITIVE_INFINITY, after?.at ?? Number.POSITIVE_INFINITY)
const lineOf = ({ before, after }: Difference): number => after?.line ?? before?.line ?? 0

function changesOf(before: Side | undefined, after: Side | undefined): Change[] {
  if (!before) return after ? ['added'] : []
  if (!after) return ['removed']
  const changes: Change[] = []
  if (after.at !== before.at) changes.push(after.at > before.at ? 'later' : 'earlier')
  // A due time that moved with its opening is no news of its own.
  else if (after.due !== before.due) changes.push('due')
  if (after.whom !== before.whom) changes.push('whom')
  if (after.outcome !== before.outcome) changes.push('outcome')
  const [was, is] = [tookOf(before), tookOf(after)]
  if (was !== is) changes.push(is > was ? 'slower' : 'faster')
  return changes
}

const tookOf = ({ at, doneAt }: Side): number => (doneAt === null ? Number.POSITIVE_INFINITY : doneAt - at)
