import { createHash } from 'node:crypto'
import type { CodeableConcept, Coding, Consent, ConsentProvision } from '@medplum/fhirtypes'
import { all, any, type Condition, not } from './condition.ts'

/** One provision of a Consent as it is kept: what it says beside patient and root period. Lists are alternatives; null is "any". */
export interface Provision {
  type: 'permit' | 'deny' | null
  from: number | null
  to: number | null
  actors: readonly string[] | null
  actions: readonly string[] | null
  purposes: readonly string[] | null
  labels: readonly string[] | null
  types: readonly string[] | null
  codes: readonly string[] | null
  data: { from: number | null; to: number | null } | null
  resources: readonly string[] | null
  /** It narrows itself by something that is not understood here. */
  unclear: boolean
  nested: readonly Provision[]
}

const resourceTypes = 'http://hl7.org/fhir/resource-types'
/** http://terminology.hl7.org/CodeSystem/v3-ParticipationType: the custodian is this organisation, whoever asks. */
const custodian = 'CST'

const codesOf = (concepts: readonly CodeableConcept[] | undefined): Coding[] =>
  (concepts ?? []).flatMap((concept) => concept.coding ?? [])
const token = ({ system, code }: Coding) => `${system ?? ''}|${code ?? ''}`
const orAny = <T>(list: readonly T[]): readonly T[] | null => (list.length > 0 ? list : null)

/** A FHIR date or time as the instant it begins or ends; null when absent; undefined when it cannot be read. */
function instant(time: string | undefined, edge: 'begin' | 'end'): number | null | undefined {
  if (time === undefined) return null
  const at = Date.parse(time)
  if (Number.isNaN(at)) return undefined
  if (edge === 'begin' || time.includes('T')) return at
  const end = new Date(at)
  if (time.length === 4) end.setUTCFullYear(end.getUTCFullYear() + 1)
  else if (time.length === 7) end.setUTCMonth(end.getUTCMonth() + 1)
  else end.setUTCDate(end.getUTCDate() + 1)
  return end.getTime()
}

/** The base of a consent whose root provision has no type: OPTIN and OPTOUT of http://terminology.hl7.org/CodeSystem/v3-ActCode. */
function baseOf(consent: Consent): Provision['type'] {
  const codes = (consent.policyRule?.coding ?? []).map(({ code }) => code)
  return codes.includes('OPTOUT') ? 'deny' : codes.includes('OPTIN') ? 'permit' : null
}

function read(provision: ConsentProvision, type: Provision['type'], root: boolean): Provision {
  const from = root ? null : instant(provision.period?.start, 'begin')
  const to = root ? null : instant(provision.period?.end, 'end')
  const dataFrom = instant(provision.dataPeriod?.start, 'begin')
  const dataTo = instant(provision.dataPeriod?.end, 'end')
  const actors = (provision.actor ?? []).filter(
    ({ role }) => !codesOf(role ? [role] : []).some(({ code }) => code === custodian),
  )
  const classes = provision.class ?? []
  const isType = ({ system }: Coding) => system === resourceTypes
  const data = provision.data ?? []
  return {
    type,
    from: from ?? null,
    to: to ?? null,
    actors: orAny(actors.map(({ reference }) => reference.reference ?? '')),
    actions: orAny(codesOf(provision.action).map(({ code }) => code ?? '')),
    purposes: orAny((provision.purpose ?? []).map(({ code }) => code ?? '')),
    labels: orAny((provision.securityLabel ?? []).map(({ code }) => code ?? '')),
    types: orAny(classes.filter(isType).map(({ code }) => code ?? '')),
    codes: orAny([...codesOf(provision.code), ...classes.filter((one) => !isType(one))].map(token)),
    data: provision.dataPeriod ? { from: dataFrom ?? null, to: dataTo ?? null } : null,
    resources: orAny(
      data.filter(({ meaning }) => meaning === 'instance').map(({ reference }) => reference.reference ?? ''),
    ),
    unclear:
      [from, to, dataFrom, dataTo].includes(undefined) ||
      data.some(({ meaning }) => meaning !== 'instance') ||
      // A type among other classes is "this type or that document"; read together it would be "and".
      (classes.some(isType) && classes.some((one) => !isType(one))) ||
      (provision.modifierExtension ?? []).length > 0,
    nested: (provision.provision ?? []).map((one) => read(one, one.type ?? null, false)),
  }
}

