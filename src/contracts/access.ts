import { z } from 'zod'
import { finding, localized } from './shared.ts'

/** Shapes of the API about who may see what: policies, reasons, consents, emergency access. Times are ISO 8601 in UTC. */
const time = z.iso.datetime()
const reference = z.string().regex(/^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64}$/, 'Type/id')
const patientReference = z.string().regex(/^Patient\/[A-Za-z0-9.-]{1,64}$/, 'Patient/id')
const patient = z.object({ reference: z.string(), name: z.string() })

// ── Policies ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `GET /api/access/policies`: newest first; the first one is in force. */
export const policies = z.object({
  items: z.array(z.object({ version: z.number(), note: z.string(), publishedAt: time, by: z.string() })),
})
/** `GET /api/access/policies/:version` */
export const policyVersion = z.object({ version: z.number(), source: z.string(), findings: z.array(finding) })
/** `POST /api/access/policies/check` */
export const policySource = z.object({ source: z.string().max(400_000) })
export const policyChecked = z.object({ findings: z.array(finding) })
/** `POST /api/access/policies`: comes into force with the answer. `relabelling`: labels are being set anew in the background. */
export const newPolicy = policySource.extend({ note: z.string().trim().min(1).max(500) })
export const policyPublished = z.object({ version: z.number(), changed: z.boolean(), relabelling: z.boolean() })

// ── Why can somebody (not) see something ────────────────────────────────────────────────────────────────────────────

/** `GET /api/access/why?resource=Type/id&account=…`: of oneself, or of another account for those who review access. */
export const whyQuery = z.object({ resource: reference, account: z.string().max(64).optional() })
/**
 * `allowed: null`: the asker may not see it, and is not told whether it exists. `rule` names a rule of the policy, or one of
 * `consent`, `consent-silent`, `break-glass`, `smart-scope`, `facts-missing`, `no-rule`.
 */
export const whyAccess = z.object({
  allowed: z.boolean().nullable(),
  rule: z.string().nullable(),
  sentence: localized,
  purpose: z.string(),
  facts: z.array(
    z.object({
      kind: z.enum(['role', 'relation', 'label', 'patient-label', 'consent', 'break-glass', 'hidden']),
      /** A role, a kind of relationship with what says so, a label, the Consent, the emergency access, an element. */
      value: z.string(),
    }),
  ),
  /** Whether the person's role may break the glass; said of the role alone, so that it tells nothing of the record. */
  mayBreakGlass: z.boolean(),
})

// ── Consents ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `GET /api/access/consents?patient=Patient/id`: those that are held against calls now. All of them: search Consent. */
export const consentsQuery = z.object({ patient: patientReference })
export const consents = z.object({
  /** What is taken to be agreed to by a patient who has said nothing. */
  presumed: z.array(z.string()),
  items: z.array(
    z.object({
      consent: z.string(),
      starts: time.nullable(),
      ends: time.nullable(),
      inForce: z.boolean(),
      sentence: localized,
    }),
  ),
})

// ── Emergency access ────────────────────────────────────────────────────────────────────────────────────────────────

/** `GET /api/access/break-glass/reasons`: what the dialog offers; `allowed`: whether the caller's role may at all. */
export const glassReasons = z.object({
  allowed: z.boolean(),
  minutes: z.number(),
  items: z.array(z.object({ code: z.string(), title: localized })),
})
/** `POST /api/access/break-glass`, after `POST /api/session/confirm`; without that it is refused as `confirmation-needed`. */
export const openGlass = z.object({
  patient: patientReference,
  reason: z.string().max(40),
  note: z.string().trim().min(10).max(1_000),
})
export const glass = z.object({
  id: z.string(),
  patient,
  reason: z.string(),
  note: z.string(),
  startedAt: time,
  until: time,
})
/** `GET /api/access/break-glass`: what is open to the caller now: the banner. `DELETE /api/access/break-glass/:id` ends one. */
export const myGlass = z.object({ items: z.array(glass), now: time })
/** `GET /api/access/break-glass/all?after=`: for those who review; `task` is the review's work item. */
export const allGlass = z.object({
  items: z.array(
    glass.extend({
      account: z.object({ id: z.string(), name: z.string() }),
      endedAt: time.nullable(),
      task: z.string(),
    }),
  ),
  next: z.string().nullable(),
})

export type PolicyVersions = z.infer<typeof policies>
export type PolicyVersion = z.infer<typeof policyVersion>
export type WhyAccess = z.infer<typeof whyAccess>
export type ConsentList = z.infer<typeof consents>
export type GlassReasons = z.infer<typeof glassReasons>
export type MyGlass = z.infer<typeof myGlass>
export type AllGlass = z.infer<typeof allGlass>
