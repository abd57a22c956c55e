import type {
  Appointment,
  Communication,
  Encounter,
  EpisodeOfCare,
  Observation,
  Reference,
  Resource,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes'
import { rankOf } from '../task-words.ts'

export const matterLists = ['referrals', 'results', 'no-next-step', 'unreachable', 'messages'] as const
export type MatterList = (typeof matterLists)[number]

/** Something that waits for somebody. Times in milliseconds. */
export interface Matter {
  list: MatterList
  type: Resource['resourceType']
  id: string
  /** `Patient/…` */
  patient: string
  /** 0 stat … 3 routine. */
  rank: number
  due: number
  since: number
  /** References that answers may name: its own, and what it is based on. */
  about: string[]
  /** It waits anew from `since` on, whatever answered it before. */
  renewed: boolean
}

/** What a resource says of another that may answer it. */
export interface Fact {
  reference: string
  kind: 'visit' | 'result' | 'done' | 'reply' | 'reached' | 'care' | 'planned'
  at: number
  /** Whoever says it, when it is not the resource itself: of such facts the latest stands for all. */
  saidBy?: string
}

export interface Told {
  matters: Matter[]
  facts: Fact[]
  /** Patients whose next step may be another one now. */
  patients: string[]
}

const hour = 3_600_000
const day = 24 * hour

/**
 * How long each may wait, by its rank from stat to routine, where the resource names no time itself. A referral's visit;
 * a result's acknowledgement; a reply to a message.
 */
const allowed: Readonly<Record<'referrals' | 'results' | 'messages', readonly number[]>> = {
  referrals: [day, 3 * day, 7 * day, 28 * day],
  results: [hour, 4 * hour, day, 2 * day],
  messages: [hour, 4 * hour, 8 * hour, day],
}
const allowance = (list: keyof typeof allowed, rank: number): number => allowed[list][rank] ?? day

const referenceOf = (one: Reference | undefined): string[] => {
  const found = /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}/.exec(one?.reference ?? '')?.[0]
  return found === undefined ? [] : [found]
}
const referencesOf = (some: readonly Reference[] | undefined): string[] => (some ?? []).flatMap(referenceOf)
const patientOf = (one: Reference | undefined): string | undefined =>
  referenceOf(one).find((reference) => reference.startsWith('Patient/'))
const list = <T>(one: T | undefined): T[] => (one === undefined ? [] : [one])
const timeOf = (...times: (string | undefined)[]): number => {
  const at = Date.parse(times.find((time) => time !== undefined && !Number.isNaN(Date.parse(time))) ?? '')
  return Number.isNaN(at) ? 0 : at
}

const nothing = (): Told => ({ matters: [], facts: [], patients: [] })

/** http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation: what somebody must see, and what at once. */
const critical = new Set(['AA', 'HH', 'LL'])
const abnormal = new Set(['A', 'H', 'L', 'POS', 'DET', 'R'])

/** Snomed CT "Patient referral": a request that somebody be seen. */
const referralCode = '3457005'

