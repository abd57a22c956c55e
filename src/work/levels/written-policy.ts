import type { Fault } from '../../kernel/index.ts'
import type { Calendar } from '../../pathways/index.ts'
import type { Title } from '../task-words.ts'
import type { LevelPolicy } from './level.ts'

/** A service level as people write it. */
export interface WrittenPolicy {
  id: string
  title: Title
  for: LevelPolicy['for']
  /** Minutes on the calendar's clock. */
  goal: number
  /** Percent of the goal. */
  atRisk: number
  /** `clinic`, `always`, or one of the library's own. */
  calendar: string
  /** Minutes in all for which the clock may stand still while somebody waits for the patient; 0: not at all. */
  longestPause: number
  ladder: readonly {
    /** Percent of the goal. */
    at: number
    to: string
    onCall: boolean
    /** Minutes within which somebody must say that they know; null: nobody must. */
    acknowledge: number | null
  }[]
}

const minute = 60_000

export const policyOf = (written: WrittenPolicy, calendars: Readonly<Record<string, Calendar>>): LevelPolicy => ({
  id: written.id,
  title: written.title,
  for: written.for,
  goal: written.goal * minute,
  atRisk: written.atRisk / 100,
  calendarId: written.calendar,
  calendar: written.calendar === 'always' ? undefined : calendars[written.calendar],
  longestPause: written.longestPause * minute,
  ladder: written.ladder.map(({ at, to, onCall, acknowledge }) => ({
    share: at / 100,
    to,
    onCall,
    acknowledge: acknowledge === null ? undefined : acknowledge * minute,
  })),
})

export const writtenPolicy = (policy: LevelPolicy): WrittenPolicy => ({
  id: policy.id,
  title: policy.title,
  for: policy.for,
  goal: policy.goal / minute,
  atRisk: Math.round(policy.atRisk * 100),
  calendar: policy.calendarId,
  longestPause: policy.longestPause / minute,
  ladder: policy.ladder.map(({ share, to, onCall, acknowledge }) => ({
    at: Math.round(share * 100),
    to,
    onCall,
    acknowledge: acknowledge === undefined ? null : acknowledge / minute,
  })),
})

interface Known {
  kinds: readonly string[]
  roles: readonly string[]
  services: readonly string[]
  pathways: readonly string[]
  calendars: readonly string[]
}

/** What policies name and is not there, stands there twice, comes in the wrong order or can never hold. */
export function policyFaults(policies: readonly WrittenPolicy[], known: Known): Fault[] {
  return policies.flatMap((policy, index) => {
    const faults: Fault[] = []
    const fault = (path: string, code: string, message: string) =>
      faults.push({ path: `policies.${index}.${path}`, code, message })
    if (policies.findIndex((one) => one.id === policy.id) !== index) fault('id', 'twice', `${policy.id} is there twice`)
    for (const what of ['kinds', 'services', 'pathways', 'roles'] as const)
      for (const id of policy.for[what] ?? [])
        if (!known[what].includes(id)) fault(`for.${what}`, 'unknown', `there is no ${what.slice(0, -1)} ${id}`)
    if (!known.calendars.includes(policy.calendar))
      fault('calendar', 'unknown', `there is no calendar ${policy.calendar}`)
    for (const [at, rung] of policy.ladder.entries()) {
      if (!known.roles.includes(rung.to)) fault(`ladder.${at}.to`, 'unknown', `there is no role ${rung.to}`)
      const under = policy.ladder[at - 1]
      if (under && rung.at < under.at) fault(`ladder.${at}.at`, 'order', 'comes before the rung under it')
    }
    const before = policies.slice(0, index).find((one) => covers(one, policy))
    if (before) fault('for', 'never', `never holds: ${before.id} holds for all of its tasks before it`)
    return faults
  })
}

/** Whether every task that fits the second fits the first too. */
const covers = (first: WrittenPolicy, second: WrittenPolicy): boolean =>
  (['kinds', 'services', 'pathways', 'roles', 'priorities'] as const).every((what) => {
    const [wide, narrow] = [first.for[what], second.for[what]]
    return wide === undefined || (narrow !== undefined && narrow.every((one) => wide.some((other) => other === one)))
  })
