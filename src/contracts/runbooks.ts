import { z } from 'zod'
import { levels, scope } from './release.ts'
import { localized } from './shared.ts'

/** Shapes of the API about what to do when an automation fails: runbooks, drills, and what is done after an incident. */
const time = z.iso.datetime()
const why = z.string().trim().min(3).max(1_000)

/** A runbook is read at night: few lines, and short ones. */
const line = z.strictObject({ en: z.string().min(3).max(200), fr: z.string().min(3).max(240) })
const lines = z.array(line).min(1).max(5)
const role = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/)
export const runbookContent = z.strictObject({
  automation: z.string().regex(/^[a-z][a-z0-9-]{0,59}$/),
  /** How bad it is when it fails, and what it is then. */
  severity: z.strictObject({ level: z.enum(['low', 'medium', 'high']), because: line }),
  /** How one sees that it fails. */
  signs: lines,
  /** What goes on without it. */
  fallback: line,
  tells: z
    .array(
      z.strictObject({ who: role, whom: z.array(role).min(1).max(4), within: z.int().min(1).max(1_440), says: line }),
    )
    .min(1)
    .max(5),
  /** When it may be lifted again. */
  recovered: lines,
})

export const drill = z.object({
  id: z.string(),
  scope,
  fallbackRole: z.string(),
  reason: z.string(),
  startedAt: time,
  by: z.string(),
  until: time,
  endedAt: time.nullable(),
  /** Null while it runs. */
  result: z
    .object({
      cases: z.number(),
      reached: z.number(),
      taken: z.number(),
      slowestSeconds: z.number(),
      findings: z.array(z.enum(['too-few-cases', 'not-reached', 'too-slow', 'nobody-took-one'])),
      countsUntil: time.nullable(),
    })
    .nullable(),
})

/** `GET /api/automations/:id/runbook` */
export const runbookPage = z.object({
  automation: z.string(),
  title: localized,
  runbook: z
    .object({
      version: z.number(),
      source: z.string(),
      content: runbookContent,
      note: z.string(),
      at: time,
      by: z.string(),
    })
    .nullable(),
  drills: z.array(drill),
  /** Levels that need a passed drill which still counts. */
  gates: z.array(z.enum(levels)),
})
/** `POST /api/automations/:id/runbook` */
export const newRunbook = z.object({ source: z.string().max(20_000), note: z.string().trim().min(1).max(500) })
export const runbookKept = z.object({ version: z.number(), changed: z.boolean() })

/** `POST /api/automations/:id/drills`: in a part of the organisation, for five minutes up to four hours. */
export const newDrill = z.object({ scope, minutes: z.int().min(5).max(240), reason: why })
export const drillStarted = z.object({ id: z.string(), until: time })

export const strengths = ['strong', 'intermediate', 'weak'] as const
const action = z.object({
  id: z.string(),
  says: z.string(),
  /** How surely it works whatever people do (VA National Center for Patient Safety, action hierarchy). */
  strength: z.enum(strengths),
  owner: z.string(),
  due: z.iso.date(),
  openedAt: time,
  by: z.string(),
  closed: z.object({ at: time, by: z.string(), kind: z.enum(['test', 'metric']), watch: z.string() }).nullable(),
})
/** `GET /api/incidents/:id/actions` */
export const actionList = z.object({ items: z.array(action) })
/** `POST /api/incidents/:id/actions` */
export const newAction = z.object({
  says: z.string().trim().min(5).max(1_000),
  strength: z.enum(strengths),
  owner: role,
  due: z.iso.date(),
})
export const actionMade = z.object({ id: z.string() })
/** `POST /api/incidents/actions/:id/close`: with the test or metric, new since then, that watches for it from now on. */
export const actionClosing = z.object({ kind: z.enum(['test', 'metric']), watch: z.string().trim().min(3).max(400) })

export type RunbookContent = z.infer<typeof runbookContent>
export type RunbookPage = z.infer<typeof runbookPage>
export type Drill = z.infer<typeof drill>
export type PostmortemActions = z.infer<typeof actionList>
