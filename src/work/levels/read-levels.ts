import { z } from 'zod'
import type { Fault } from '../../kernel/index.ts'
import { type Calendar, calendarSchema } from '../../pathways/index.ts'
import type { LevelPolicy } from './level.ts'

const id = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/)
const title = z.strictObject({ en: z.string().min(1), fr: z.string().min(1) })
const units: Readonly<Record<string, number>> = { min: 60_000, h: 3_600_000 }

/** A time on a policy's clock: days would be of different lengths on different clocks. */
const clockTime = z.string().transform((text, issues) => {
  const [, amount = '', unit = ''] = /^([1-9]\d{0,3}) (min|h)$/.exec(text) ?? []
  const length = Number(amount) * (units[unit] ?? 0)
  if (length > 0) return length
  issues.addIssue({ code: 'custom', message: 'a time such as 30 min or 4 h' })
  return z.NEVER
})
const share = z.string().transform((text, issues) => {
  const [, percent] = /^([1-9]\d?|[1-4]\d\d) ?%$/.exec(text) ?? []
  if (percent !== undefined) return Number(percent) / 100
  issues.addIssue({ code: 'custom', message: 'a share of the goal such as 80 %' })
  return z.NEVER
})

export const levelsSchema = z.strictObject({
  /** Hours besides the clinic's own, by name. */
  calendars: z.record(id, calendarSchema).default({}),
  policies: z.array(
    z.strictObject({
      id,
      title,
      for: z.strictObject({
        kinds: z.array(id).min(1).optional(),
        services: z.array(id).min(1).optional(),
        pathways: z.array(id).min(1).optional(),
        roles: z.array(id).min(1).optional(),
        priorities: z
          .array(z.enum(['routine', 'urgent', 'asap', 'stat']))
          .min(1)
          .optional(),
      }),
      goal: clockTime,
      'at-risk': share.refine((one) => one <= 1, 'at most 100 %'),
      calendar: id,
      'longest-pause': clockTime.optional(),
      ladder: z
        .array(
          z.strictObject({
            at: share,
            to: id,
            'on-call': z.boolean().default(false),
            acknowledge: clockTime.optional(),
          }),
        )
        .max(6)
        .default([]),
    }),
  ),
})
type Levels = z.output<typeof levelsSchema>

/** What a file of service levels names and does not have, has twice, or has in the wrong order. */
export function levelFaults(
  { calendars, policies }: Levels,
  known: { kinds: readonly string[]; roles: readonly string[] },
  file: string,
): Fault[] {
  return policies.flatMap((policy, index) => {
    const path = `${file}:policies.${index}`
    const faults: Fault[] = []
    if (policies.findIndex((one) => one.id === policy.id) !== index)
      faults.push({ path: `${path}.id`, message: `${policy.id} is there twice` })
    for (const kind of policy.for.kinds ?? [])
      if (!known.kinds.includes(kind)) faults.push({ path: `${path}.for.kinds`, message: `there is no kind ${kind}` })
    for (const role of policy.for.roles ?? [])
      if (!known.roles.includes(role)) faults.push({ path: `${path}.for.roles`, message: `there is no role ${role}` })
    if (policy.calendar !== 'clinic' && policy.calendar !== 'always' && !calendars[policy.calendar])
      faults.push({ path: `${path}.calendar`, message: `there is no calendar ${policy.calendar}` })
    for (const [at, rung] of policy.ladder.entries()) {
      const under = policy.ladder[at - 1]
      if (!known.roles.includes(rung.to))
        faults.push({ path: `${path}.ladder.${at}.to`, message: `there is no role ${rung.to}` })
      if (under && rung.at < under.at)
        faults.push({ path: `${path}.ladder.${at}.at`, message: 'comes before the rung under it' })
    }
    return faults
  })
}

/** The policies of a checked file, in their order; `clinic` is the calendar that they call so. */
export const policiesOf = ({ calendars, policies }: Levels, clinic: Calendar): LevelPolicy[] =>
  policies.map((policy) => ({
    id: policy.id,
    title: policy.title,
    for: policy.for,
    goal: policy.goal,
    atRisk: policy['at-risk'],
    calendarId: policy.calendar,
    calendar:
      policy.calendar === 'always' ? undefined : policy.calendar === 'clinic' ? clinic : calendars[policy.calendar],
    longestPause: policy['longest-pause'] ?? 0,
    ladder: policy.ladder.map((rung) => ({
      share: rung.at,
      to: rung.to,
      onCall: rung['on-call'],
      acknowledge: rung.acknowledge,
    })),
  }))
