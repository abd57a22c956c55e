import type { Resource } from '@medplum/fhirtypes'
import type { CompiledStep } from '../compile.ts'
import { outcomesOf } from '../model.ts'
import type { JourneyEvent, LogEntry, OpenStep } from '../state.ts'

/**
 * What a replay takes for the answer to something that nobody was asked in the past. `open`: nothing, it stays open.
 * `alike`: what was answered to the same step in another journey of the period, as long after it was asked; if there was
 * none, after such a delay of the same role, with the step's first outcome.
 */
export type Assumption = 'open' | 'alike'

export interface KnownAnswer {
  outcome: string
  /** Milliseconds from the asking. */
  took: number
}

/** Recorded answers of a period by `step name` and by `role name`; each list in order, and bounded. */
export type AnswerPool = Readonly<Record<string, readonly KnownAnswer[]>>

const most = 64

/** Gathers the answers of a period's logs: hold a sample of each kind, the same whatever order the logs come in. */
export class PoolMaker {
  readonly #found = new Map<string, { draw: number; answer: KnownAnswer }[]>()

  add(journey: string, log: readonly LogEntry[]): void {
    const open = new Map<string, { since: number; role: string | undefined }>()
    for (const { kind, step, n, at, data, event } of log) {
      if (step === null) continue
      const key = `${step}#${n}`
      if (kind === 'opened' || kind === 'asked') {
        const { role } = data
        open.set(key, { since: at, role: typeof role === 'string' ? role : undefined })
      }
      const asked = kind === 'done' ? open.get(key) : undefined
      if (!asked || event.startsWith('timer/') || event.startsWith('act/')) continue
      open.delete(key)
      const answer = { outcome: String(data['outcome']), took: at - asked.since }
      this.#keep(`step ${step}`, drawOf(`${journey} ${key}`), answer)
      if (asked.role !== undefined) this.#keep(`role ${asked.role}`, drawOf(`${journey} ${key}`), answer)
    }
  }

  /** Keeps the `most` lowest draws: which journeys they are does not depend on the order. */
  #keep(name: string, draw: number, answer: KnownAnswer): void {
    const list = this.#found.get(name) ?? []
    this.#found.set(name, list)
    list.push({ draw, answer })
    if (list.length >= 2 * most) this.#cut(list)
  }

  #cut(list: { draw: number; answer: KnownAnswer }[]): void {
    list.sort((a, b) => a.draw - b.draw || a.answer.took - b.answer.took)
    list.length = Math.min(list.length, most)
  }

  pool(): AnswerPool {
    const pool: Record<string, KnownAnswer[]> = {}
    for (const name of [...this.#found.keys()].toSorted()) {
      const list = this.#found.get(name) ?? []
      this.#cut(list)
      pool[name] = list.map(({ answer }) => answer)
    }
    return pool
  }
}

/** A number from a text, the same each time (FNV-1a, 32 bit). */
function drawOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** The assumed answer to an open step, or nothing if there is nothing to go by. */
export function assumedAnswer(
  pool: AnswerPool,
  journey: string,
  step: CompiledStep,
  open: OpenStep,
  role: string | undefined,
): { at: number; event: JourneyEvent } | undefined {
  const own = pool[`step ${step.id}`] ?? []
  const like = own.length > 0 ? own : role === undefined ? [] : (pool[`role ${role}`] ?? [])
  const known = like[drawOf(`${journey} ${step.id}#${open.n}`) % Math.max(1, like.length)]
  if (!known) return undefined
  const possible = outcomesOf(step.step)
  const outcome = possible.includes(known.outcome) || known.outcome === 'cancelled' ? known.outcome : possible[0]
  const resource = outcome === undefined ? undefined : answerAs(step, open, outcome)
  const at = open.since + known.took
  return (
    resource && {
      at,
      event: { id: `assumed/${open.key}`, at, kind: 'change', change: { interaction: 'update', resource } },
    }
  )
}

/** A resource that ends a step with an outcome; none where its content would say more than the outcome. */
export function answerAs(step: CompiledStep, open: OpenStep, outcome: string): Resource | undefined {
  const id = open.key
  switch (step.kind) {
    case 'task':
    case 'decide':
    case 'call':
      return taskAs(id, outcome)
    case 'form':
      return step.step.form?.role === undefined ? undefined : taskAs(id, outcome)
    case 'message':
      return open.fallback === undefined
        ? { resourceType: 'Communication', id, status: outcome === 'failed' ? 'not-done' : 'completed' }
        : taskAs(id, outcome)
    case 'appointment':
      return {
        resourceType: 'Appointment',
        id,
        status: outcome === 'declined' ? 'cancelled' : 'booked',
        participant: [],
      }
    case 'order':
      return step.step.order?.result === 'none'
        ? {
            resourceType: 'ServiceRequest',
            id,
            status: outcome === 'declined' ? 'revoked' : 'completed',
            intent: 'order',
            subject: {},
          }
        : undefined
    case 'start':
    case 'wait':
    case 'request':
    case 'end':
      return undefined
  }
}

const taskAs = (id: string, outcome: string): Resource => ({
  resourceType: 'Task',
  id,
  status: outcome === 'cancelled' ? 'cancelled' : outcome === 'failed' ? 'failed' : 'completed',
  intent: 'order',
  output: [{ type: { coding: [{ code: 'outcome' }] }, valueCode: outcome }],
})
