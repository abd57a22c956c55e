import type { Questionnaire } from '@medplum/fhirtypes'
import type { Tx } from '../../db/index.ts'
import type { FhirRecord } from '../../fhir/index.ts'

/** All versions of a form, the newest first. Versions are whole numbers here; those of others are put in order as texts. */
export async function versionsOf(tx: Tx, record: FhirRecord, url: string): Promise<Questionnaire[]> {
  const { resources } = await record.search(tx, 'Questionnaire', new URLSearchParams({ url, _count: '200' }))
  return resources
    .flatMap((one) => (one.resourceType === 'Questionnaire' ? [one] : []))
    .toSorted((a, b) => byNumber(b.version, a.version))
}

const byNumber = (a = '', b = ''): number => Number(a) - Number(b) || a.localeCompare(b)

/** The Questionnaire that a canonical names: that very version, or the newest that is active. */
export async function findForm(tx: Tx, record: FhirRecord, canonical: string): Promise<Questionnaire | undefined> {
  const [url = '', version] = canonical.split('|')
  const versions = await versionsOf(tx, record, url)
  return version === undefined
    ? versions.find((one) => one.status === 'active')
    : versions.find((one) => one.version === version)
}

/** `url|version`; the url alone of a form without versions. */
export const canonicalOf = ({ url = '', version }: Questionnaire): string =>
  version === undefined ? url : `${url}|${version}`

/**
 * What a pathway may name: every active form by its url, and each version by `url|version`. A draft of a form goes live with
 * the pathway that names it.
 */
export async function formsToName(tx: Tx, record: FhirRecord): Promise<string[]> {
  const rows = await record.search(
    tx,
    'Questionnaire',
    new URLSearchParams({ status: 'active,retired,draft', _count: '1000' }),
  )
  return rows.resources.flatMap((one) =>
    one.resourceType !== 'Questionnaire' || one.url === undefined
      ? []
      : [canonicalOf(one), ...(one.status === 'active' ? [one.url] : [])],
  )
}