/** Consents that speak of who sees data; a consent to a treatment or an advance directive does not. */
const scopes = new Set(['patient-privacy', 'research'])

export interface KeptConsent {
  patient: string
  /** Milliseconds. */
  starts: number | null
  ends: number | null
  provision: Provision
  /** Names the provision: the same words have the same name. */
  shape: string
}

/** A Consent as it is held against calls; undefined for one that is not in force or not about privacy. */
export function keep(consent: Consent): KeptConsent | undefined {
  const patient = /^Patient\/[A-Za-z0-9.-]{1,64}$/.exec(consent.patient?.reference ?? '')?.[0]
  if (patient === undefined || consent.status !== 'active') return undefined
  if (!codesOf([consent.scope]).some(({ code }) => scopes.has(code ?? ''))) return undefined
  const provision = read(consent.provision ?? {}, consent.provision?.type ?? baseOf(consent), true)
  const starts = instant(consent.provision?.period?.start, 'begin')
  const ends = instant(consent.provision?.period?.end, 'end')
  const whole = { ...provision, unclear: provision.unclear || starts === undefined || ends === undefined }
  return {
    patient,
    starts: starts ?? null,
    ends: ends ?? null,
    provision: whole,
    shape: createHash('sha256').update(JSON.stringify(whole)).digest('base64url').slice(0, 27),
  }
}

/** Who asks, for what. */
export interface Asking {
  /** Every reference that the caller answers to. */
  who: readonly string[]
  /** Codes of http://terminology.hl7.org/CodeSystem/consentaction. */
  actions: readonly string[]
  /** Codes of v3-ActReason. */
  purposes: readonly string[]
  now: number
}

const emergencies = ['ETREAT', 'BTG']
const meets = (said: readonly string[] | null, asked: readonly string[]) =>
  said === null || said.some((one) => asked.includes(one))

/**
 * Under what condition a provision of this resource type meets the call. `widely`: what is unclear counts as met, which is
 * right for refusing; otherwise it counts as not met, which is right for permitting.
 */
function match(provision: Provision, type: string, asking: Asking, widely: boolean): Condition {
  const { from, to, data } = provision
  if (from !== null && asking.now < from) return false
  if (to !== null && asking.now >= to) return false
  // Who is in a Group is not looked up: it may be this caller.
  const perhaps = widely && provision.actors?.some((actor) => actor.startsWith('Group/')) === true
  if (!perhaps && !meets(provision.actors, asking.who)) return false
  if (!meets(provision.actions, asking.actions)) return false
  if (!meets(provision.purposes, asking.purposes)) return false
  if (!meets(provision.types, [type])) return false
  if (provision.unclear && !widely) return false
  return all(
    provision.labels === null ? true : { labels: provision.labels },
    provision.codes === null ? true : { codes: provision.codes, otherwise: widely },
    data === null ? true : { from: data.from, to: data.to, undated: widely },
    provision.resources === null ? true : { resources: provision.resources },
  )
}

/** What a consent says of the resources of a type: where it refuses, and where it permits. Where neither holds it is silent. */
export interface Word {
  refuses: Condition
  permits: Condition
}

/**
 * Nested provisions are exceptions to the one they stand in; of two that meet the call, refusing outranks permitting.
 * `absolute`: only what a provision refuses in so many words for emergencies, which is what breaking the glass respects.
 */
export function wordOf(provision: Provision, type: string, asking: Asking, absolute = false): Word {
  const inner = provision.nested.map((one) => wordOf(one, type, asking, absolute))
  const refused = any(...inner.map((one) => one.refuses))
  const permitted = any(...inner.map((one) => one.permits))
  const widely = match(provision, type, asking, true)
  const strictly = match(provision, type, asking, false)
  switch (provision.type) {
    case 'permit':
      return { refuses: all(widely, refused), permits: all(strictly, not(refused)) }
    case 'deny': {
      const named = !absolute || provision.purposes?.some((code) => emergencies.includes(code)) === true
      return {
        refuses: all(widely, any(all(named, not(permitted)), refused)),
        permits: all(strictly, permitted, not(refused)),
      }
    }
    case null:
      return { refuses: all(widely, refused), permits: all(strictly, permitted, not(refused)) }
  }
}
