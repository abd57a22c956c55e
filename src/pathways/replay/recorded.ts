import type { CompiledPathway } from '../compile.ts'
import type { JourneyEvent, LogEntry, ResourceChange } from '../state.ts'

/** One version of a resource as the record keeps it. */
export interface RecordedChange {
  /** `Type/id/version`: the id of its event. */
  id: string
  /** Its place among all changes of the record. */
  order: number
  /** When it was known here, in milliseconds: nothing may use it before. */
  knownAt: number
  change: ResourceChange
}

export type StartEvent = JourneyEvent & { kind: 'start' }

/** One journey as it was: the version it ran on, what began it, its log so far, and the changes of its patient's record. */
export interface RecordedJourney {
  pathway: CompiledPathway
  start: StartEvent
  /** When what began it was known. */
  knownAt: number
  log: readonly LogEntry[]
  /** In the record's order; those before `after` are none of its news. */
  changes: readonly RecordedChange[]
  after: number
}

/** News for a journey, in the order and at the moments in which they came. */
export interface News {
  rank: number
  at: number
  knownAt: number
  event: JourneyEvent
  /** The occurrence of a step that it answered. */
  place: string | undefined
}

export interface Answer extends News {
  /** Milliseconds from the opening of its step to the answer. */
  took: number
  /** The effect's key that it answered. */
  key: string
  /** Whether it also comes as news, since others than this journey's own step may want it. */
  news: boolean
}

/** A recorded journey sorted out: what came, what was answered, and in which order its timers fired. */
export interface Arranged {
  news: News[]
  answers: Map<string, Answer>
  /** `timer@due` of the timers that fired, with their ranks. */
  timers: Map<string, number>
  /** Every occurrence of a step that somebody was asked for, answered or not. */
  asked: Set<string>
  /** Events that the log speaks of and that the record does not have any more. */
  missing: string[]
}

/** One occurrence of a step; of a message, one way of its fallback. */
export const placeOf = (step: string, n: number, fallback: number | undefined): string =>
  `${step}#${n}.${fallback ?? ''}`

const ownWork = new Set(['Task', 'Communication'])
const changeId = /^[A-Z][A-Za-z]+\/[^/]+\/\d+$/

/** Ids of the record's changes that a log speaks of. */
export const citedBy = (log: readonly Pick<LogEntry, 'event'>[]): string[] => [
  ...new Set(log.flatMap(({ event }) => (changeId.test(event) ? [event] : []))),
]

interface Group {
  id: string
  lines: LogEntry[]
}

/** Lines of the log by the event that led to them, in order. */
function groupsOf(log: readonly LogEntry[]): Group[] {
  const groups = new Map<string, Group>()
  for (const line of log) {
    const group = groups.get(line.event)
    if (group) group.lines.push(line)
    else groups.set(line.event, { id: line.event, lines: [line] })
  }
  return [...groups.values()]
}

/**
 * Sorts a recorded journey out. The log tells the order of what moved the journey; what left no line in it came in the
 * record's order between them.
 */
