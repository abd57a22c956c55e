import { addDuration, type ContactBudget, nextAt, onClock } from '../pathways/index.ts'

/** A message to a patient that has left, or will. */
export interface Contact {
  message: string
  /** Milliseconds. */
  at: number
  reminder: boolean
}

export interface ContactPlan {
  /** When it may leave; undefined when there is no room for it at all. */
  at: number | undefined
  /** Why not at once. */
  held?: 'quiet' | 'daily' | 'weekly' | 'gathered'
  /** The reminder that it leaves with. */
  mergeInto?: string
}

const week = 7 * 86_400_000

/**
 * When a patient may be told something, given all that they have been told and will be. An urgent message leaves at once.
 * Others leave outside the quiet hours of the patient's zone, at most `daily` a local day and `weekly` in any seven days,
 * at the first moment that satisfies all three. A reminder first waits for others, and leaves with one that is waiting.
 */
export function planContact(
  budget: ContactBudget,
  contacts: readonly Contact[],
  asked: { now: number; zone: string; budget: 'urgent' | 'reminder' | undefined },
): ContactPlan {
  const { now, zone } = asked
  if (asked.budget === 'urgent') return { at: now }
  const calendar = { zone, hours: {}, holidays: [] }
  const reminder = asked.budget === 'reminder'
  const gathered = reminder && budget.gather ? addDuration(calendar, now, budget.gather) : now
  const first = afterQuiet(budget, gathered, zone)
  const waiting = contacts.find((one) => reminder && one.reminder && one.at > now && one.at <= first)
  if (waiting) return { at: waiting.at, held: 'gathered', mergeInto: waiting.message }

  const latest = addDuration(calendar, now, budget.longest)
  let held: ContactPlan['held'] = first > gathered ? 'quiet' : gathered > now ? 'gathered' : undefined
  for (let at = first; at <= latest; at = afterQuiet(budget, onClock(zone, at, '00:00', 1), zone)) {
    const full = fullAt(budget, contacts, at, zone)
    if (full === undefined) return held === undefined ? { at } : { at, held }
    held = full
  }
  return { at: undefined, ...(held === undefined ? {} : { held }) }
}

function afterQuiet({ quiet }: ContactBudget, time: number, zone: string): number {
  if (!quiet) return time
  const [from, to] = quiet
  const [starts, ends] = [onClock(zone, time, from), onClock(zone, time, to)]
  const hushed = from < to ? time >= starts && time < ends : time >= starts || time < ends
  return hushed ? nextAt(zone, time, to) : time
}

/** Which cap one more message at `at` would pass. */
function fullAt(
  { daily, weekly }: ContactBudget,
  contacts: readonly Contact[],
  at: number,
  zone: string,
): 'daily' | 'weekly' | undefined {
  if (daily !== undefined) {
    const [start, end] = [onClock(zone, at, '00:00'), onClock(zone, at, '00:00', 1)]
    if (contacts.filter((one) => one.at >= start && one.at < end).length >= daily) return 'daily'
  }
  if (weekly === undefined) return undefined
  // It counts in every seven days that end at itself or at one that is to leave in the week after it.
  const ends = [at, ...contacts.flatMap((one) => (one.at > at && one.at < at + week ? [one.at] : []))]
  const crowded = ends.some((end) => contacts.filter((one) => one.at > end - week && one.at <= end).length >= weekly)
  return crowded ? 'weekly' : undefined
}