const tellers: { [K in Resource['resourceType']]?: (resource: never) => Told } = {
  ServiceRequest(request: ServiceRequest): Told {
    const patient = patientOf(request.subject)
    if (patient === undefined || request.status !== 'active') return { ...nothing(), patients: list(patient) }
    const own = `ServiceRequest/${request.id}`
    const at = timeOf(request.authoredOn, request.meta?.lastUpdated)
    const rank = rankOf(request)
    const due = timeOf(request.occurrenceDateTime, request.occurrencePeriod?.end)
    const isReferral = request.category?.some(({ coding }) => coding?.some(({ code }) => code === referralCode))
    return {
      matters: isReferral
        ? [
            {
              list: 'referrals',
              type: 'ServiceRequest',
              id: request.id ?? '',
              patient,
              rank,
              due: due > 0 ? due : at + allowance('referrals', rank),
              since: at,
              about: [own],
              renewed: false,
            },
          ]
        : [],
      facts: [{ reference: patient, kind: 'care', at }],
      patients: [patient],
    }
  },
  EpisodeOfCare({ status, patient: subject, period, meta }: EpisodeOfCare): Told {
    const patient = patientOf(subject)
    if (patient === undefined || status !== 'active') return { ...nothing(), patients: list(patient) }
    const at = timeOf(period?.start, meta?.lastUpdated)
    return { matters: [], facts: [{ reference: patient, kind: 'care', at }], patients: [patient] }
  },
  Appointment({ status, basedOn, participant, start, end, meta }: Appointment): Told {
    const patients = participant.flatMap(({ actor }) => list(patientOf(actor)))
    if (!['pending', 'booked', 'arrived', 'checked-in', 'fulfilled'].includes(status)) return { ...nothing(), patients }
    const at = timeOf(meta?.lastUpdated)
    const ends = timeOf(end, start)
    return {
      matters: [],
      facts: [
        ...referencesOf(basedOn).map((reference): Fact => ({ reference, kind: 'visit', at })),
        ...(ends > 0 && status !== 'fulfilled'
          ? patients.map((reference): Fact => ({ reference, kind: 'planned', at: ends }))
          : []),
      ],
      patients,
    }
  },
  Encounter({ status, basedOn, subject, meta }: Encounter): Told {
    const patients = list(patientOf(subject))
    if (status === 'cancelled' || status === 'entered-in-error') return { ...nothing(), patients }
    const at = timeOf(meta?.lastUpdated)
    return {
      matters: [],
      facts: referencesOf(basedOn).map((reference): Fact => ({ reference, kind: 'visit', at })),
      patients,
    }
  },
  Observation(observation: Observation): Told {
    const { status, basedOn, subject, interpretation, meta } = observation
    const patient = patientOf(subject)
    const orders = referencesOf(basedOn)
    if (patient === undefined || !['final', 'amended', 'corrected'].includes(status)) return nothing()
    const codes = (interpretation ?? []).flatMap(({ coding }) => (coding ?? []).flatMap(({ code }) => code ?? []))
    const rank = codes.some((code) => critical.has(code)) ? 0 : 2
    const at = timeOf(meta?.lastUpdated)
    return {
      matters: codes.some((code) => critical.has(code) || abnormal.has(code))
        ? [
            {
              list: 'results',
              type: 'Observation',
              id: observation.id ?? '',
              patient,
              rank,
              due: at + allowance('results', rank),
              since: at,
              about: [`Observation/${observation.id}`, ...orders],
              renewed: true,
            },
          ]
        : [],
      facts: orders.map((reference): Fact => ({ reference, kind: 'result', at })),
      patients: orders.length > 0 ? [patient] : [],
    }
  },
  Communication(message: Communication): Told {
    const { status, sender, subject, recipient, sent, received, inResponseTo, meta } = message
    const at = timeOf(sent, received, meta?.lastUpdated)
    const from = referenceOf(sender)[0]
    if (from !== undefined && /^(?:Patient|RelatedPerson)\//.test(from)) {
      const patient = patientOf(subject) ?? patientOf(sender)
      const rank = rankOf(message)
      return patient === undefined || !['in-progress', 'completed'].includes(status)
        ? nothing()
        : {
            matters: [
              {
                list: 'messages',
                type: 'Communication',
                id: message.id ?? '',
                patient,
                rank,
                due: at + allowance('messages', rank),
                since: at,
                about: [`Communication/${message.id}`],
                renewed: false,
              },
            ],
            facts: [],
            patients: [],
          }
    }
    const patient = patientOf(subject)
    const toPatient =
      referencesOf(recipient).some((one) => one === patient) ||
      message.extension?.some(({ url, valueString }) => url === 'urn:throughline:to' && valueString === 'patient')
    const sends = status === 'completed' || status === 'in-progress' || status === 'preparation'
    const facts: Fact[] = sends
      ? referencesOf(inResponseTo).map(
          (reference): Fact => ({ reference, kind: 'reply', at: timeOf(meta?.lastUpdated) }),
        )
      : []
    if (patient === undefined || !toPatient) return { ...nothing(), facts }
    if (status === 'completed')
      return { ...nothing(), facts: [...facts, { reference: patient, kind: 'reached', at, saidBy: 'Communication' }] }
    const lost =
      (status === 'not-done' && message.statusReason?.text === 'no channel reaches the recipient') ||
      (status === 'stopped' && message.statusReason?.text === 'delivery failed')
    const failed = timeOf(meta?.lastUpdated)
    return {
      ...nothing(),
      facts,
      matters: lost
        ? [
            {
              list: 'unreachable',
              type: 'Patient',
              id: patient.slice('Patient/'.length),
              patient,
              rank: rankOf(message),
              due: failed,
              since: failed,
              about: [patient],
              renewed: true,
            },
          ]
        : [],
    }
  },
  Task({ status, focus, authoredOn, meta, for: subject }: Task): Told {
    const at = timeOf(authoredOn, meta?.lastUpdated)
    return {
      matters: [],
      facts:
        status === 'completed' ? referenceOf(focus).map((reference): Fact => ({ reference, kind: 'done', at })) : [],
      patients: list(patientOf(subject)),
    }
  },
}

export const tellingTypes = Object.keys(tellers) as Resource['resourceType'][]

/** What a resource as it stands says of what waits; nothing for one that is gone. */
export const toldBy = (resource: Resource | undefined): Told =>
  (resource && tellers[resource.resourceType]?.(resource as never)) ?? nothing()