export function arrange({ start, log, changes, after }: RecordedJourney): Arranged {
  const known = new Map(changes.map((one) => [one.id, one]))
  const cited = new Set(citedBy(log))
  const quiet = changes.filter(
    ({ id, order, change: { resource } }) =>
      order > after &&
      !cited.has(id) &&
      // What the engine of the past made is no news to another.
      !(ownWork.has(resource.resourceType) && resource.id?.startsWith(`${start.journey}.`)),
  )
  const arranged: Arranged = { news: [], answers: new Map(), timers: new Map(), asked: new Set(), missing: [] }
  const open = new Map<string, { key: string; since: number; place: string }>()
  let rank = 0
  let at = start.at
  let next = 0
  const emit = (one: RecordedChange, place?: string): News => {
    at = Math.max(at, one.knownAt)
    rank += 1
    const event: JourneyEvent = { id: one.id, at, kind: 'change', change: one.change }
    return { rank, at, knownAt: one.knownAt, event, place }
  }
  const emitQuiet = (until: (one: RecordedChange) => boolean) => {
    for (let one = quiet[next]; one && until(one); one = quiet[next]) {
      arranged.news.push(emit(one))
      next += 1
    }
  }

  for (const [index, { id, lines }] of groupsOf(log).entries()) {
    const [line] = lines
    if (!line) continue
    const change = known.get(id)
    if (index > 0) {
      if (change) emitQuiet((one) => one.order < change.order)
      // The runtime takes a change before the timers of its millisecond; what ended another journey came here first too.
      else if (id.startsWith('act/')) emitQuiet((one) => one.knownAt < line.at)
      else emitQuiet((one) => one.knownAt <= line.at)
    }
    at = Math.max(at, line.at)
    rank += 1
    const answered = answeredBy(lines, open)
    if (id.startsWith('timer/')) arranged.timers.set(timerOf(id, start.journey), rank)
    else if (index > 0 && change) {
      // Used when the log says, which is before it was known only if somebody has looked ahead.
      const event: JourneyEvent = { id, at: line.at, kind: 'change', change: change.change }
      const one: News = { rank, at: line.at, knownAt: change.knownAt, event, place: answered?.place }
      const own = answered !== undefined && change.change.resource.id === answered.key
      if (answered)
        arranged.answers.set(answered.place, {
          ...one,
          took: line.at - answered.since,
          key: answered.key,
          news: !own,
        })
      if (!own) arranged.news.push(one)
    } else if (index > 0) {
      const event = eventOf(id, line, lines, answered?.key)
      const one = event && { rank, at: line.at, knownAt: line.at, event, place: answered?.place }
      if (!one) arranged.missing.push(id)
      else if (event.kind === 'child' && answered)
        arranged.answers.set(answered.place, {
          ...one,
          took: line.at - answered.since,
          key: answered.key,
          news: false,
        })
      else arranged.news.push(one)
    }
    keepOpen(lines, open, arranged.asked)
  }
  emitQuiet(() => true)
  return arranged
}

/** The occurrence that an event has answered: one whose asking is in the log, and that this event ended or sent on. */
function answeredBy(
  lines: readonly LogEntry[],
  open: ReadonlyMap<string, { key: string; since: number; place: string }>,
) {
  for (const { kind, step, n, data } of lines) {
    const asked = step === null ? undefined : open.get(`${step}#${n}`)
    const sentOn = kind === 'opened' && data['way'] !== undefined
    // A person's skip, and what came too late, are no answers.
    if (asked && (sentOn || kind === 'done') && !lines.some((one) => one.step === step && endings.has(one.kind)))
      return asked
  }
  return undefined
}
const endings = new Set<LogEntry['kind']>(['skipped', 'missed'])

function keepOpen(
  lines: readonly LogEntry[],
  open: Map<string, { key: string; since: number; place: string }>,
  asked: Set<string>,
): void {
  for (const { kind, step, n, at, rule, data } of lines) {
    if (step === null) continue
    const key = data['effect']
    if ((kind === 'opened' || kind === 'asked') && typeof key === 'string') {
      const fallback = /\.fallback\.(\d+)$/.exec(rule)?.[1]
      const place = placeOf(step, n, fallback === undefined ? undefined : Number(fallback))
      open.set(`${step}#${n}`, { key, since: at, place })
      asked.add(place)
    } else if (kind === 'done' || kind === 'withdrawn') open.delete(`${step}#${n}`)
  }
}

/** `timer@due` of a timer's event. */
function timerOf(id: string, journey: string): string {
  const text = id.slice(`timer/${journey}/`.length)
  const cut = text.lastIndexOf('/')
  return `${text.slice(0, cut)}@${text.slice(cut + 1)}`
}

const acts = { paused: 'pause', resumed: 'resume', skipped: 'skip', added: 'add', cancelled: 'cancel' } as const

/** What is no change of the record: a person's act, and the end of a journey that this one began. */
function eventOf(
  id: string,
  { at }: LogEntry,
  lines: readonly LogEntry[],
  child: string | undefined,
): JourneyEvent | undefined {
  const ended = child === undefined ? undefined : lines.find((line) => line.kind === 'done')
  if (child !== undefined && ended && id === `${child}/ended`)
    return { id, at, kind: 'child', key: child, outcome: String(ended.data['outcome']) }
  const line = lines.find((one) => one.kind in acts && one.data['by'] !== undefined)
  if (!line) return undefined
  const act = acts[line.kind as keyof typeof acts]
  const by = String(line.data['by'])
  const reason = String(line.data['reason'] ?? '')
  if (act === 'skip' || act === 'add')
    return line.step === null ? undefined : { id, at, kind: 'act', act: { do: act, step: line.step }, by, reason }
  return { id, at, kind: 'act', act: { do: act }, by, reason }
}
