import type { ActivityDefinition, ChargeItemDefinition, Coding, Extension, Resource } from '@medplum/fhirtypes'
import { codeSystems, feeSystems, serviceDefinition, type ServiceDefinition } from '../../contracts/index.ts'
import { systemUri } from './codes.ts'
import { menuWords } from './words.ts'

/** A version of a service as the record has it. */
export interface StoredService {
  id: string
  version: number
  status: 'draft' | 'active' | 'retired'
  date: string | undefined
  /** Version of the ActivityDefinition. */
  stored: number
  definition: ServiceDefinition
}

const french = (extension: readonly Extension[] | undefined): string | undefined =>
  extension
    ?.find((one) => one.extension?.some(({ url, valueCode }) => url === 'lang' && valueCode === 'fr') === true)
    ?.extension?.find(({ url }) => url === 'content')?.valueString

/** A text of a resource in both languages: what another system wrote has one for both. */
function both(resource: Resource, element: 'title' | 'description'): { en: string; fr: string } | undefined {
  const fields = resource as unknown as Record<string, unknown>
  const en = fields[element]
  const beside = fields[`_${element}`] as { extension?: Extension[] } | undefined
  return typeof en === 'string' ? { en, fr: french(beside?.extension) ?? en } : undefined
}

const codesIn = (codings: readonly Coding[] | undefined): ServiceDefinition['codes'] =>
  (codings ?? []).flatMap(({ system, code }) => {
    const known = codeSystems.find((one) => systemUri[one] === system)
    return known !== undefined && code !== undefined ? [{ system: known, code }] : []
  })

/** Reads a service's version from its definitions; undefined when they are none of ours, or others changed them out of shape. */
export function serviceFrom(
  activity: ActivityDefinition,
  charge: ChargeItemDefinition | undefined,
): StoredService | undefined {
  const service = activity.identifier?.find(({ system }) => system === menuWords.service)?.value
  const status = activity.status
  if (service === undefined || status === 'unknown') return undefined
  const extensions = activity.extension ?? []
  const values = <T>(url: string, take: (one: Extension) => T | undefined): T[] =>
    extensions.flatMap((one) => (one.url === url ? (take(one) ?? []) : [])) as T[]
  const related = (type: string) =>
    (activity.relatedArtifact ?? []).flatMap((one) => (one.type === type && one.resource ? [one.resource] : []))
  const [eligibility] = values(menuWords.eligibility, (one) => one.valueString)
  const description = both(activity, 'description')
  const parsed = serviceDefinition.safeParse({
    service,
    title: both(activity, 'title'),
    ...(description ? { description } : {}),
    minutes: activity.timingDuration?.value,
    modes: values(menuWords.mode, (one) => one.valueCode),
    codes: [
      ...codesIn(activity.useContext?.flatMap(({ valueCodeableConcept }) => valueCodeableConcept?.coding ?? [])),
      ...codesIn(activity.code?.coding),
      ...codesIn(activity.productCodeableConcept?.coding),
    ],
    fees: (charge?.code?.coding ?? []).flatMap(({ system, code, extension }) => {
      const known = feeSystems.find((one) => systemUri[one] === system)
      const where = (extension ?? []).flatMap((one) =>
        one.url === menuWords.jurisdiction ? (one.valueCode ?? []) : [],
      )
      return known === undefined ? [] : [{ system: known, code, ...(where.length > 0 ? { in: where } : {}) }]
    }),
    forms: related('depends-on'),
    pathways: related('composed-of').map((url) => url.replace(`${menuWords.pathway}:`, '')),
    ...(eligibility === undefined ? {} : { eligibility }),
    in: (activity.jurisdiction ?? []).flatMap(({ coding }) => coding?.[0]?.code ?? []),
    places: values(menuWords.place, (one) => one.valueReference?.reference?.replace('Location/', '')),
    hours: values(menuWords.hours, (one) => one.valueCode)[0],
    needs: (activity.participant ?? []).flatMap(({ role }) => {
      const kind = role?.coding?.find(({ system }) => system === menuWords.kind)?.code
      return kind === undefined ? [] : [{ kind }]
    }),
  })
  if (!parsed.success) return undefined
  return {
    id: service,
    version: Number(activity.version),
    status,
    date: activity.date,
    stored: Number(activity.meta?.versionId ?? 1),
    definition: parsed.data,
  }
}
