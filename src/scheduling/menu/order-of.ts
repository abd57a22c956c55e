import type { ServiceRequest } from '@medplum/fhirtypes'
import { systemUri } from './codes.ts'
import type { StoredService } from './from-fhir.ts'
import { menuWords } from './words.ts'

/** Kinds of request that FHIR's example value set of service categories and referrals have, in SNOMED CT. */
const categories = ['108252007', '363679005', '387713003', '409063005', '409073007', '3457005']

/**
 * The request by which a service is begun for a patient. Its code is the service and the codes of what is done; a code that is a
 * category of requests stands there. A diagnosis is none of the request's own: those of the service are left out.
 */
export function orderOf(
  { id: service, version, definition }: StoredService,
  asked: {
    id: string
    /** `Patient/…`. */
    patient: string
    requester: { reference?: string; display: string }
    /** Milliseconds. */
    at: number
    mode: string
    /** Id of a Location. */
    place: string | undefined
    note: string | undefined
  },
): ServiceRequest & { id: string } {
  const codes = definition.codes.filter(({ system }) => system !== 'icd-10' && system !== 'icd-10-cm')
  const category = codes.filter(({ system, code }) => system === 'snomed' && categories.includes(code))
  const coding = ({ system, code }: (typeof codes)[number]) => ({ system: systemUri[system], code })
  return {
    resourceType: 'ServiceRequest',
    id: asked.id,
    instantiatesCanonical: [`${menuWords.service}:${service}|${version}`],
    status: 'active',
    intent: 'order',
    ...(category.length > 0 ? { category: category.map((one) => ({ coding: [coding(one)] })) } : {}),
    priority: 'routine',
    code: {
      coding: [
        { system: menuWords.service, code: service },
        ...definition.pathways.map((code) => ({ system: menuWords.pathway, code })),
        ...codes.filter((one) => !category.includes(one)).map(coding),
      ],
      text: definition.title.en,
    },
    orderDetail: [{ coding: [{ system: menuWords.mode, code: asked.mode }] }],
    subject: { reference: asked.patient },
    authoredOn: new Date(asked.at).toISOString(),
    requester: asked.requester,
    ...(asked.place === undefined ? {} : { locationReference: [{ reference: `Location/${asked.place}` }] }),
    ...(asked.note === undefined ? {} : { note: [{ text: asked.note }] }),
  }
}
