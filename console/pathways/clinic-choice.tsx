import { Checkbox, Radio } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Bundle, Location, Organization } from '@medplum/fhirtypes'
import { searchFhir } from '../api/call.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { Waiting } from '../parts/states.tsx'

const most = 200

/** The record's organisations and places, by name. */
export const clinicsQuery = {
  queryKey: ['record', 'clinics'],
  async queryFn() {
    const bundles = await Promise.all(
      (['Organization', 'Location'] as const).map((type) =>
        searchFhir<Bundle<Organization | Location>>(type, new URLSearchParams({ _count: String(most) })),
      ),
    )
    return bundles
      .flatMap(({ entry = [] }) => entry.flatMap(({ resource }) => (resource ? [resource] : [])))
      .flatMap(({ resourceType, id, name }) =>
        resourceType === 'Organization' || resourceType === 'Location'
          ? [{ reference: `${resourceType}/${id}`, name: name ?? `${resourceType}/${id}` }]
          : [],
      )
      .toSorted((a, b) => a.name.localeCompare(b.name))
  },
  staleTime: 60_000,
}

/** Undefined: all clinics; otherwise those that are chosen. */
export type ChosenClinics = readonly string[] | undefined

/** For all clinics, or for some of those that the record knows. */
export function ClinicChoice({ chosen, choose }: { chosen: ChosenClinics; choose: (clinics: ChosenClinics) => void }) {
  const { t } = useWords()
  return (
    <Radio.Group
      label={t('whereLive')}
      value={chosen === undefined ? 'all' : 'some'}
      onChange={(value) => choose(value === 'all' ? undefined : [])}
    >
      <Radio value="all" label={t('allClinics')} />
      <Radio value="some" label={t('someClinics')} />
      {chosen && <Clinics chosen={chosen} choose={choose} />}
    </Radio.Group>
  )
}

function Clinics({ chosen, choose }: { chosen: readonly string[]; choose: (clinics: ChosenClinics) => void }) {
  const { t } = useWords()
  const clinics = useQuery(clinicsQuery)
  if (clinics.isPending) return <Waiting lines={3} />
  if (!clinics.data) return <Failure error={clinics.error} retry={clinics.refetch} />
  if (clinics.data.length === 0) return <p className="quiet">{t('noClinics')}</p>
  return (
    <Checkbox.Group label={t('clinics')} value={[...chosen]} onChange={choose}>
      {clinics.data.map(({ reference, name }) => (
        <Checkbox key={reference} value={reference} label={name} />
      ))}
    </Checkbox.Group>
  )
}
