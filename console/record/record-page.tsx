import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useRouterState } from '@tanstack/react-router'
import { capabilityQuery } from '../api/record-queries.ts'
import { useWords } from '../i18n.ts'
import { Failure } from '../parts/failure.tsx'
import { useAccount } from '../parts/session-context.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import type { Condition } from './conditions.ts'
import { Results } from './results.tsx'
import { SearchBuilder } from './search-builder.tsx'

const route = getRouteApi('/record')
const often = [
  'Patient',
  'Task',
  'ServiceRequest',
  'Observation',
  'Appointment',
  'Encounter',
  'Condition',
  'MedicationRequest',
  'DocumentReference',
  'Communication',
  'Consent',
  'Practitioner',
]
const none: readonly Condition[] = []

/** The record as FHIR holds it: search any type, and read what is found. */
export function RecordPage() {
  const { t } = useWords()
  const account = useAccount()
  const { type = 'Patient', sort } = route.useSearch()
  const navigate = route.useNavigate()
  const kept = useRouterState({ select: (state) => state.location.state.recordSearch })
  const capability = useQuery(capabilityQuery)
  const types = capability.data?.rest?.[0]?.resource ?? []
  const conditions = kept?.by === account.id && kept.type === type ? kept.conditions : none
  const parameters = types.find((one) => one.type === type)?.searchParam
  const search = (next: readonly Condition[], nextSort: string | undefined) =>
    void navigate({
      search: { type, ...(nextSort === undefined ? {} : { sort: nextSort }) },
      state: { recordSearch: { by: account.id, type, conditions: next } },
    })
  const seldom = types.map((one) => one.type ?? '').filter((one) => !often.includes(one))
  return (
    <>
      <div className="page-head">
        <h1>{t('record')}</h1>
        <NativeSelect
          size="xs"
          aria-label={t('resourceType')}
          value={type}
          data={[
            { group: t('typesOften'), items: often },
            { group: t('typesAll'), items: seldom },
          ]}
          onChange={(event) => void navigate({ search: { type: event.currentTarget.value } })}
        />
        <p className="quiet">{t('recordLead')}</p>
      </div>
      {capability.isPending && <Waiting />}
      {capability.error && !capability.data && <Failure error={capability.error} retry={capability.refetch} />}
      {capability.data && !parameters && <Empty title={t('noSuchType')} />}
      {parameters && (
        <>
          <SearchBuilder
            // Going back in the browser brings the former search back into the fields.
            key={`${type} ${sort ?? ''} ${JSON.stringify(conditions)}`}
            parameters={parameters}
            conditions={conditions}
            sort={sort}
            search={search}
          />
          <Results type={type} conditions={conditions} sort={sort} />
        </>
      )}
    </>
  )
}
